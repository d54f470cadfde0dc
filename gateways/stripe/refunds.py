"""Returns money through Stripe, and finds out what became of a refund whose answer was lost or not final."""

from typing import assert_never

from gateways.stripe.client import StripeApi
from gateways.stripe.failures import Failure, Why
from gateways.stripe.keys import KEPT_FOR, refund_key
from gateways.stripe.outcomes import BUSY_MESSAGE, DENIED_MESSAGE, refusal_message
from gateways.stripe.replies import ReturnedMoney
from gateways.stripe.request import refund_params
from server.domain.attempt import Attempt
from server.domain.clock import Clock
from server.domain.outcomes import NotSent, Refunded, RefundFailed, RefundOutcome, RefundPending, Unknown
from server.domain.refund import Refund

_LONGEST_DETAIL = 100


class Refunding:
    """One refund at Stripe for each refund of ours: the same call under the same key, and Stripe's own list where the key no longer tells."""

    def __init__(self, api: StripeApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        """Sends a refund for the first time."""
        reply = await self._create(refund, charge)
        return await self._now(reply) if isinstance(reply, ReturnedMoney) else _first_failure(reply)

    async def resume(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        """Never makes a second refund; what cannot be found out yet is Unknown."""
        if refund.gateway_refund_id is not None:
            return await self._read(refund.gateway_refund_id)
        if self._clock.now() - refund.created_at >= KEPT_FOR:
            # Stripe may have forgotten the key, and would take the call for a new one. What it does not list by now was never made, and nobody is about to make it.
            found = await self._api.find_refund(_intent_id(charge), refund.reference)
            if found is not None:
                return _told(found)
        reply = await self._create(refund, charge)
        match reply:
            case ReturnedMoney():
                return await self._now(reply)
            case Failure(why=Why.INVALID | Why.DECLINED | Why.STUCK):
                # Stripe looks at the parameters and the state of the charge before it looks at the key, and an earlier call may be why there is nothing left.
                return await self._listed(refund, charge, reply)
            case Failure():
                return _not_told()

    async def _create(self, refund: Refund, charge: Attempt) -> ReturnedMoney | Failure:
        return await self._api.create_refund(refund_params(refund, _intent_id(charge)), refund_key(refund))

    async def _now(self, reply: ReturnedMoney) -> RefundOutcome:
        """Where the refund stands; a kept reply is as old as the first call, and the bank may have spoken since."""
        return await self._read(reply.id) if reply.replayed else outcome_of(reply)

    async def _read(self, refund_id: str) -> RefundOutcome:
        return _told(await self._api.retrieve_refund(refund_id))

    async def _listed(self, refund: Refund, charge: Attempt, failure: Failure) -> RefundOutcome:
        found = await self._api.find_refund(_intent_id(charge), refund.reference)
        if found is not None:
            return _told(found)
        return _not_told() if failure.why is Why.STUCK else RefundFailed(refusal_message(failure))


def outcome_of(refund: ReturnedMoney) -> RefundOutcome:
    """Where a Refund stands. Source: docs.stripe.com/refunds#failed-refunds and docs.stripe.com/api/refunds/object#refund_object-status."""
    match refund.status:
        case "succeeded":
            return Refunded(refund.id)
        case "pending" | "requires_action":
            return RefundPending(refund.id)
        case "failed" | "canceled":
            ended = "failed" if refund.status == "failed" else "was canceled"
            why = f": {refund.failure_reason[:_LONGEST_DETAIL]}" if refund.failure_reason else ""
            return RefundFailed(f"Stripe's refund {ended}{why}.", refund.id)
        case _:
            return Unknown(f"Stripe's refund is {refund.status[:_LONGEST_DETAIL]}.")


def _first_failure(failure: Failure) -> RefundOutcome:
    """What a failure means for a refund that was sent this once and never before."""
    match failure.why:
        case Why.NOT_SENT:
            return NotSent(BUSY_MESSAGE)
        case Why.INVALID | Why.DECLINED:
            return RefundFailed(refusal_message(failure))
        case Why.DENIED:
            return RefundFailed(DENIED_MESSAGE)
        case Why.LOST | Why.STUCK:
            return _not_told()
    assert_never(failure.why)


def _told(reply: ReturnedMoney | Failure) -> RefundOutcome:
    """A failed look tells nothing of the refund."""
    return outcome_of(reply) if isinstance(reply, ReturnedMoney) else _not_told()


def _not_told() -> Unknown:
    return Unknown("Stripe has not told yet what became of the refund.")


def _intent_id(charge: Attempt) -> str:
    """Only what Stripe has captured, and thus numbered, is ever refunded."""
    assert charge.gateway_payment_id is not None
    return charge.gateway_payment_id
