"""A dispute as a row and back."""

from server.domain.dispute import Dispute, DisputeStatus, Moved
from server.domain.money import Money
from server.storage.prepared import Record
from server.storage.repositories.evidence_json import evidence_of_json, json_of_evidence


def row_of_dispute(dispute: Dispute) -> dict[str, object]:
    """Every column of the dispute's row, by key."""
    return {
        "merchant_id": dispute.merchant_id,
        "id": dispute.id,
        "payment_id": dispute.payment_id,
        "gateway": dispute.gateway,
        "gateway_dispute_id": dispute.gateway_dispute_id,
        "amount_minor": dispute.money.amount_minor,
        "currency": dispute.money.currency,
        "status": dispute.status.value,
        "reason": dispute.reason,
        "rank": dispute.rank,
        "created_at": dispute.created_at,
        "updated_at": dispute.updated_at,
        "evidence": None if dispute.evidence is None else json_of_evidence(dispute.evidence),
        "evidence_due_by": dispute.evidence_due_by,
        "sequence": dispute.sequence,
        "taken_minor": dispute.moved.taken_minor,
        "returned_minor": dispute.moved.returned_minor,
        "fee_minor": dispute.moved.fee_minor,
        "returned_fee_minor": dispute.moved.returned_fee_minor,
        "movements": dispute.movements,
    }


def dispute_of_row(row: Record) -> Dispute:
    """The dispute that `row_of_dispute` made the row of."""
    return Dispute(
        id=row.id,
        merchant_id=row.merchant_id,
        payment_id=row.payment_id,
        gateway=row.gateway,
        gateway_dispute_id=row.gateway_dispute_id,
        money=Money(row.amount_minor, row.currency),
        status=DisputeStatus(row.status),
        reason=row.reason,
        rank=row.rank,
        created_at=row.created_at,
        updated_at=row.updated_at,
        evidence=None if row.evidence is None else evidence_of_json(row.evidence),
        evidence_due_by=row.evidence_due_by,
        moved=Moved(row.taken_minor, row.returned_minor, row.fee_minor, row.returned_fee_minor),
        movements=row.movements,
        sequence=row.sequence,
    )
