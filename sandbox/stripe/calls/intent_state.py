"""Which state a PaymentIntent must be in for a call, and the refusal when it is not."""

from sandbox.stripe.errors import InvalidRequest
from sandbox.stripe.records.payment_intent import PaymentIntent

UPDATABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CONFIRMABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CAPTURABLE = ("requires_capture",)
CANCELABLE = ("requires_payment_method", "requires_capture", "requires_confirmation", "requires_action", "processing")


def unexpected_state(intent: PaymentIntent, message: str, param: str | None = None) -> InvalidRequest:
    """Stripe's refusal, with the intent inside."""
    return InvalidRequest(message, "payment_intent_unexpected_state", param, {"payment_intent": intent.resource()})


def require_updatable(intent: PaymentIntent) -> None:
    if intent.status not in UPDATABLE:
        raise unexpected_state(
            intent,
            f"This PaymentIntent's parameters could not be updated because it has a status of {intent.status}."
            f" You may only update the parameters of a PaymentIntent with one of the following statuses:"
            f" {', '.join(UPDATABLE)}.",
        )


def require_confirmable(intent: PaymentIntent) -> None:
    if intent.status == "succeeded":
        raise unexpected_state(
            intent,
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.",
        )
    if intent.status not in CONFIRMABLE:
        raise unexpected_state(
            intent,
            f"You cannot confirm this PaymentIntent because it has a status of {intent.status}. Only a PaymentIntent with"
            f" one of the following statuses may be confirmed: {', '.join(CONFIRMABLE)}.",
        )


def require_capturable(intent: PaymentIntent) -> None:
    if intent.status == "succeeded":
        raise unexpected_state(intent, "This PaymentIntent could not be captured because it has already been captured.")
    if intent.status not in CAPTURABLE:
        raise unexpected_state(
            intent,
            f"This PaymentIntent could not be captured because it has a status of {intent.status}. Only a PaymentIntent"
            " with one of the following statuses may be captured: requires_capture.",
        )


def require_cancelable(intent: PaymentIntent) -> None:
    if intent.status not in CANCELABLE:
        raise unexpected_state(
            intent,
            f"You cannot cancel this PaymentIntent because it has a status of {intent.status}. Only a PaymentIntent with"
            f" one of the following statuses may be canceled: {', '.join(CANCELABLE)}.",
        )
