"""A refund as a row and back."""

from server.domain.money import Money
from server.domain.refund import Refund, RefundFailure, RefundReason, RefundStatus
from server.storage.prepared import Record


def row_of_refund(refund: Refund) -> dict[str, object]:
    """Every column of the refund's row, by key."""
    return {
        "merchant_id": refund.merchant_id,
        "id": refund.id,
        "payment_id": refund.payment_id,
        "amount_minor": refund.money.amount_minor,
        "currency": refund.money.currency,
        "gateway": refund.gateway,
        "reference": refund.reference,
        "created_at": refund.created_at,
        "updated_at": refund.updated_at,
        "reason": refund.reason and refund.reason.value,
        "metadata_": refund.metadata,
        "status": refund.status.value,
        "gateway_refund_id": refund.gateway_refund_id,
        "failure": refund.failure and refund.failure.value,
        "failure_reason": refund.failure_reason,
        "needs_review": refund.needs_review,
        "sequence": refund.sequence,
    }


def refund_of_row(row: Record) -> Refund:
    """The refund that `row_of_refund` made the row of."""
    return Refund(
        id=row.id,
        merchant_id=row.merchant_id,
        payment_id=row.payment_id,
        money=Money(row.amount_minor, row.currency),
        gateway=row.gateway,
        reference=row.reference,
        created_at=row.created_at,
        updated_at=row.updated_at,
        reason=row.reason and RefundReason(row.reason),
        metadata=row.metadata_,
        status=RefundStatus(row.status),
        gateway_refund_id=row.gateway_refund_id,
        failure=row.failure and RefundFailure(row.failure),
        failure_reason=row.failure_reason,
        needs_review=row.needs_review,
        sequence=row.sequence,
    )
