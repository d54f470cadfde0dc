"""Compares gateways' lists of disputes with what is known here."""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from server.domain.attempt import Attempt
from server.domain.callback import Check, DisputeNews
from server.domain.clock import Clock
from server.domain.dispute_list import DisputeSighting, DisputeSummary, UnreadableDispute
from server.domain.disputing import is_news
from server.domain.gateway import Capabilities, Gateway
from server.domain.jobs import Job
from server.domain.payment import Payment
from server.domain.ports import Store, Transaction
from server.operations.callback_judging import attempt_checks, dispute_checks, in_words
from server.operations.dispute_following import DisputeFollowing
from server.operations.disputed_payments import disputed_attempt
from server.operations.heard import Heard

_LOG = logging.getLogger(__name__)

# A card's bank has some hundred days to decide. PayPal tells of no more than 180 days.
_LOOKED_BACK_FOR = timedelta(days=120)
# So long is it asked for the rest of what it lists in part, as other calls share the gateway's threads and limits; the next round goes on.
_ASKED_FOR = timedelta(seconds=10)
# PayPal's and Alipay's times of a change have whole seconds: what is known of one can be the first of what happened within it, and by their clocks it may not be over.
_OVER_AFTER = timedelta(minutes=5)
# Until then what is known by a callback say is asked for once more, as the callback about the rest may be lost. Who was away for longer learns of that with the next change.
_ASKED_ONCE_MORE_FOR = timedelta(days=1)

_UNREADABLE = "it is not of the form that is documented"


@dataclass(frozen=True, slots=True)
class _Disputed:
    """The payment that is disputed, with what authorised it."""

    attempt: Attempt
    payment: Payment


@dataclass(frozen=True, slots=True)
class _News:
    """What is not known yet of a dispute; `disputed` is None where its payment is not known here."""

    disputed: _Disputed | None


class DisputeLists:
    """A dispute is taken in from a list on the same terms as from a callback: one of a payment that is not known here, or in another currency, is not."""

    # Callbacks come first, and merchants have days for their answer.
    every = timedelta(minutes=10)

    def __init__(self, *, store: Store, following: DisputeFollowing, clock: Clock) -> None:
        self._store = store
        self._following = following
        self._clock = clock
        self._heard = Heard()

    def kept_by(self, capabilities: Capabilities) -> bool:
        """Whether such a gateway lists disputes."""
        return capabilities.disputes

    def since(self, _job: Job, now: datetime) -> datetime:
        """From before the list was first followed as well: a dispute counts for the payment that it is about, and that is known here or it is not."""
        return now - _LOOKED_BACK_FOR

    async def take_in(self, merchant_id: str, gateway: Gateway, since: datetime, *, newest: bool) -> bool:
        """Compares a gateway's list with what is known here. Of payments that are not known the newest credentials alone speak."""
        listed = await gateway.disputes(since)
        until = self._clock.now() + _ASKED_FOR
        # The newest first: what was opened long ago is known, or can wait for a round.
        for each in reversed(listed or ()):
            match each:
                case DisputeSighting():
                    await self._compare(merchant_id, gateway, each, newest=newest)
                case DisputeSummary():
                    if self._clock.now() < until:
                        await self._complete(merchant_id, gateway, each, newest=newest)
                case UnreadableDispute(gateway_dispute_id=number):
                    if newest and self._heard.note((merchant_id, gateway.name, number), 0):
                        _tell_operator(gateway, number, _UNREADABLE)
                case _:
                    assert_never(each)
        return listed is not None

    async def _complete(self, merchant_id: str, gateway: Gateway, summary: DisputeSummary, *, newest: bool) -> None:
        """Asks for the rest where it can be news: a dispute that is not known, has changed since these credentials last told of it, or was changing when it was told of."""
        number = summary.gateway_dispute_id
        told = (merchant_id, gateway.name, gateway.config_version, number)
        if summary.rank <= self._heard.up_to(told):
            return
        known = await self._store.look_up(lambda tx: tx.disputes.find_by_gateway_id(merchant_id, gateway.name, number))
        unchanged_for = self._clock.now() - summary.changed_at
        if known is not None and summary.rank <= known.rank and unchanged_for > _ASKED_ONCE_MORE_FOR:
            return
        sighting = await gateway.dispute(number)
        if sighting is not None:
            await self._compare(merchant_id, gateway, sighting, newest=newest)
            if unchanged_for > _OVER_AFTER:
                # What changes after a decision is kept with no dispute, and neither is what is not ours.
                self._heard.note(told, summary.rank)

    async def _compare(self, merchant_id: str, gateway: Gateway, sighting: DisputeSighting, *, newest: bool) -> None:
        """Nearly everything on the list is known: that costs a look and no transaction."""
        found = await self._store.look_up(lambda tx: _look(tx, merchant_id, gateway.name, sighting))
        if found is None:
            return
        number, disputed = sighting.gateway_dispute_id, found.disputed
        why = in_words(_checks(disputed, gateway, sighting))
        if disputed is not None and why is None:
            await self._store.transaction(lambda tx: self._follow_in(tx, disputed.payment, sighting))
        elif newest and self._heard.note((merchant_id, gateway.name, number), 0):
            _tell_operator(gateway, number, why)

    def _follow_in(self, tx: Transaction, payment: Payment, sighting: DisputeSighting) -> bool:
        return self._following.follow_in(tx, tx.payments.lock(payment.merchant_id, payment.id), sighting.report)


def _look(tx: Transaction, merchant_id: str, gateway: str, sighting: DisputeSighting) -> _News | None:
    """None for what tells nothing new. What a dispute that is known is about is known, too."""
    known = tx.disputes.find_by_gateway_id(merchant_id, gateway, sighting.gateway_dispute_id)
    if known is not None and not is_news(known, sighting.report):
        return None
    if known is not None:
        payment = tx.payments.get(merchant_id, known.payment_id)
        return _News(_Disputed(tx.attempts.paying(payment), payment))
    attempt = disputed_attempt(tx, merchant_id, gateway, sighting.reference, sighting.gateway_payment_id)
    if attempt is None:
        return _News(None)
    return _News(_Disputed(attempt, tx.payments.get(merchant_id, attempt.payment_id)))


def _checks(disputed: _Disputed | None, gateway: Gateway, sighting: DisputeSighting) -> tuple[Check, ...]:
    """Those that are made of a callback."""
    if disputed is None:
        return attempt_checks(None, sighting.reference, gateway.config_version)
    made = attempt_checks(disputed.attempt, sighting.reference, gateway.config_version)
    return (*made, *dispute_checks(disputed.payment, DisputeNews(sighting.report)))


def _tell_operator(gateway: Gateway, gateway_dispute_id: str, why: str | None) -> None:
    facts = {"gateway": gateway.name, "dispute": gateway_dispute_id, "why": why}
    _LOG.warning("a dispute on a gateway's list is not taken in; look into it", extra=facts)
