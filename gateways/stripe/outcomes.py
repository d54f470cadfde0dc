"""Translates what Stripe said of a payment into an outcome."""

from gateways.stripe.declines import decline_message, decline_reason
from gateways.stripe.failures import Failure, Why
from gateways.stripe.replies import Intent
from server.domain.outcomes import (
    Approved,
    Canceled,
    Declined,
    NextAction,
    NextActionKind,
    NotSent,
    Outcome,
    Refused,
    Unknown,
    Waiting,
)

DENIED_MESSAGE = "Stripe does not accept the configured credentials."
BUSY_MESSAGE = "Stripe cannot be reached or is too busy; nothing was sent."
_LONGEST_DETAIL = 100


def outcome_of(intent: Intent) -> Outcome:
    """Where a PaymentIntent stands. Source: docs.stripe.com/payments/paymentintents/lifecycle."""
    match intent.status:
        case "succeeded":
            return Approved(
                intent.id,
                intent.received_minor,
                captured=True,
                receipt_url=intent.receipt_url,
                fee_minor=intent.movement.fee_minor if intent.movement else None,
                available_on=intent.movement.available_on if intent.movement else None,
            )
        case "requires_capture":
            return Approved(intent.id, intent.capturable_minor, captured=False, receipt_url=intent.receipt_url)
        case "requires_action" if intent.redirect_url is not None:
            return Waiting(intent.id, NextAction(NextActionKind.REDIRECT, intent.redirect_url))
        case "requires_action" | "requires_confirmation" | "processing":
            return Waiting(intent.id)
        case "canceled":
            return Canceled(intent.id)
        case "requires_payment_method" if intent.error is not None:
            error = intent.error
            return Declined(
                decline_reason(error.code, error.decline_code), decline_message(error.code, error.message), intent.id
            )
        case _:
            # Stripe wipes the error of an intent that is edited later: without it, nothing says that the card was refused.
            return Unknown(f"Stripe's payment is {intent.status[:_LONGEST_DETAIL]} and does not say why.")


def failed_outcome(failure: Failure) -> Outcome:
    """What a failure means for an operation that was sent this once and never before."""
    match failure.why:
        case Why.NOT_SENT:
            return NotSent(BUSY_MESSAGE)
        case Why.DECLINED:
            return Declined(
                decline_reason(failure.code, failure.decline_code),
                decline_message(failure.code, failure.message),
                failure.payment_intent_id,
            )
        case Why.INVALID:
            return Refused(refusal_message(failure), failure.payment_intent_id)
        case Why.DENIED:
            return Refused(DENIED_MESSAGE)
        case Why.LOST | Why.STUCK:
            return Unknown("Stripe's answer was lost or says nothing.")


def failed_repeat_outcome(failure: Failure) -> Outcome:
    """What a failure means for an operation that may have been executed before: only an answer to the operation itself counts."""
    if failure.why in (Why.DECLINED, Why.INVALID):
        return failed_outcome(failure)
    return Unknown("Stripe has not told yet what became of the operation.")


def refusal_message(failure: Failure) -> str:
    """Names Stripe's code and parameter, which are Stripe's own words; its text can quote what was sent."""
    details = [detail[:_LONGEST_DETAIL] for detail in (failure.code, failure.param) if detail]
    return f"Stripe refused the request: {', '.join(details)}." if details else "Stripe refused the request."
