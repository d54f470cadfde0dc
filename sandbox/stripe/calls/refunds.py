"""Refunds: all or part of a captured charge goes back, never more than was captured."""

from sandbox.json_types import Resource
from sandbox.stripe.books import Books
from sandbox.stripe.calls import lists
from sandbox.stripe.calls.movements import refund_failure_movement, refund_movement
from sandbox.stripe.currencies import formatted
from sandbox.stripe.errors import InvalidParameter, InvalidRequest
from sandbox.stripe.ids import new_id
from sandbox.stripe.records.charge import Charge
from sandbox.stripe.records.dispute import Dispute
from sandbox.stripe.records.payment_intent import PaymentIntent
from sandbox.stripe.records.refund import Refund
from sandbox.stripe.schema.metadata import updated_metadata
from sandbox.stripe.schema.params import Params

UNSIMULATED = frozenset("currency customer instructions_email origin refund_application_fee reverse_transfer".split())
SUCCEED_JOB = "succeed_refund"
FAIL_JOB = "fail_refund"


def create(books: Books, params: Params, _: str) -> Resource:
    charged = _charge(books, params)
    amount = _amount(charged, params)
    refund = Refund(
        id=new_id("re"),
        created=books.now,
        amount=amount,
        charge=charged.id,
        currency=charged.currency,
        payment_intent=charged.payment_intent,
        reference=books.merchant.fingerprint(f"{charged.id}{charged.amount_refunded}"),
        metadata=updated_metadata(params, {}),
        reason=params.text("reason"),
    )
    refund_movement(books, refund)
    charged.amount_refunded += amount
    match charged.card.behaviour.refund:
        case "at_once":
            pass
        case "pending_then_succeeds":
            refund.status = "pending"
            books.later(SUCCEED_JOB, refund)
        case "succeeds_then_fails":
            books.later(FAIL_JOB, refund)
    books.save(refund)
    books.save(charged)
    books.emit("refund.created", refund)
    books.emit("charge.refunded", charged)
    return refund.resource()


def retrieve(books: Books, params: Params, id: str) -> Resource:
    return books.need(Refund, id, "refund").resource()


def update(books: Books, params: Params, id: str) -> Resource:
    refund = books.need(Refund, id, "refund")
    before = dict(refund.metadata)
    refund.metadata = updated_metadata(params, refund.metadata)
    books.save(refund)
    _announce_update(books, refund, {"metadata": before})
    return refund.resource()


def list_all(books: Books, params: Params, _: str) -> Resource:
    return lists.page(books, params, Refund, "/v1/refunds", filters=("charge", "payment_intent"))


def succeed(books: Books, refund_id: str) -> None:
    """The bank has taken a pending refund."""
    refund = books.need(Refund, refund_id)
    refund.status = "succeeded"
    books.save(refund)
    _announce_update(books, refund, {"status": "pending"})


def fail(books: Books, refund_id: str) -> None:
    """The bank has sent a refund back: the money is the merchant's again, and can be refunded again."""
    refund = books.need(Refund, refund_id)
    charged = books.need(Charge, refund.charge)
    refund.status = "failed"
    refund.failure_reason = "expired_or_canceled_card"
    refund_failure_movement(books, refund)
    charged.amount_refunded -= refund.amount
    books.save(refund)
    books.save(charged)
    _announce_update(books, refund, {"status": "succeeded"})
    books.emit("refund.failed", refund)


def _announce_update(books: Books, refund: Refund, previous: Resource) -> None:
    books.emit("refund.updated", refund, previous)
    books.emit("charge.refund.updated", refund, previous)


def _charge(books: Books, params: Params) -> Charge:
    intent_id, charge_id = params.text("payment_intent"), params.text("charge")
    if intent_id is None and charge_id is None:
        raise InvalidParameter(
            "One of the following params should be provided for this request: payment_intent or charge.",
            "parameter_missing",
        )
    if intent_id is not None and charge_id is not None:
        raise InvalidParameter(
            "You may only specify one of these parameters: charge, payment_intent.", "parameters_exclusive", "charge"
        )
    if charge_id is not None:
        charged = books.need(Charge, charge_id, "charge")
    else:
        intent = books.need(PaymentIntent, intent_id or "", "payment_intent")
        found = books.find(Charge, intent.latest_charge) if intent.latest_charge else None
        if found is None or intent.status != "succeeded":
            raise InvalidRequest(
                f"This PaymentIntent ({intent.id}) does not have a successful charge to refund.", None, "payment_intent"
            )
        charged = found
    _require_refundable(books, charged)
    return charged


def _require_refundable(books: Books, charged: Charge) -> None:
    if any(dispute.holds_money for dispute in books.matching(Dispute, "$.charge", charged.id)):
        raise InvalidRequest(
            f"Charge {charged.id} has been charged back; cannot issue a refund.", "charge_disputed", "charge"
        )
    if charged.refunded:
        raise InvalidRequest(f"Charge {charged.id} has already been refunded.", "charge_already_refunded")
    if not charged.captured:
        raise InvalidRequest(
            f"Charge {charged.id} has not been captured; cancel its PaymentIntent instead.", "charge_not_refundable"
        )


def _amount(charged: Charge, params: Params) -> int:
    amount = params.integer("amount")
    if amount is None:
        return charged.unrefunded
    if amount < 1:
        raise InvalidParameter("This value must be greater than or equal to 1.", "parameter_invalid_integer", "amount")
    if amount > charged.unrefunded:
        raise InvalidRequest(
            f"Refund amount ({formatted(amount, charged.currency)}) is greater than unrefunded amount on charge"
            f" ({formatted(charged.unrefunded, charged.currency)})",
            None,
            "amount",
        )
    return amount
