"""What Stripe says of a balance transaction that belongs to nothing else. Sources: docs.stripe.com/api/balance_transactions/object, docs.stripe.com/reports/balance-transaction-types and reporting-categories."""

from collections.abc import Mapping
from datetime import UTC, datetime

from gateways.stripe.amounts import from_stripe
from gateways.stripe.fields import moment, optional_text, text, units, word
from server.domain.money import Money
from server.domain.own_movement import ListedMovement, OwnMovement, OwnMovementKind, UnreadableMovement

_FEES = ("stripe_fee", "stripe_fx_fee", "tax_fee")
_FEE_CATEGORY = "fee"

TYPES = (
    *("adjustment", "climate_order_purchase", "climate_order_refund", "contribution"),
    *_FEES,
    *("topup", "topup_reversal"),
)
"""The types that are read. Left out are those of charges, refunds and payouts, which are posted with these; those of Connect, Issuing and Capital, which are not served; and those by
which Stripe holds money back, or advances it, and lets it go again: it is the merchant's meanwhile."""

# Stripe's `adjustment` is also how it moves what belongs to something else, and is posted with that.
_ELSEWHERE_CATEGORIES = frozenset(
    {
        *("charge", "charge_failure", "dispute", "dispute_reversal", "partial_capture_reversal"),
        *("payout", "payout_reversal", "refund", "refund_failure"),
        # Held back.
        *("connect_reserved_funds", "risk_reserved_funds"),
    }
)
# The ids of disputes, refunds and payouts: whatever category Stripe gives to what it moves for one.
_ELSEWHERE_SOURCES = ("dp_", "du_", "re_", "pyr_", "po_")

# Each of Stripe's balances has transactions of its own; this is the one that is paid out.
_BALANCE = "payments"

_LONGEST_WORD = 100


def listed(fields: Mapping[str, object]) -> ListedMovement | None:
    """What it is; None for what is posted with something else, is on another of Stripe's balances, or moves nothing."""
    try:
        return _movement(fields)
    except Exception:  # noqa: BLE001 - what is not of its form fails in many ways, and may not hold up the rest of the list
        return UnreadableMovement((optional_text(fields, "id") or "")[:_LONGEST_WORD])


def _movement(fields: Mapping[str, object]) -> OwnMovement | None:
    """Raises an exception of any kind for fields that are not a balance transaction's, and for an amount that its currency cannot express."""
    type, category = text(fields, "type"), text(fields, "reporting_category")
    if fields.get("balance_type", _BALANCE) != _BALANCE or (type == "adjustment" and _belongs(fields, category)):
        return None
    currency = text(fields, "currency").upper()
    amount, fee, net = (units(fields, name) for name in ("amount", "fee", "net"))
    if net != amount - fee:
        raise ValueError("net is not what is left of the amount")
    is_fee = type in _FEES or category == _FEE_CATEGORY
    if not (net if is_fee else amount or fee):
        return None
    return OwnMovement(
        gateway_transaction_id=word(text(fields, "id")),
        kind=OwnMovementKind.FEE if is_fee else OwnMovementKind.ADJUSTMENT,
        # Of a fee all that was kept is the fee, however Stripe splits it.
        money=Money(from_stripe(net if is_fee else amount, currency), currency),
        fee_minor=0 if is_fee else from_stripe(fee, currency),
        created_at=moment(fields, "created"),
        available_on=moment(fields, "available_on").astimezone(UTC).date(),
    )


def _belongs(fields: Mapping[str, object], category: str) -> bool:
    source = optional_text(fields, "source") or ""
    return category in _ELSEWHERE_CATEGORIES or source.startswith(_ELSEWHERE_SOURCES)


def oldest_first(fields: Mapping[str, object]) -> datetime:
    """Orders what several lists have; what does not say when it was made comes first, as it is unreadable anyway."""
    try:
        return moment(fields, "created")
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        return datetime.min.replace(tzinfo=UTC)
