"""Reads Stripe's webhooks: what an event says of one of our payments, refunds or disputes, once its signature holds."""

from gateways.stripe.amounts import from_stripe
from gateways.stripe.disputes import report_of as dispute_report_of
from gateways.stripe.event import CHARGE, DISPUTE, INTENT, PAYOUT, REFUND, Event, read_event
from gateways.stripe.outcomes import outcome_of
from gateways.stripe.payouts import report_of as payout_report_of
from gateways.stripe.refunds import outcome_of as refund_outcome_of
from gateways.stripe.replies import Intent, ReturnedMoney, SentMoney
from gateways.stripe.request import REFERENCE_KEY
from gateways.stripe.signature import signature_checks
from server.domain.callback import (
    CallbackMessage,
    Check,
    CheckResult,
    DisputeNews,
    LookUp,
    News,
    NoNews,
    PaymentNews,
    PayoutNews,
    Reading,
    RefundNews,
    Unreadable,
)
from server.domain.money import Money
from server.domain.outcomes import Approved, Unknown, Waiting

# An intent as it was before it was confirmed. Events come in no order: it could arrive long after the money was taken, and says nothing of it.
_NOT_CONFIRMED = "payment_intent.created"
# Stripe reckons some charges up after their payment has succeeded, and then tells of what they moved by its number alone.
_RECKONED = "charge.updated"
_PAYOUT_EVENTS = frozenset({f"payout.{name}" for name in ("created", "updated", "paid", "failed", "canceled")})
_REFUND_EVENTS = frozenset({"refund.created", "refund.updated", "refund.failed", "charge.refund.updated"})


def read_webhook(message: CallbackMessage, secret: str) -> Reading:
    """What a webhook says to the merchant whose endpoint has that signing secret; never raises for what came from outside."""
    signature, timestamp = signature_checks(message.headers, message.body, message.received_at, secret)
    if CheckResult.FAILED in (signature.result, timestamp.result):
        return Reading((signature, timestamp, Check("event", CheckResult.SKIPPED)))
    try:
        event = read_event(message.body)
        reading = _read(event)
    except Exception as error:  # noqa: BLE001 - an object that is not of its form fails in many ways, and none of them is news
        why = str(error) if isinstance(error, Unreadable) else "the object is not of the form that its event says"
        return Reading((signature, timestamp, Check("event", CheckResult.FAILED, explanation=why)))
    checks = (signature, timestamp, Check("event", CheckResult.PASSED, actual=event.type[:100]))
    return Reading(
        checks,
        news=reading,
        reference=_reference(event) if event.kind in (INTENT, CHARGE) else None,
        gateway_payment_id=event.text("id") if event.kind == INTENT else event.text("payment_intent"),
        event_id=event.id,
    )


def _read(event: Event) -> News:
    if event.kind == INTENT and event.type.startswith("payment_intent."):
        return _payment_news(event)
    if event.kind == REFUND and event.type in _REFUND_EVENTS:
        return _refund_news(event)
    if event.kind == PAYOUT and event.type in _PAYOUT_EVENTS:
        return _payout_news(event)
    if event.kind == DISPUTE and event.type.startswith("charge.dispute."):
        return DisputeNews(dispute_report_of(event.fields))
    if event.kind == CHARGE and event.type == _RECKONED and event.text("balance_transaction") is not None:
        return LookUp(settled_too=True) if _reference(event) else NoNews("the payment was not made by this service")
    return NoNews(f"{event.type[:100]} changes nothing here")


def _payment_news(event: Event) -> News:
    if _reference(event) is None:
        return NoNews("the payment was not made by this service")
    if event.type == _NOT_CONFIRMED:
        return NoNews("the payment was only begun")
    intent = Intent.of(event.fields)
    outcome = outcome_of(intent)
    match outcome:
        case Unknown():
            return LookUp()
        case Approved(captured=True, receipt_url=None):
            # Events carry no receipt, and nobody would ask for it once the payment is settled. What is settled already is not asked for again.
            return LookUp()
        case Waiting(next_action=None) if intent.status != "processing":
            # The customer has done their part and the payment waits for us, or what they are to do is not said.
            return LookUp()
        case _:
            return PaymentNews(outcome, _money(event))


def _refund_news(event: Event) -> News:
    refund = ReturnedMoney.of(event.fields)
    outcome = refund_outcome_of(refund)
    return RefundNews(outcome, reference=refund.reference, gateway_refund_id=refund.id, money=_money(event))


def _payout_news(event: Event) -> News:
    if event.account is not None:
        return NoNews("the payout is that of a connected account, whose money is not the merchant's")
    payout = SentMoney.of(event.fields)
    report = payout_report_of(payout)
    return NoNews(f"the payout is {payout.status[:100]}") if report is None else PayoutNews(report)


def _reference(event: Event) -> str | None:
    reference = event.metadata.get(REFERENCE_KEY)
    return reference if isinstance(reference, str) and reference else None


def _money(event: Event) -> Money:
    """What the object is for: of a payment what was asked for, whatever of it is taken. Raises an exception of any kind for an object without an amount."""
    amount, currency = event.fields["amount"], event.fields["currency"]
    if not isinstance(amount, int) or isinstance(amount, bool) or not isinstance(currency, str):
        raise TypeError("no amount")
    code = currency.upper()
    return Money(from_stripe(amount, code), code)
