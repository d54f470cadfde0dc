"""The one place where a gateway's answer changes a payment, whether a call, a callback or a query brought it."""

from datetime import datetime, timedelta
from typing import assert_never

from server.domain.attempt import Attempt, AttemptKind
from server.domain.money import Money
from server.domain.outcomes import Approved, Canceled, Declined, NotSent, Outcome, Refused, Unknown, Waiting
from server.domain.payment import Change, Payment, PaymentStatus

# Card networks hold an authorisation for seven days; see docs.stripe.com/payments/place-a-hold-on-a-payment-method.
AUTHORISATION_VALID_FOR = timedelta(days=7)

# How long a customer may take for a challenge or an approval when the gateway names no time of its own.
CUSTOMER_MAY_TAKE = timedelta(hours=1)


def settle(payment: Payment, attempt: Attempt, outcome: Outcome, at: datetime) -> Change | None:
    """What an outcome changes; None when it changes nothing: an unknown one, or one that a final payment has behind it.

    An older answer never takes back a newer one: a captured payment stays captured whatever arrives late.
    """
    if not payment.open:
        return None
    match outcome:
        case Approved(gateway_payment_id=number, captured=True, amount_minor=amount_minor, receipt_url=receipt_url):
            return payment.capture(number, Money(amount_minor, payment.money.currency), at, receipt_url)
        case Approved(gateway_payment_id=number):
            return None if _stands_authorised(payment) else payment.authorise(number, at, AUTHORISATION_VALID_FOR)
        case Canceled(gateway_payment_id=number):
            return payment.cancel(number, at)
        case Waiting(gateway_payment_id=number, next_action=next_action, expires_at=expires_at):
            change = payment.wait(number, next_action, at, expires_at or at + CUSTOMER_MAY_TAKE)
            return change if _differs(payment, change.payment) else None
        case Declined() | Refused() | NotSent():
            ended = attempt.settle(outcome, at)
            if attempt.kind is AttemptKind.AUTHORISE:
                return payment.fail(ended.reason or "GATEWAY_ERROR", ended.message or "", at, ended.gateway_payment_id)
            return payment.reopen(at)
        case Unknown():
            return None
    assert_never(outcome)


def _stands_authorised(payment: Payment) -> bool:
    return payment.authorised and payment.status is PaymentStatus.PENDING


def _differs(before: Payment, after: Payment) -> bool:
    return (before.status, before.next_action, before.gateway_payment_id) != (
        after.status,
        after.next_action,
        after.gateway_payment_id,
    )
