"""Stripe's balance transactions that belong to nothing else, in our words; and none that is posted with something else."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from gateways.stripe.own_movements import listed
from server.domain.money import Money
from server.domain.own_movement import OwnMovement, OwnMovementKind, UnreadableMovement
from tests.builders import NOON

FEE, ADJUSTMENT = OwnMovementKind.FEE, OwnMovementKind.ADJUSTMENT


def a_transaction(**changes: Any) -> dict[str, Any]:
    """2.00 USD for Radar, say."""
    made: dict[str, Any] = {
        "id": "txn_1",
        "object": "balance_transaction",
        "amount": -200,
        "available_on": int(NOON.timestamp()),
        "balance_type": "payments",
        "created": int(NOON.timestamp()),
        "currency": "usd",
        "fee": 0,
        "reporting_category": "fee",
        "source": None,
        "status": "available",
        "type": "stripe_fee",
    }
    made |= changes
    return {"net": made["amount"] - made["fee"], **made}


def an_adjustment(**changes: Any) -> dict[str, Any]:
    return a_transaction(**{"type": "adjustment", "reporting_category": "other_adjustment", "amount": 700} | changes)


def read(fields: dict[str, Any]) -> tuple[OwnMovementKind, int, int] | None:
    movement = listed(fields)
    if movement is None:
        return None
    assert isinstance(movement, OwnMovement), fields
    return movement.kind, movement.money.amount_minor, movement.fee_minor


def test_a_movement_is_read_whole() -> None:
    """Its number, its own time, and the day from which on the money is there."""
    later = int(datetime(2024, 1, 17, 23, 59, tzinfo=UTC).timestamp())
    fields = an_adjustment(currency="kwd", amount=-1230, fee=10, available_on=later, status="pending")
    assert listed(fields) == OwnMovement("txn_1", ADJUSTMENT, Money(-1230, "KWD"), 10, NOON, date(2024, 1, 17))


@pytest.mark.parametrize(
    ("fields", "movement"),
    [
        (a_transaction(), (FEE, -200, 0)),
        (a_transaction(amount=200), (FEE, 200, 0)),
        (a_transaction(type="stripe_fx_fee"), (FEE, -200, 0)),
        (a_transaction(type="tax_fee", reporting_category="tax"), (FEE, -200, 0)),
        (a_transaction(fee=38), (FEE, -238, 0)),
        (an_adjustment(), (ADJUSTMENT, 700, 0)),
        (an_adjustment(amount=-700, fee=25), (ADJUSTMENT, -700, 25)),
        (an_adjustment(amount=0, fee=-1500), (ADJUSTMENT, 0, -1500)),
        (an_adjustment(reporting_category="fee", amount=-700), (FEE, -700, 0)),
        (an_adjustment(source="ch_1"), (ADJUSTMENT, 700, 0)),
        (an_adjustment(type="topup", reporting_category="topup", source="tu_1"), (ADJUSTMENT, 700, 0)),
        (an_adjustment(type="contribution", amount=-100), (ADJUSTMENT, -100, 0)),
        (an_adjustment(currency="isk", amount=70000), (ADJUSTMENT, 700, 0)),
        ({key: value for key, value in an_adjustment().items() if key != "balance_type"}, (ADJUSTMENT, 700, 0)),
    ],
)
def test_fees_and_adjustments_are_told_apart(
    fields: dict[str, Any], movement: tuple[OwnMovementKind, int, int]
) -> None:
    """By type and reporting category; a fee is all that was kept, in whichever direction."""
    assert read(fields) == movement


@pytest.mark.parametrize(
    "changes",
    [
        *({"reporting_category": category} for category in ("dispute", "dispute_reversal", "refund_failure")),
        *({"reporting_category": category} for category in ("charge_failure", "payout_reversal", "refund")),
        {"reporting_category": "risk_reserved_funds"},
        *({"source": source} for source in ("du_1", "dp_1", "re_1", "pyr_1", "po_1")),
        {"source": "du_1", "reporting_category": "fee"},
        {"balance_type": "issuing"},
        {"balance_type": "risk_reserved"},
        {"amount": 0},
    ],
)
def test_what_is_posted_elsewhere_or_moves_nothing_is_left(changes: dict[str, Any]) -> None:
    """Disputes, refunds and payouts post their own money; other balances are not the one that is paid out."""
    assert listed(an_adjustment(**changes)) is None


def test_a_fee_that_was_waived_at_once_moves_nothing() -> None:
    """Nothing of it is left."""
    assert listed(a_transaction(amount=-200, fee=-200)) is None


@pytest.mark.parametrize(
    "changes",
    [
        *({"id": id} for id in (None, "", 7)),
        {"currency": "xxx"},
        {"currency": "isk", "amount": 70},
        *({"amount": amount, "net": amount} for amount in (10**12, True, "700", 7.5, None)),
        {"net": 1},
        {"net": None},
        {"created": -1},
        {"available_on": None},
        {"available_on": 10**18},
        {"reporting_category": None},
    ],
)
def test_what_is_not_of_its_form_is_named_and_not_posted(changes: dict[str, Any]) -> None:
    """An amount that its currency cannot express, too."""
    fields = an_adjustment() | changes
    number = fields["id"] if isinstance(fields["id"], str) else ""
    assert listed(fields) == UnreadableMovement(number)
