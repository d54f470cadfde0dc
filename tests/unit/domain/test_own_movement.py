"""What a gateway moves by itself: in the books as it says, in either direction, and under one name for ever."""

from datetime import timedelta
from uuid import UUID

import pytest

from server.domain.balance import BalanceTransaction, Movement, Posted
from server.domain.ledger import Account
from server.domain.money import Money
from server.domain.own_movement import OwnMovement, OwnMovementKind, own_movement_id
from tests.builders import NOON, an_id

FEE, ADJUSTMENT = OwnMovementKind.FEE, OwnMovementKind.ADJUSTMENT
TODAY = NOON.date()


def a_movement(
    kind: OwnMovementKind, amount_minor: int, fee_minor: int = 0, days: int = 0, currency: str = "USD"
) -> OwnMovement:
    day = TODAY + timedelta(days=days)
    return OwnMovement("txn_1", kind, Money(amount_minor, currency), fee_minor, NOON, day)


def posted(movement: OwnMovement) -> dict[Account, int]:
    return {entry.account: entry.amount_minor for entry in movement.posting("fake", NOON).entries}


@pytest.mark.parametrize(
    ("movement", "entries"),
    [
        (a_movement(FEE, -200), {Account.GATEWAY_AVAILABLE: -200, Account.GATEWAY_FEES: 200}),
        (a_movement(FEE, 200), {Account.GATEWAY_AVAILABLE: 200, Account.GATEWAY_FEES: -200}),
        (a_movement(ADJUSTMENT, 700), {Account.GATEWAY_AVAILABLE: 700, Account.MERCHANT: -700}),
        (a_movement(ADJUSTMENT, -700), {Account.GATEWAY_AVAILABLE: -700, Account.MERCHANT: 700}),
        (
            a_movement(ADJUSTMENT, -700, 25),
            {Account.GATEWAY_AVAILABLE: -725, Account.GATEWAY_FEES: 25, Account.MERCHANT: 700},
        ),
        (a_movement(ADJUSTMENT, 0, 25), {Account.GATEWAY_AVAILABLE: -25, Account.GATEWAY_FEES: 25}),
    ],
)
def test_money_moves_as_the_gateway_says(movement: OwnMovement, entries: dict[Account, int]) -> None:
    """At once: the balance by what is left of the amount, fees by what was kept."""
    assert posted(movement) == entries


@pytest.mark.parametrize("kind", OwnMovementKind)
def test_what_comes_later_is_pending_until_its_day(kind: OwnMovementKind) -> None:
    """What the gateway names is the row's day; a day that has come makes it available."""
    movement = a_movement(kind, 700, days=3)
    held = movement.posting("fake", NOON).entries[0]
    assert (held.account, held.available_on) == (Account.GATEWAY_RECEIVABLE, movement.available_on)
    row = BalanceTransaction.of(Posted(an_id(), movement.posting("fake", NOON), NOON))
    assert row.available_on == movement.available_on
    held = movement.posting("fake", NOON + timedelta(days=3)).entries[0]
    assert (held.account, held.available_on) == (Account.GATEWAY_AVAILABLE, None)


@pytest.mark.parametrize(
    ("movement", "shown"),
    [
        (a_movement(FEE, -200), (Movement.FEE, -200, 0, -200)),
        (a_movement(FEE, 200), (Movement.FEE, 200, 0, 200)),
        (a_movement(ADJUSTMENT, 700, 25), (Movement.ADJUSTMENT, 700, 25, 675)),
        (a_movement(ADJUSTMENT, -700, 25, 3), (Movement.ADJUSTMENT, -700, 25, -725)),
    ],
)
def test_a_row_shows_what_the_gateway_shows(movement: OwnMovement, shown: tuple[Movement, int, int, int]) -> None:
    """Type, amount, fee and net, with the movement's own name as the source."""
    row = BalanceTransaction.of(Posted(an_id(), movement.posting("fake", NOON), NOON))
    assert (row.type, row.amount_minor, row.fee_minor, row.net_minor) == shown
    assert row.source_id == own_movement_id("fake", "txn_1")


def test_the_name_of_a_source_never_changes() -> None:
    """It is documented, so that whoever has Stripe's number finds the row, and what was posted under it is known for ever."""
    assert own_movement_id("stripe", "txn_1") == UUID("8fb79753-952c-5e24-96d5-596f137ed5cd")
    assert (
        len({own_movement_id(*each) for each in (("stripe", "txn_1"), ("stripe", "txn_2"), ("paypal", "txn_1"))}) == 3
    )


@pytest.mark.parametrize(("kind", "amount_minor", "fee_minor"), [(ADJUSTMENT, 0, 0), (FEE, 0, 0), (FEE, -200, 1)])
def test_what_moves_nothing_is_no_movement(kind: OwnMovementKind, amount_minor: int, fee_minor: int) -> None:
    """Nor is a fee with a fee on top."""
    with pytest.raises(ValueError, match="no movement"):
        a_movement(kind, amount_minor, fee_minor)
