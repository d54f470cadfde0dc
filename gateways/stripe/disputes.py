"""What Stripe says of a dispute. Sources: docs.stripe.com/api/disputes/object and docs.stripe.com/disputes/how-disputes-work."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

from gateways.stripe.amounts import from_stripe
from gateways.stripe.fields import integer, optional_text, text
from server.domain.dispute import DisputeReport, DisputeStatus, Moved
from server.domain.dispute_list import DisputeSighting, ListedDispute, UnreadableDispute
from server.domain.money import Money

SUBMISSION_KEY = "sycee_submission"
"""The one key of ours in a dispute's metadata: which evidence of ours it has."""

_LONGEST_WORD = 100

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
    amount_minor = from_stripe(integer(fields, "amount"), currency)
    return DisputeReport(
        gateway_dispute_id=text(fields, "id"),
        status=status,
        money=Money(amount_minor, currency),
        reason=text(fields, "reason")[:_LONGEST_WORD],
        rank=rank,
        evidence_due_by=_due_by(fields),
        moved=_moved(fields, Money(amount_minor, currency)),
    )


def listed(fields: Mapping[str, object]) -> ListedDispute:
    """A dispute of Stripe's list, which tells all of it."""
    try:
        return DisputeSighting(report_of(fields), gateway_payment_id=optional_text(fields, "payment_intent"))
    except Exception:  # noqa: BLE001 - what is not of its form fails in many ways, and may not hold up the rest of the list
        return UnreadableDispute((optional_text(fields, "id") or "")[:_LONGEST_WORD])


def _moved(fields: Mapping[str, object], disputed: Money) -> Moved:
    """What left the merchant's balance for the dispute, and what came back: none, one or two movements, all of them in every report; each with a fee, or one given back."""
    listed = fields["balance_transactions"]
    if not isinstance(listed, list):
        raise TypeError("no balance_transactions")
    movements = [each for each in listed if isinstance(each, dict)]
    moved, fees = ([of(each, disputed) for each in movements] for of in (_amount_minor, _fee_minor))
    return Moved(
        taken_minor=-sum(minor for minor in moved if minor < 0),
        returned_minor=sum(minor for minor in moved if minor > 0),
        fee_minor=sum(minor for minor in fees if minor > 0),
        returned_fee_minor=-sum(minor for minor in fees if minor < 0),
    )


def _amount_minor(movement: Mapping[str, object], disputed: Money) -> int:
    """Below zero for what left. One in another currency, as the balance may be, is of the disputed amount."""
    units = integer(movement, "amount")
    if _is_in(movement, disputed.currency):
        return from_stripe(units, disputed.currency)
    return disputed.amount_minor * ((units > 0) - (units < 0))


def _fee_minor(movement: Mapping[str, object], disputed: Money) -> int:
    """One that cannot be said in the dispute's currency is on no account that we keep for the payment."""
    try:
        return from_stripe(integer(movement, "fee"), disputed.currency) if _is_in(movement, disputed.currency) else 0
    except ValueError:
        return 0


def _is_in(movement: Mapping[str, object], currency: str) -> bool:
    return text(movement, "currency").upper() == currency


def _due_by(fields: Mapping[str, object]) -> datetime | None:
    details = fields.get("evidence_details")
    due_by = details.get("due_by") if isinstance(details, dict) else None
    return datetime.fromtimestamp(due_by, UTC) if isinstance(due_by, int) else None
