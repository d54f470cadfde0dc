"""The one place where a gateway's answer changes a payment, whether a call, a callback or a query brought it."""

from datetime import datetime, timedelta
from typing import assert_never

from server.domain.attempt import Attempt, AttemptKind
from server.domain.money import Money
from server.domain.outcomes import Approved, Canceled, Declined, NotSent, Outcome, Refused, Unknown, Unpaid, Waiting
from server.domain.payment import Change, Payment

# Card networks hold an authorisation for seven days; see docs.stripe.com/payments/place-a-hold-on-a-payment-method.
AUTHORISATION_VALID_FOR = timedelta(days=7)

# What neither ended the payment nor is unknown.
_Step = Approved | Waiting | Declined | Refused | NotSent

# How long a customer may take for a challenge or an approval when the gateway names no time of its own.
CUSTOMER_MAY_TAKE = timedelta(hours=1)


def settle(payment: Payment, attempt: Attempt, outcome: Outcome, at: datetime) -> Change | None:
    """What an outcome changes; None when it changes nothing: an unknown one, no news, or one that the payment has behind it.

    An older answer never takes back a newer one: a captured payment stays captured whatever arrives late, and money that
    was taken counts even when the payment had ended.
    """
    if payment.captured:
        return None
    match outcome:
        case Approved(captured=True) as taken:
            amount = Money(taken.amount_minor, payment.money.currency)
            return payment.under(attempt.reference).capture(
                taken.gateway_payment_id,
                amount,
                at,
                taken.receipt_url,
                taken.paid_at,
                fee_minor=taken.fee_minor or 0,
                available_on=taken.available_on,
            )
        case Canceled(gateway_payment_id=number):
            return payment.cancel(number, at) if payment.open else None
        case Unknown() | Unpaid():
            return None
        case Approved() | Waiting() | Declined() | Refused() | NotSent():
            if not payment.open:
                return None
            if attempt.kind is AttemptKind.AUTHORISE:
                return _settle_start(payment, attempt, outcome, at)
            return _settle_operation(payment, outcome, at)
    assert_never(outcome)


def _settle_start(payment: Payment, attempt: Attempt, outcome: _Step, at: datetime) -> Change | None:
    """An answer to the attempt that started the payment. Once the money is reserved there is nothing older to learn."""
    if payment.authorised:
        return None
    match outcome:
        case Approved(gateway_payment_id=number):
            return payment.authorise(number, at, AUTHORISATION_VALID_FOR)
        case Waiting() if payment.operated_on:
            return None
        case Waiting(gateway_payment_id=number, next_action=next_action, expires_at=expires_at):
            change = payment.wait(number, next_action, at, expires_at or at + CUSTOMER_MAY_TAKE)
            return change if _differs(payment, change.payment) else None
        case Declined() | Refused() | NotSent():
            ended = attempt.settle(outcome, at)
            end = payment.fail if payment.intent_id is None else payment.await_another_try
            return end(ended.reason or "GATEWAY_ERROR", ended.message or "", at, ended.gateway_payment_id)
    assert_never(outcome)


def _settle_operation(payment: Payment, outcome: _Step, at: datetime) -> Change | None:
    """An answer to a capture or a cancel that says that it did not happen, or has not happened yet."""
    match outcome:
        case Approved(gateway_payment_id=number):
            stands = payment.authorised and not payment.operated_on
            reopened = payment.reopen(at).payment
            return None if stands else reopened.authorise(number, at, AUTHORISATION_VALID_FOR)
        case Waiting():
            return None
        case Declined() | Refused() | NotSent():
            return payment.reopen(at) if payment.operated_on else None
    assert_never(outcome)


def _differs(before: Payment, after: Payment) -> bool:
    return (before.status, before.next_action, before.gateway_payment_id) != (
        after.status,
        after.next_action,
        after.gateway_payment_id,
    )
