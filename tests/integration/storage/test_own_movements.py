"""Gateways' own movements as the port promises them: each number once, each merchant's by themselves, and none ever changed."""

from dataclasses import replace

import pytest

from server.domain.ids import prefixed
from server.domain.ledger import Posting
from server.domain.money import Money
from server.domain.own_movement import OwnMovement, OwnMovementKind, own_movement_id
from server.domain.ports import Store, Transaction, UniqueViolation
from server.domain.proof import Discrepancy
from server.storage.store import SqlStore
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, an_id
from tests.integration.storage.test_ledger_proof import found
from tests.integration.storage.test_migrations import execute

FEE = OwnMovement("txn_1", OwnMovementKind.FEE, Money(-200, "USD"), 0, NOON, NOON.date())
ADJUSTED = OwnMovement("txn_2", OwnMovementKind.ADJUSTMENT, Money(-700, "USD"), 25, NOON, NOON.date())
FEE_ID, ADJUSTED_ID = (own_movement_id("stripe", each.gateway_transaction_id) for each in (FEE, ADJUSTED))


async def insert(store: Store, movement: OwnMovement, merchant_id: str = MERCHANT, gateway: str = "stripe") -> None:
    await store.transaction(lambda tx: tx.own_movements.insert(merchant_id, gateway, movement, NOON))


async def post(store: Store, *movements: OwnMovement) -> None:
    """Each with its posting."""

    def write(tx: Transaction) -> None:
        for number, movement in enumerate(movements, start=101):
            tx.own_movements.insert(MERCHANT, "stripe", movement, NOON)
            tx.ledger.post(MERCHANT, movement.posting("stripe", NOON), an_id(number), NOON)

    await store.transaction(write)


async def test_what_is_stored_is_known(any_store: Store) -> None:
    """Of whatever is asked, and to its merchant alone."""
    await insert(any_store, FEE)
    asked = [FEE_ID, ADJUSTED_ID, an_id(1)]
    for merchant_id, known in ((MERCHANT, {FEE_ID}), (OTHER_MERCHANT, set())):
        assert await any_store.read(lambda tx, m=merchant_id: tx.own_movements.known(m, asked)) == known  # type: ignore[misc]
        assert await any_store.read(lambda tx, m=merchant_id: tx.own_movements.known(m, [])) == frozenset()  # type: ignore[misc]


async def test_a_number_is_stored_once(any_store: Store) -> None:
    """Whatever it is said to be the second time; another merchant's and another gateway's are others."""
    await insert(any_store, FEE)
    with pytest.raises(UniqueViolation):
        await insert(any_store, replace(ADJUSTED, gateway_transaction_id="txn_1"))
    await insert(any_store, FEE, OTHER_MERCHANT)
    await insert(any_store, FEE, gateway="paypal")


@pytest.mark.parametrize("change", ["UPDATE own_movements SET kind = 'fee'", "DELETE FROM own_movements"])
async def test_the_database_refuses_to_change_one(store: SqlStore, change: str) -> None:
    """What was posted stays what it was posted for."""
    await insert(store, ADJUSTED)
    with pytest.raises(Exception, match=r"own_movements refuses|23001"):
        await execute(store, change)


async def test_honest_movements_are_proven(store: SqlStore) -> None:
    """In either direction, with a fee and without, pending and available."""
    later = replace(ADJUSTED, gateway_transaction_id="txn_3", available_on=NOON.date().replace(day=28))
    returned = replace(FEE, gateway_transaction_id="txn_4", money=Money(5, "JPY"))
    await post(store, FEE, ADJUSTED, later, returned)
    assert await found(store) == ()


async def test_a_movement_without_its_posting_is_found(store: SqlStore) -> None:
    """By what it kept, and by what it moved."""
    await insert(store, FEE)
    assert await found(store) == (Discrepancy("own_movement_equals_its_posting", str(FEE_ID), "USD", 200, 0),)
    await insert(store, ADJUSTED)
    told = {(one.subject, one.expected_minor, one.actual_minor) for one in await found(store)}
    assert told == {(str(FEE_ID), 200, 0), (str(ADJUSTED_ID), -700, 0), (str(ADJUSTED_ID), 25, 0)}


@pytest.mark.parametrize("make", [Posting.fee, Posting.adjustment])
async def test_a_posting_without_its_movement_is_found(store: SqlStore, make: type[Posting]) -> None:
    """No gateway has said that."""
    made = make(FEE_ID, "stripe", Money(200, "USD"))  # type: ignore[call-arg, arg-type]
    await store.transaction(lambda tx: tx.ledger.post(MERCHANT, made, an_id(101), NOON))
    (told,) = await found(store)
    assert (told.rule, told.subject) == ("posting_has_its_source", prefixed("txn", an_id(101)))


async def test_a_movement_that_is_posted_as_another_amount_is_found(store: SqlStore) -> None:
    """In the account that it is wrong in."""

    def write(tx: Transaction) -> None:
        tx.own_movements.insert(MERCHANT, "stripe", ADJUSTED, NOON)
        wrong = replace(ADJUSTED, money=Money(-701, "USD"))
        tx.ledger.post(MERCHANT, wrong.posting("stripe", NOON), an_id(101), NOON)

    await store.transaction(write)
    assert await found(store) == (Discrepancy("own_movement_equals_its_posting", str(ADJUSTED_ID), "USD", -700, -701),)
