"""Returns captured money under one number for ever: PayPal's request id and the refund's invoice id."""

from datetime import timedelta

from gateways.paypal.client import PayPalApi
from gateways.paypal.failures import Failure, Why
from gateways.paypal.outcomes import BUSY_MESSAGE, DENIED_MESSAGE, TAKEN, refund_outcome, refusal_message
from gateways.paypal.replies import Order
from gateways.paypal.request import refund_body
from server.domain.attempt import Attempt
from server.domain.clock import Clock
from server.domain.outcomes import NotSent, RefundFailed, RefundOutcome, Unknown
from server.domain.refund import Refund

# PayPal keeps a request id of a payment for 45 days and then takes the call for a new one.
_REPEATED_WITHIN = timedelta(days=44)

_NOT_TOLD = "PayPal has not told yet what became of the refund."


class Refunds:
    """A refund belongs to a capture, which the order tells."""

    def __init__(self, api: PayPalApi, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        """The first call. An order that cannot be read leaves the refund unsent."""
        order = await self._order(charge)
        if isinstance(order, Failure):
            return RefundFailed(DENIED_MESSAGE) if order.why is Why.DENIED else NotSent(BUSY_MESSAGE)
        capture_id = _refundable(order)
        if capture_id is None:
            return NotSent("PayPal shows no captured payment; nothing was sent.")
        reply = await self._api.refund_capture(capture_id, refund_body(refund, charge), refund.reference)
        if not isinstance(reply, Failure):
            return refund_outcome(reply)
        match reply.why:
            case Why.NOT_SENT:
                return NotSent(BUSY_MESSAGE)
            case Why.DENIED:
                return RefundFailed(DENIED_MESSAGE)
            case Why.INVALID | Why.DECLINED | Why.MISSING:
                return RefundFailed(refusal_message(reply))
            case Why.LOST:
                return Unknown("PayPal's answer to the refund was lost.")

    async def resume(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        """The refund as PayPal shows it by its own number or among the order's; one that is not there yet is sent again under its number, as long as PayPal knows that."""
        if refund.gateway_refund_id is not None:
            known = await self._api.refund(refund.gateway_refund_id)
            return Unknown(_NOT_TOLD) if isinstance(known, Failure) else refund_outcome(known)
        order = await self._order(charge)
        if isinstance(order, Failure):
            return Unknown(_NOT_TOLD)
        if (listed := _listed(order, refund)) is not None:
            return listed
        capture_id = _refundable(order)
        if capture_id is None or self._clock.now() - refund.created_at >= _REPEATED_WITHIN:
            return Unknown("PayPal lists no refund with our number, which is no proof that there will be none.")
        reply = await self._api.refund_capture(capture_id, refund_body(refund, charge), refund.reference)
        if not isinstance(reply, Failure):
            return refund_outcome(reply)
        if reply.why not in (Why.INVALID, Why.DECLINED):
            return Unknown(_NOT_TOLD)
        # A refusal counts only if the refund is still not there: the lost call may have made it in between.
        order = await self._order(charge)
        if isinstance(order, Failure):
            return Unknown(_NOT_TOLD)
        return _listed(order, refund) or RefundFailed(refusal_message(reply))

    async def _order(self, charge: Attempt) -> Order | Failure:
        """What is refunded was captured, and has its number."""
        assert charge.gateway_payment_id is not None
        return await self._api.order(charge.gateway_payment_id)


def _listed(order: Order, refund: Refund) -> RefundOutcome | None:
    """The refund with our number, if the order shows it."""
    return next((refund_outcome(each) for each in order.refunds if each.invoice_id == refund.reference), None)


def _refundable(order: Order) -> str | None:
    """The capture that money can be returned of; where all of it is returned already, PayPal has the last word on that."""
    return next((capture.id for capture in order.captures if capture.status in TAKEN), None)
