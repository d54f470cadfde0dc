"""Payouts as the port promises them: found by every number they have, changed by nobody else meanwhile, listed newest first."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from server.domain.errors import PayoutNotFound
from server.domain.listing import Cursor, PayoutFilter, PayoutQuery
from server.domain.payout import Payout, PayoutFailure, PayoutStatus, Stop
from server.domain.ports import Store, UniqueViolation
from server.storage.errors import StorageError
from server.storage.store import SqlStore
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, a_payout, an_id
from tests.integration.storage.test_migrations import execute

FULL = a_payout(
    1,
    "1.230",
    "KWD",
    status=PayoutStatus.FAILED,
    gateway_payout_id="po_1",
    arrival_date=date(2024, 1, 17),
    failure=PayoutFailure.RETURNED,
    failure_reason="账户 closed",
    stop=Stop(an_id(9), NOON, PayoutFailure.REFUSED, "too late"),
    needs_review=True,
    sequence=3,
)
SEEN = a_payout(2, reference=None, gateway_payout_id="po_2")


async def stored(store: Store, *payouts: Payout) -> None:
    for payout in payouts:
        await store.transaction(lambda tx, payout=payout: tx.payouts.insert(payout))  # type: ignore[misc]


@pytest.mark.parametrize("payout", [a_payout(1), FULL, SEEN, replace(SEEN, stop=Stop(an_id(9), NOON))])
async def test_a_payout_is_read_as_it_was_stored(any_store: Store, payout: Payout) -> None:
    """Every field, and by every number that it has."""
    await stored(any_store, payout)
    assert await any_store.look_up(lambda tx: tx.payouts.get(MERCHANT, payout.id)) == payout
    assert await any_store.transaction(lambda tx: tx.payouts.lock(MERCHANT, payout.id)) == payout
    assert await any_store.look_up(lambda tx: tx.payouts.find(MERCHANT, payout.id)) == payout
    if payout.reference is not None:
        reference = payout.reference
        assert await any_store.look_up(lambda tx: tx.payouts.find_by_reference(MERCHANT, "stripe", reference)) == payout
    if payout.gateway_payout_id is not None:
        number = payout.gateway_payout_id
        assert await any_store.look_up(lambda tx: tx.payouts.find_by_gateway_id(MERCHANT, "stripe", number)) == payout


async def test_another_merchants_or_gateways_payout_does_not_exist(any_store: Store) -> None:
    """By no number; and the same answer as for none at all."""
    await stored(any_store, FULL)
    for merchant_id, number in ((OTHER_MERCHANT, 1), (MERCHANT, 404)):
        with pytest.raises(PayoutNotFound):
            await any_store.look_up(lambda tx, m=merchant_id, n=number: tx.payouts.get(m, an_id(n)))  # type: ignore[misc]
        assert await any_store.look_up(lambda tx, m=merchant_id, n=number: tx.payouts.find(m, an_id(n))) is None  # type: ignore[misc]
    for owner in ((OTHER_MERCHANT, "stripe"), (MERCHANT, "paypal")):
        assert await any_store.look_up(lambda tx, o=owner: tx.payouts.find_by_reference(*o, "PAYOUT1")) is None  # type: ignore[misc]
        assert await any_store.look_up(lambda tx, o=owner: tx.payouts.find_by_gateway_id(*o, "po_1")) is None  # type: ignore[misc]


async def test_an_update_stores_what_became_of_it(any_store: Store) -> None:
    """What was asked for stays as it is."""
    await stored(any_store, a_payout(1, "1.230", "KWD"))
    await any_store.transaction(lambda tx: tx.payouts.update(FULL))
    assert await any_store.look_up(lambda tx: tx.payouts.get(MERCHANT, an_id(1))) == FULL


@pytest.mark.parametrize(
    ("second", "constraint"),
    [
        (a_payout(1, reference=None), "pk_payouts"),
        (a_payout(5, reference="PAYOUT1"), "uq_payouts_reference"),
        (a_payout(5, gateway_payout_id="po_1"), "uq_payouts_gateway_number"),
    ],
)
async def test_no_payout_is_stored_twice(any_store: Store, second: Payout, constraint: str) -> None:
    """By its id, by our number and by the gateway's: whoever comes second learns of it."""
    await stored(any_store, FULL)
    with pytest.raises(UniqueViolation) as violation:
        await stored(any_store, second)
    assert violation.value.constraint == constraint
    await stored(any_store, SEEN, replace(SEEN, id=an_id(3), gateway_payout_id=None))


async def test_no_payout_is_forgotten_or_of_nothing(store: SqlStore) -> None:
    """The database itself refuses both."""
    await stored(store, FULL)
    with pytest.raises(StorageError):
        await execute(store, "DELETE FROM payouts")
    with pytest.raises(StorageError):
        await stored(store, a_payout(7, "1.00", money=replace(FULL.money, amount_minor=0)))


async def test_the_newest_payout_is_listed_first(any_store: Store) -> None:
    """By page, with the total, and behind a cursor; another merchant's are not there."""
    await stored(any_store, *(a_payout(number) for number in (3, 1, 2)))
    await stored(any_store, a_payout(9, merchant_id=OTHER_MERCHANT))
    page = await any_store.read(lambda tx: tx.payouts.list(MERCHANT, PayoutQuery(PayoutFilter(), per_page=2)))
    assert ([item.id for item in page.items], page.total) == ([an_id(3), an_id(2)], 3)
    assert page.next == Cursor(an_id(2))
    query = PayoutQuery(PayoutFilter(), per_page=2, after=page.next)
    rest = await any_store.read(lambda tx: tx.payouts.list(MERCHANT, query))
    assert ([item.id for item in rest.items], rest.total, rest.next) == ([an_id(1)], None, None)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (PayoutFilter(status=PayoutStatus.FAILED), {1}),
        (PayoutFilter(status=PayoutStatus.PENDING), {2, 3}),
        (PayoutFilter(gateway="paypal"), {3}),
        (PayoutFilter(created_from=NOON + timedelta(seconds=2)), {2, 3}),
        (PayoutFilter(created_before=NOON + timedelta(seconds=2)), {1}),
        (PayoutFilter(PayoutStatus.PENDING, "stripe", NOON + timedelta(seconds=2), NOON + timedelta(seconds=3)), {2}),
        (PayoutFilter(PayoutStatus.PAID), set()),
    ],
)
async def test_every_filter_filters(any_store: Store, wanted: PayoutFilter, found: set[int]) -> None:
    """Alone and together: the day that begins a period is in it, the one that ends it is not; the total counts what fits."""
    await stored(any_store, FULL, SEEN, a_payout(3, gateway="paypal"))
    page = await any_store.read(lambda tx: tx.payouts.list(MERCHANT, PayoutQuery(wanted)))
    assert ({item.id for item in page.items}, page.total) == ({an_id(number) for number in found}, len(found))
