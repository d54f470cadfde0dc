"""A payment as a row and back."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.domain.dispute import Dispute
from server.domain.money import Money
from server.domain.outcomes import Card, NextAction, NextActionKind
from server.domain.payment import CaptureMethod, ConfirmationMethod, Payment, PaymentMethodKind, PaymentStatus
from server.domain.refund import Refund
from server.storage.prepared import Record


def row_of_payment(payment: Payment) -> dict[str, object]:
    """Every column of the payment's row, by key."""
    card = payment.card
    return {
        "merchant_id": payment.merchant_id,
        "id": payment.id,
        "amount_minor": payment.money.amount_minor,
        "currency": payment.money.currency,
        "common_units": payment.money.common_units,
        "gateway": payment.gateway,
        "reference": payment.reference,
        "method": payment.method.value,
        "created_at": payment.created_at,
        "updated_at": payment.updated_at,
        "capture_method": payment.capture_method.value,
        "confirmation_method": payment.confirmation_method.value,
        "order_id": payment.order_id,
        "mall_order_id": payment.mall_order_id,
        "intent_id": payment.intent_id,
        "customer_id": payment.customer_id,
        "card_brand": card and card.brand,
        "card_last4": card and card.last4,
        "card_exp_month": card and card.exp_month,
        "card_exp_year": card and card.exp_year,
        "card_fingerprint": card and card.fingerprint,
        "description": payment.description,
        "receipt_email": payment.receipt_email,
        "metadata_": payment.metadata,
        "status": payment.status.value,
        "gateway_payment_id": payment.gateway_payment_id,
        "authorised": payment.authorised,
        "captured_minor": payment.captured_minor,
        "refunded_minor": payment.refunded_minor,
        "refunding_minor": payment.refunding_minor,
        "refund_count": len(payment.refunds),
        "dispute_count": len(payment.disputes),
        "receipt_url": payment.receipt_url,
        "next_action": payment.next_action and json_of_next_action(payment.next_action),
        "failure_code": payment.failure_code,
        "failure_message": payment.failure_message,
        "captured_at": payment.captured_at,
        "canceled_at": payment.canceled_at,
        "expires_at": payment.expires_at,
        "sequence": payment.sequence,
        "version": payment.version,
    }


def payment_of_row(row: Record, refunds: Sequence[Refund], disputes: Sequence[Dispute]) -> Payment:
    """The payment that `row_of_payment` made the row of, with its refunds and its disputes, which have rows of their own."""
    return Payment(
        id=row.id,
        merchant_id=row.merchant_id,
        money=Money(row.amount_minor, row.currency),
        gateway=row.gateway,
        reference=row.reference,
        method=PaymentMethodKind(row.method),
        created_at=row.created_at,
        updated_at=row.updated_at,
        capture_method=CaptureMethod(row.capture_method),
        confirmation_method=ConfirmationMethod(row.confirmation_method),
        order_id=row.order_id,
        mall_order_id=row.mall_order_id,
        intent_id=row.intent_id,
        customer_id=row.customer_id,
        card=_card_of_row(row),
        description=row.description,
        receipt_email=row.receipt_email,
        metadata=row.metadata_,
        status=PaymentStatus(row.status),
        gateway_payment_id=row.gateway_payment_id,
        authorised=row.authorised,
        captured_minor=row.captured_minor,
        refunds=tuple(refunds),
        disputes=tuple(disputes),
        receipt_url=row.receipt_url,
        next_action=row.next_action and next_action_of_json(row.next_action),
        failure_code=row.failure_code,
        failure_message=row.failure_message,
        captured_at=row.captured_at,
        canceled_at=row.canceled_at,
        expires_at=row.expires_at,
        sequence=row.sequence,
        version=row.version,
    )


def _card_of_row(row: Record) -> Card | None:
    if row.card_brand is None:
        return None
    return Card(row.card_brand, row.card_last4, row.card_exp_month, row.card_exp_year, row.card_fingerprint)


def json_of_next_action(action: NextAction) -> dict[str, object]:
    """A next action as a column keeps it."""
    return {"kind": action.kind.value, "url": action.url, "parameters": list(action.parameters)}


def next_action_of_json(json: Mapping[str, Any]) -> NextAction:
    """The next action that `json_of_next_action` made the value of."""
    return NextAction(
        NextActionKind(json["kind"]), json["url"], tuple((name, value) for name, value in json["parameters"])
    )
