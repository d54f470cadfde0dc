"""What Stripe says of a dispute. Sources: docs.stripe.com/api/disputes/object and docs.stripe.com/disputes/how-disputes-work."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from gateways.stripe.amounts import from_stripe
from gateways.stripe.fields import integer, text
from server.domain.dispute import DisputeReport, DisputeStatus
from server.domain.money import Money

SUBMISSION_KEY = "sycee_submission"
"""The one key of ours in a dispute's metadata: which evidence of ours it has."""

_LONGEST_REASON = 100

# Each status with its place in a dispute's life. Events come in no order, and a status never follows one that stands behind it here; appeals are against a loss, which
# stays one for us: what they bring back is told by the money alone.
_STATUSES: Mapping[str, tuple[int, DisputeStatus]] = MappingProxyType(
    {
        "warning_needs_response": (1, DisputeStatus.NEEDS_RESPONSE),
        "warning_under_review": (2, DisputeStatus.UNDER_REVIEW),
        "warning_closed": (3, DisputeStatus.WARNING_CLOSED),
        "needs_response": (4, DisputeStatus.NEEDS_RESPONSE),
        "under_review": (5, DisputeStatus.UNDER_REVIEW),
        "prevented": (6, DisputeStatus.WARNING_CLOSED),
        "won": (6, DisputeStatus.WON),
        "lost": (6, DisputeStatus.LOST),
        "appeal_needs_response": (7, DisputeStatus.NEEDS_RESPONSE),
        "appeal_under_review": (8, DisputeStatus.UNDER_REVIEW),
    }
)


def takes_evidence(status: str) -> bool:
    """Whether a dispute of Stripe's waits for evidence."""
    return status.endswith("needs_response")


def report_of(fields: Mapping[str, object]) -> DisputeReport:
    """Where a dispute stands. Raises an exception of any kind for fields that are not a dispute's."""
    rank, status = _STATUSES[text(fields, "status")]
    currency = text(fields, "currency").upper()
    taken, given = _movements(fields)
    amount_minor = from_stripe(integer(fields, "amount"), currency)
    return DisputeReport(
        gateway_dispute_id=text(fields, "id"),
        status=status,
        money=Money(amount_minor, currency),
        reason=text(fields, "reason")[:_LONGEST_REASON],
        rank=rank,
        evidence_due_by=_due_by(fields),
        withdrawn_minor=amount_minor if taken else None,
        returned=bool(given),
        fee_minor=sum(_fee_minor(each, currency) for each in taken),
        returned_fee_minor=sum(_fee_minor(each, currency) for each in given),
    )


def _movements(fields: Mapping[str, object]) -> tuple[list[Mapping[str, object]], list[Mapping[str, object]]]:
    """What left the merchant's balance for the dispute, and what came back: none, one or two movements, all of them in every report."""
    listed = fields["balance_transactions"]
    if not isinstance(listed, list):
        raise TypeError("no balance_transactions")
    moved = [each for each in listed if isinstance(each, dict)]
    return [one for one in moved if integer(one, "amount") < 0], [one for one in moved if integer(one, "amount") > 0]


def _fee_minor(movement: Mapping[str, object], currency: str) -> int:
    """A fee in another currency than the dispute's is on no account that we keep for the payment."""
    if text(movement, "currency").upper() != currency:
        return 0
    return from_stripe(integer(movement, "fee"), currency)


def _due_by(fields: Mapping[str, object]) -> datetime | None:
    details = fields.get("evidence_details")
    due_by = details.get("due_by") if isinstance(details, dict) else None
    return datetime.fromtimestamp(due_by, UTC) if isinstance(due_by, int) else None
