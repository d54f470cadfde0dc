"""Decides about a callback and settles what it tells of: the decision is stored in the transaction of what it changes."""

import logging
from dataclasses import dataclass, replace
from typing import assert_never

from server.domain.attempt import Attempt
from server.domain.callback import Check, DisputeNews, LookUp, NoNews, PaymentNews, PayoutNews, RefundNews, Reply
from server.domain.clock import Clock
from server.domain.inbox import Decision, Judgement, ReceivedCallback
from server.domain.ledger import Posting, PostingKind
from server.domain.outcomes import NotSent, Unknown
from server.domain.payment import Payment
from server.domain.ports import Store, Transaction
from server.operations.callback_forms import Recognised
from server.operations.callback_inbox import CallbackInbox
from server.operations.callback_judging import (
    Verdict,
    dispute_checks,
    in_words,
    payment_checks,
    payout_checks,
    refund_checks,
    short,
)
from server.operations.callback_reading import CallbackReading, Read
from server.operations.dispute_following import DisputeFollowing
from server.operations.payout_following import PayoutFollowing
from server.operations.payout_settling import payout_of
from server.operations.refund_settling import RefundSettling
from server.operations.settling import Settling
from server.operations.taking_turns import TakingTurns

_LOG = logging.getLogger(__name__)

_REPEAT = "it tells nothing that was not known"
_UNASKED = "a refund that was not asked for here; compare the gateway's records"
_UNKNOWN_DISPUTE = "a dispute of a payment that is not known here; look it up at the gateway, and replay this when the payment is known"
_NOT_ASKED = "the gateway could not be asked whether it is genuine"
_TOO_MANY = "too many that nothing proves came at once"
_NOT_TOLD = "the gateway has not told yet; it is asked again in the background"


@dataclass(frozen=True, slots=True)
class Decided:
    """A callback with its decision, everything that was checked, and what its gateway is told."""

    callback: ReceivedCallback
    read: Read
    reply: Reply


class CallbackDeciding:
    """The one way from a callback to a change."""

    def __init__(
        self,
        *,
        store: Store,
        reading: CallbackReading,
        settling: Settling,
        refunds: RefundSettling,
        disputes: DisputeFollowing,
        payouts: PayoutFollowing,
        inbox: CallbackInbox,
        clock: Clock,
    ) -> None:
        self._store = store
        self._reading = reading
        self._settling = settling
        self._refunds = refunds
        self._disputes = disputes
        self._payouts = payouts
        self._inbox = inbox
        self._clock = clock
        self._looking: TakingTurns[bool | None] = TakingTurns()

    async def decide(self, callback: ReceivedCallback, recognised: Recognised) -> Decided:
        """Reads, checks, settles and stores. Raises Unreadable, and nothing is stored then."""
        read = await self._reading.read(callback.merchant_id, recognised)
        if isinstance(read.reading.news, DisputeNews) and read.attempt is None:
            return await self._set_aside(callback, read)
        if not read.believed:
            return await self._disbelieve(callback, read)
        match read.reading.news:
            case PaymentNews() as news:
                return await self._tell_payment(callback, read, news)
            case RefundNews() as news:
                return await self._tell_refund(callback, read, news)
            case DisputeNews() as news:
                return await self._tell_dispute(callback, read, news)
            case PayoutNews() as news:
                return await self._tell_payout(callback, read, news)
            case LookUp() as news:
                return await self._look(callback, read, news)
            case NoNews(why=why):
                return await self._keep(callback, read, Judgement(Decision.IGNORED, why))
            case None:
                raise AssertionError("what is believed says something")
        assert_never(read.reading.news)

    async def explain(self, callback: ReceivedCallback, recognised: Recognised) -> tuple[Check, ...]:
        """Every check that is made of a callback, with the configuration as it is now; changes nothing. Raises Unreadable."""
        read = await self._reading.read(callback.merchant_id, recognised)
        news, attempt, refund = read.reading.news, read.attempt, read.refund
        if isinstance(news, PaymentNews) and attempt is not None:
            payment = await self._store.look_up(lambda tx: tx.payments.get(attempt.merchant_id, attempt.payment_id))
            return (*read.checks, *payment_checks(payment, news))
        if isinstance(news, DisputeNews) and attempt is not None:
            disputed = await self._store.look_up(lambda tx: tx.payments.get(attempt.merchant_id, attempt.payment_id))
            return (*read.checks, *dispute_checks(disputed, news))
        if isinstance(news, RefundNews) and refund is not None:
            return (*read.checks, *refund_checks(refund, news))
        if isinstance(news, PayoutNews):
            return (*read.checks, *await self._payout_checks(callback, news))
        return read.checks

    async def _disbelieve(self, callback: ReceivedCallback, read: Read) -> Decided:
        if read.reading.later:
            undecided = self._judged(callback, read, Judgement(Decision.PENDING, _NOT_ASKED))
            if self._inbox.has_room_for(callback):
                await self._store.transaction(lambda tx: self._inbox.keep(tx, undecided))
            return Decided(undecided, read, Reply.LATER)
        judgement = Judgement(Decision.REJECTED, in_words(read.checks) or "it says nothing")
        refused = self._judged(callback, read, judgement)
        await self._inbox.refuse(refused)
        return Decided(refused, read, Reply.REFUSED)

    async def _tell_payment(self, callback: ReceivedCallback, read: Read, news: PaymentNews) -> Decided:
        attempt = _attempt_of(read)

        def apply(tx: Transaction) -> Decided:
            before = tx.payments.lock(attempt.merchant_id, attempt.payment_id)
            verdict = Verdict(payment_checks(before, news))
            if verdict.failed is not None:
                return self._quarantine(tx, callback, read, verdict)
            after, _ = self._settling.settle_in(tx, attempt, news.outcome)
            return self._settled(tx, callback, read, changed=after != before)

        return await self._store.transaction(apply)

    async def _tell_refund(self, callback: ReceivedCallback, read: Read, news: RefundNews) -> Decided:
        refund = read.refund
        if refund is None:
            return await self._keep(callback, read, Judgement(Decision.IGNORED, _UNASKED))

        def apply(tx: Transaction) -> Decided:
            verdict = Verdict(refund_checks(refund, news))
            if verdict.failed is not None:
                return self._quarantine(tx, callback, read, verdict)
            before = tx.payments.lock(refund.merchant_id, refund.payment_id).refund(refund.id)
            after = self._refunds.settle_in(tx, refund, news.outcome)
            return self._settled(tx, callback, read, changed=after != before)

        return await self._store.transaction(apply)

    async def _tell_dispute(self, callback: ReceivedCallback, read: Read, news: DisputeNews) -> Decided:
        attempt = _attempt_of(read)

        def apply(tx: Transaction) -> Decided:
            payment = tx.payments.lock(attempt.merchant_id, attempt.payment_id)
            verdict = Verdict(dispute_checks(payment, news))
            if verdict.failed is not None:
                return self._quarantine(tx, callback, read, verdict)
            return self._settled(tx, callback, read, changed=self._disputes.follow_in(tx, payment, news.report))

        return await self._store.transaction(apply)

    async def _tell_payout(self, callback: ReceivedCallback, read: Read, news: PayoutNews) -> Decided:
        merchant_id, gateway = callback.merchant_id, callback.gateway or ""

        def apply(tx: Transaction) -> Decided:
            known = payout_of(tx, merchant_id, gateway, news.report)
            verdict = Verdict(() if known is None else payout_checks(known, news))
            if verdict.failed is not None:
                return self._quarantine(tx, callback, read, verdict)
            changed = self._payouts.follow_in(tx, merchant_id, gateway, read.version, news.report)
            return self._settled(tx, callback, read, changed=changed)

        return await self._payouts.tell(apply)

    async def _payout_checks(self, callback: ReceivedCallback, news: PayoutNews) -> tuple[Check, ...]:
        known = await self._store.look_up(
            lambda tx: payout_of(tx, callback.merchant_id, callback.gateway or "", news.report)
        )
        return () if known is None else payout_checks(known, news)

    async def _set_aside(self, callback: ReceivedCallback, read: Read) -> Decided:
        """The gateway's own word on money that is disputed is never dropped, whoever's payment it may be."""
        judgement = Judgement(Decision.QUARANTINED, _UNKNOWN_DISPUTE)
        facts = {"callback": str(callback.id), "gateway": callback.gateway}
        _LOG.error("a payment is disputed that is not known here; look into it", extra=facts)
        return await self._keep(callback, read, judgement)

    async def _look(self, callback: ReceivedCallback, read: Read, news: LookUp) -> Decided:
        if news.proven or self._inbox.has_room_for(callback):
            return await self._look_up(callback, read, settled_too=news.settled_too)
        # One of a flood, which would become one at the gateway.
        turned_away = self._judged(callback, read, Judgement(Decision.PENDING, _TOO_MANY))
        return Decided(turned_away, read, Reply.LATER)

    async def _look_up(self, callback: ReceivedCallback, read: Read, *, settled_too: bool) -> Decided:
        """Asks the gateway. The callback is stored before: what it asks for is not lost with this process."""
        pending = replace(self._about(callback, read), stored=True)
        if not callback.stored:
            await self._store.transaction(lambda tx: self._inbox.keep(tx, replace(pending, stored=False)))
        attempt = _attempt_of(read)
        changed = await self._looking.ask(attempt.id, lambda: self._asked(attempt, settled_too=settled_too))
        if changed is None:
            return await self._keep(pending, read, Judgement(Decision.PENDING, _NOT_TOLD))
        return await self._store.transaction(lambda tx: self._settled(tx, pending, read, changed=changed))

    async def _asked(self, attempt: Attempt, *, settled_too: bool) -> bool | None:
        """Whether the gateway's word changed the payment or told of its fee; None when it gave none."""

        def fee(tx: Transaction) -> Posting | None:
            return tx.ledger.find(attempt.merchant_id, PostingKind.CHARGE_FEE, attempt.payment_id)

        def look(tx: Transaction) -> tuple[Payment, Attempt, Posting | None]:
            payment = tx.payments.get(attempt.merchant_id, attempt.payment_id)
            stored = tx.attempts.latest_authorisation(attempt.merchant_id, attempt.payment_id)
            return payment, stored, fee(tx) if settled_too else None

        before, stored, known = await self._store.look_up(look)
        if stored.final and before.captured and not settled_too:
            return False
        outcome = await self._settling.ask(stored)
        after, _ = await self._settling.settle(stored, outcome)
        if after != before or (settled_too and await self._store.look_up(fee) != known):
            return True
        return None if isinstance(outcome, Unknown | NotSent) else False

    def _quarantine(self, tx: Transaction, callback: ReceivedCallback, read: Read, verdict: Verdict) -> Decided:
        checked = replace(read, checks=(*read.checks, *verdict.checks))
        judgement = Judgement(Decision.QUARANTINED, in_words(verdict.checks))
        quarantined = self._judged(callback, checked, judgement)
        self._inbox.keep(tx, quarantined)
        facts = {"callback": str(callback.id), "gateway": callback.gateway, "reason": judgement.reason}
        _LOG.error("a signed callback does not agree with what was asked for; look into it", extra=facts)
        return Decided(quarantined, checked, Reply.ACCEPTED)

    def _settled(self, tx: Transaction, callback: ReceivedCallback, read: Read, *, changed: bool) -> Decided:
        judgement = Judgement(Decision.APPLIED) if changed else Judgement(Decision.IGNORED, _REPEAT)
        judged = self._judged(callback, read, judgement)
        self._inbox.keep(tx, judged)
        return Decided(judged, read, Reply.ACCEPTED)

    async def _keep(self, callback: ReceivedCallback, read: Read, judgement: Judgement) -> Decided:
        judged = self._judged(callback, read, judgement)
        await self._store.transaction(lambda tx: self._inbox.keep(tx, judged))
        return Decided(judged, read, Reply.ACCEPTED)

    def _judged(self, callback: ReceivedCallback, read: Read, judgement: Judgement) -> ReceivedCallback:
        about = self._about(callback, read).judgement
        named = replace(judgement, event_id=about.event_id, reference=about.reference, payment_id=about.payment_id)
        return callback.judged(named, self._clock.now())

    def _about(self, callback: ReceivedCallback, read: Read) -> ReceivedCallback:
        reading, attempt = read.reading, read.attempt
        judgement = Judgement(
            Decision.PENDING,
            event_id=short(reading.event_id),
            reference=attempt.reference if attempt else short(reading.reference),
            payment_id=attempt.payment_id if attempt else None,
        )
        return replace(callback, judgement=judgement)


def _attempt_of(read: Read) -> Attempt:
    assert read.attempt is not None, "what is believed speaks of a payment of ours"
    return read.attempt
