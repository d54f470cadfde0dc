"""Pays out through Stripe, and finds out what became of a payout, or of the order to stop it, whose answer was lost."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import assert_never

from gateways.stripe.failures import Failure, Why
from gateways.stripe.keys import KEPT_FOR, later_stop_key, payout_key, stop_key
from gateways.stripe.outcomes import BUSY_MESSAGE, DENIED_MESSAGE, refusal_message
from gateways.stripe.payout_api import PayoutApi
from gateways.stripe.replies import SentMoney
from gateways.stripe.request import payout_params
from server.domain.clock import Clock
from server.domain.outcomes import NotSent, Unknown
from server.domain.payout import Payout, PayoutStatus
from server.domain.payout_outcomes import PayoutOutcome, PayoutRefused, PayoutReport

# Our clock may differ from Stripe's, and a call that was sent at the last moment may take its time.
_MINUTES = timedelta(minutes=5)
_INSUFFICIENT = frozenset({"balance_insufficient", "insufficient_funds"})
_LONGEST_DETAIL = 100


class PayingOut:
    """One payout at Stripe for each payout of ours: the same call under the same key, and Stripe's own list where the key no longer tells."""

    def __init__(self, api: PayoutApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def pay_out(self, payout: Payout) -> PayoutOutcome:
        """Sends a payout for the first time."""
        reply = await self._create(payout)
        return await self._now(reply) if isinstance(reply, SentMoney) else _first_failure(reply)

    async def stop(self, payout: Payout) -> PayoutOutcome:
        """Stops a payout for the first time under this order."""
        number = _number(payout)
        reply = await self._api.cancel(number, stop_key(payout))
        if isinstance(reply, SentMoney):
            return await self._now(reply)
        if reply.why is Why.INVALID:
            return await self._unstopped(number, reply)
        return _first_failure(reply)

    async def resume(self, payout: Payout) -> PayoutOutcome:
        """Never makes a second payout; what cannot be found out yet is Unknown."""
        if payout.gateway_payout_id is not None:
            return await self._resume_stop(payout) if payout.stopping else await self._read(payout.gateway_payout_id)
        if self._clock.now() - payout.created_at >= KEPT_FOR:
            # Stripe may have forgotten the key, and would take the call for a new one.
            return await self._listed(payout, None)
        reply = await self._create(payout)
        match reply:
            case SentMoney():
                return await self._now(reply)
            case Failure(why=Why.INVALID | Why.DECLINED | Why.STUCK):
                # Stripe looks at the parameters and the balance before it looks at the key, and an earlier call may be why there is nothing left.
                return await self._listed(payout, reply)
            case Failure():
                return _not_told()

    async def made(self, since: datetime) -> Sequence[PayoutReport] | None:
        """What Stripe lists, oldest first."""
        listed = await self._api.list(since)
        if isinstance(listed, Failure):
            return None
        reports = (report_of(payout) for payout in reversed(listed))
        return [report for report in reports if report is not None]

    async def _create(self, payout: Payout) -> SentMoney | Failure:
        return await self._api.create(payout_params(payout), payout_key(payout))

    async def _now(self, reply: SentMoney) -> PayoutOutcome:
        """Where the payout stands; a kept reply is as old as the first call, and the payout may have gone on since."""
        return await self._read(reply.id) if reply.replayed else _outcome_of(reply)

    async def _read(self, payout_id: str) -> PayoutOutcome:
        reply = await self._api.retrieve(payout_id)
        return _outcome_of(reply) if isinstance(reply, SentMoney) else _not_told()

    async def _listed(self, payout: Payout, failure: Failure | None) -> PayoutOutcome:
        """What Stripe lists with our number. What it does not list once the key has outlived every call under it was never made, and nobody is about to make it."""
        assert payout.reference is not None, "only what was asked for here is sent from here"
        made, now = payout.created_at, self._clock.now()
        found = await self._api.find(payout.reference, made - _MINUTES, made + KEPT_FOR + _MINUTES)
        match found:
            case SentMoney():
                return _outcome_of(found)
            case Failure():
                return _not_told()
            case None if failure is not None and failure.why is not Why.STUCK:
                return _refused(failure)
            case None if now - made >= KEPT_FOR + 2 * _MINUTES:
                return PayoutRefused("Stripe has never made the payout; its answer was lost.")
            case None:
                return _not_told()
        assert_never(found)

    async def _resume_stop(self, payout: Payout) -> PayoutOutcome:
        number = _number(payout)
        stands = await self._read(number)
        if not isinstance(stands, PayoutReport) or stands.status is not PayoutStatus.PENDING:
            return stands
        reply = await self._api.cancel(number, later_stop_key(payout, self._clock.now()))
        if isinstance(reply, SentMoney):
            return await self._now(reply)
        return await self._unstopped(number, reply) if reply.why is Why.INVALID else _not_told()

    async def _unstopped(self, number: str, failure: Failure) -> PayoutOutcome:
        """Stripe did not stop it: where it stands tells why, unless it still waits."""
        stands = await self._read(number)
        waits = isinstance(stands, PayoutReport) and stands.status is PayoutStatus.PENDING
        return _refused(failure) if waits else stands


def report_of(payout: SentMoney) -> PayoutReport | None:
    """Where a Payout stands; None for a status that is not documented. Source: docs.stripe.com/api/payouts/object#payout_object-status."""
    try:
        status = PayoutStatus(payout.status)
    except ValueError:
        return None
    why = f": {payout.failure_code[:_LONGEST_DETAIL]}" if payout.failure_code else ""
    return PayoutReport(
        gateway_payout_id=payout.id,
        money=payout.money,
        status=status,
        created_at=payout.created_at,
        reference=payout.reference,
        arrival_date=payout.arrives_at.date(),
        failure_reason=f"The bank did not take the payout{why}." if status is PayoutStatus.FAILED else None,
    )


def _outcome_of(payout: SentMoney) -> PayoutOutcome:
    return report_of(payout) or Unknown(f"Stripe's payout is {payout.status[:_LONGEST_DETAIL]}.")


def _first_failure(failure: Failure) -> PayoutOutcome:
    """What a failure means for a call that was sent this once and never before."""
    match failure.why:
        case Why.NOT_SENT:
            return NotSent(BUSY_MESSAGE)
        case Why.INVALID | Why.DECLINED:
            return _refused(failure)
        case Why.DENIED:
            return PayoutRefused(DENIED_MESSAGE)
        case Why.LOST | Why.STUCK:
            return _not_told()
    assert_never(failure.why)


def _refused(failure: Failure) -> PayoutRefused:
    return PayoutRefused(refusal_message(failure), insufficient=failure.code in _INSUFFICIENT)


def _not_told() -> Unknown:
    return Unknown("Stripe has not told yet what became of the payout.")


def _number(payout: Payout) -> str:
    """Only what Stripe has numbered is ever stopped."""
    assert payout.gateway_payout_id is not None
    return payout.gateway_payout_id
