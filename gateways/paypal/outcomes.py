"""Translates what PayPal said of an order, a capture or a refund into an outcome."""

from gateways.paypal.failures import Failure, Why
from gateways.paypal.replies import Authorization, Capture, Order, RefundReply
from server.domain.outcomes import (
    Approved,
    Canceled,
    Declined,
    DeclineReason,
    NotSent,
    Outcome,
    Refunded,
    RefundFailed,
    RefundOutcome,
    RefundPending,
    Refused,
    Unknown,
    Unpaid,
    Waiting,
)

DENIED_MESSAGE = "PayPal does not accept the configured credentials."
BUSY_MESSAGE = "PayPal cannot be reached or is too busy; nothing was sent."
DECLINED_MESSAGE = "PayPal declined the payment."
_LONGEST_DETAIL = 64

# What is returned later was taken first. Source: `capture_status` of the payments v2 API.
TAKEN = ("COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED")
_NOTTAKEN = ("DECLINED", "FAILED")

_REASONS = {"CARD_EXPIRED": DeclineReason.EXPIRED_CARD}


def outcome_of(order: Order, currency: str) -> Outcome:
    """Where an order stands, by the money first. Source: developer.paypal.com/docs/api/orders/v2, `order_status`; one that is approved is not paid."""
    captures = sorted(order.captures, key=_certainty)
    if captures and captures[0].status not in _NOTTAKEN:
        return capture_outcome(order.id, captures[0], currency)
    if order.authorization is not None:
        return _authorization_outcome(order.id, order.authorization, currency)
    if captures:
        return capture_outcome(order.id, captures[0], currency)
    match order.status:
        case "CREATED" | "SAVED" | "PAYER_ACTION_REQUIRED" | "APPROVED":
            return Unpaid(order.id)
        case "VOIDED":
            return Canceled(order.id)
        case _:
            return _unclear("order", order.status)


def capture_outcome(order_id: str, capture: Capture, currency: str) -> Outcome:
    """What a capture means for its payment. Source: `capture_status` of the payments v2 API."""
    match capture.status:
        case status if status in TAKEN:
            if capture.money.currency != currency:
                return Unknown("PayPal shows the payment in another currency than was asked for.")
            return Approved(
                order_id,
                capture.money.amount_minor,
                captured=True,
                paid_at=capture.created_at,
                fee_minor=capture.fee_minor,
            )
        case "PENDING":
            return Waiting(order_id)
        case status if status in _NOTTAKEN:
            return Declined(DeclineReason.CARD_DECLINED, DECLINED_MESSAGE, order_id)
        case status:
            return _unclear("capture", status)


def _authorization_outcome(order_id: str, authorization: Authorization, currency: str) -> Outcome:
    """Source: `authorization_status` of the payments v2 API."""
    match authorization.status:
        case "CREATED" if authorization.money.currency == currency:
            return Approved(order_id, authorization.money.amount_minor, captured=False)
        case "PENDING":
            return Waiting(order_id)
        case "DENIED":
            return Declined(DeclineReason.CARD_DECLINED, DECLINED_MESSAGE, order_id)
        case "VOIDED" | "EXPIRED":
            return Canceled(order_id)
        case status:
            return _unclear("authorization", status)


def refund_outcome(refund: RefundReply) -> RefundOutcome:
    """Source: `refund_status` of the payments v2 API."""
    match refund.status:
        case "COMPLETED":
            return Refunded(refund.id)
        case "PENDING":
            return RefundPending(refund.id)
        case "FAILED" | "CANCELLED":
            return RefundFailed(f"PayPal's refund is {refund.status}.", refund.id)
        case status:
            return Unknown(f"PayPal's refund is {status[:_LONGEST_DETAIL]}.")


def failed_outcome(failure: Failure, order_id: str | None = None) -> Outcome:
    """What a failure means for an operation that was sent this once and never before."""
    match failure.why:
        case Why.NOT_SENT:
            return NotSent(BUSY_MESSAGE)
        case Why.DENIED:
            return Refused(DENIED_MESSAGE)
        case Why.DECLINED:
            reason = _REASONS.get(failure.issue or "", DeclineReason.CARD_DECLINED)
            return Declined(reason, DECLINED_MESSAGE, order_id)
        case Why.INVALID | Why.MISSING:
            return Refused(refusal_message(failure), order_id)
        case Why.LOST:
            return Unknown("PayPal's answer was lost or says nothing.")


def failed_repeat_outcome(failure: Failure, order_id: str | None = None) -> Outcome:
    """What a failure means for an operation that may have been executed before: only an answer to the operation itself counts."""
    if failure.why in (Why.DECLINED, Why.INVALID):
        return failed_outcome(failure, order_id)
    return Unknown("PayPal has not told yet what became of the operation.")


def unread_outcome(failure: Failure) -> Outcome:
    """What it means that an order could not be read before something was to be done with it for the first time: that was not done."""
    match failure.why:
        case Why.DENIED:
            return Refused(DENIED_MESSAGE)
        case Why.NOT_SENT | Why.LOST:
            return NotSent("PayPal does not tell where the payment stands; nothing was changed.")
        case Why.MISSING | Why.INVALID | Why.DECLINED:
            return unread_repeat_outcome(failure)


def unread_repeat_outcome(_: Failure) -> Outcome:
    """A failed look tells nothing of the payment, not even `no such order`: then our credentials may be another account's."""
    return Unknown("PayPal has not told yet where the payment stands.")


def refusal_message(failure: Failure) -> str:
    """Names PayPal's own code; its texts can quote what was sent."""
    return f"PayPal refused the request: {failure.issue}." if failure.issue else "PayPal refused the request."


def _certainty(capture: Capture) -> int:
    """A capture that took the money tells more than one that may still, and that more than one that was declined before another was tried."""
    return 0 if capture.status in TAKEN else 2 if capture.status in _NOTTAKEN else 1


def _unclear(what: str, status: str) -> Unknown:
    return Unknown(f"PayPal's {what} is {status[:_LONGEST_DETAIL]} and does not say what became of the money.")
