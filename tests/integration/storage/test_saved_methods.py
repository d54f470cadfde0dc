"""Saved payment methods as the port promises them: by id and by the gateway's token, one default per customer, the deleted ones kept and not listed."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from server.domain.listing import Cursor, SavedMethodQuery
from server.domain.outcomes import Card
from server.domain.payment import PaymentMethodKind
from server.domain.ports import Store, Transaction, UniqueViolation
from server.domain.saved_method import SavedMethod
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, an_id

CUSTOMER, OTHER_CUSTOMER = an_id(901), an_id(902)


def a_method(number: int, **changes: object) -> SavedMethod:
    """A card of the customer's."""
    method = SavedMethod(
        id=an_id(number),
        merchant_id=MERCHANT,
        customer_id=CUSTOMER,
        gateway="stripe",
        kind=PaymentMethodKind.CARD,
        token=f"pm_{number}",
        gateway_customer_id="cus_1",
        created_at=NOON + timedelta(seconds=number),
    )
    return replace(method, **changes)  # type: ignore[arg-type]


async def given(store: Store, *methods: SavedMethod) -> None:
    def insert(tx: Transaction) -> None:
        for method in methods:
            tx.saved_methods.insert(method)

    await store.transaction(insert)


async def test_one_is_read_as_it_was_stored(any_store: Store) -> None:
    """Every field, by its id and by its token, for its merchant alone."""
    full = a_method(1, card=Card("visa", "4242", 12, 2030, "fp_1"), is_default=True, off_session=True)
    await given(any_store, full, a_method(2))
    for read in (any_store.read, any_store.look_up, any_store.transaction):
        assert await read(lambda tx: tx.saved_methods.find(MERCHANT, full.id)) == full
        assert await read(lambda tx: tx.saved_methods.by_token(MERCHANT, "stripe", "pm_1")) == full
        assert await read(lambda tx: tx.saved_methods.find(MERCHANT, an_id(2))) == a_method(2)
        assert await read(lambda tx: tx.saved_methods.find(OTHER_MERCHANT, full.id)) is None
        assert await read(lambda tx: tx.saved_methods.by_token(OTHER_MERCHANT, "stripe", "pm_1")) is None
        assert await read(lambda tx: tx.saved_methods.by_token(MERCHANT, "other", "pm_1")) is None
    assert await any_store.transaction(lambda tx: tx.saved_methods.lock(MERCHANT, full.id)) == full
    assert await any_store.transaction(lambda tx: tx.saved_methods.default_of(MERCHANT, CUSTOMER)) == full
    assert await any_store.transaction(lambda tx: tx.saved_methods.default_of(MERCHANT, OTHER_CUSTOMER)) is None


async def test_a_deleted_one_stays_and_is_found_by_its_id_alone(any_store: Store) -> None:
    """Its token may be saved anew."""
    deleted = a_method(1, is_default=True).delete(NOON)
    await given(any_store, a_method(1, is_default=True))
    await any_store.transaction(lambda tx: tx.saved_methods.update(deleted))
    await given(any_store, a_method(2, token="pm_1", is_default=True))
    assert await any_store.read(lambda tx: tx.saved_methods.find(MERCHANT, deleted.id)) == deleted
    living = await any_store.read(lambda tx: tx.saved_methods.by_token(MERCHANT, "stripe", "pm_1"))
    assert living is not None
    assert living.id == an_id(2)


@pytest.mark.parametrize(
    ("second", "rule"),
    [
        (a_method(2, token="pm_1"), "uq_saved_methods_token"),
        (a_method(2, is_default=True), "uq_saved_methods_default"),
        (a_method(1, token="pm_2"), "pk_saved_methods"),
    ],
)
async def test_the_database_refuses_a_second_one(any_store: Store, second: SavedMethod, rule: str) -> None:
    """Of a token, of a customer's default, of an id."""
    await given(any_store, a_method(1, is_default=True))
    with pytest.raises(UniqueViolation) as refused:
        await given(any_store, second)
    assert refused.value.constraint == rule


async def test_another_default_beside_the_first_is_refused(any_store: Store) -> None:
    """Also where a change would make it; another customer's is none of theirs."""
    await given(any_store, a_method(1, is_default=True), a_method(2), a_method(3, customer_id=OTHER_CUSTOMER))
    await any_store.transaction(
        lambda tx: tx.saved_methods.update(a_method(3, customer_id=OTHER_CUSTOMER, is_default=True))
    )
    with pytest.raises(UniqueViolation):
        await any_store.transaction(lambda tx: tx.saved_methods.update(a_method(2).as_default()))


async def test_a_customers_methods_are_listed_newest_first(any_store: Store) -> None:
    """By pages and behind a cursor; neither the deleted ones nor anybody else's."""
    mine = [a_method(number) for number in range(1, 6)]
    await given(
        any_store,
        *mine,
        a_method(6, deleted_at=NOON),
        a_method(7, customer_id=OTHER_CUSTOMER),
        a_method(8, merchant_id=OTHER_MERCHANT),
    )
    first = await any_store.read(lambda tx: tx.saved_methods.list(MERCHANT, SavedMethodQuery(CUSTOMER, per_page=2)))
    assert (first.items, first.total) == ((mine[4], mine[3]), 5)
    assert first.next == Cursor(mine[3].id)
    rest = SavedMethodQuery(CUSTOMER, per_page=3, after=first.next)
    last = await any_store.read(lambda tx: tx.saved_methods.list(MERCHANT, rest))
    assert (last.items, last.total, last.next) == ((mine[2], mine[1], mine[0]), None, None)
    numbered = SavedMethodQuery(CUSTOMER, page=3, per_page=2)
    assert (await any_store.read(lambda tx: tx.saved_methods.list(MERCHANT, numbered))).items == (mine[0],)


async def test_a_gateways_name_of_a_customer_is_the_latest(any_store: Store) -> None:
    """One per merchant, customer and gateway."""

    async def named(merchant: str = MERCHANT, customer: UUID = CUSTOMER, gateway: str = "stripe") -> str | None:
        return await any_store.look_up(lambda tx: tx.saved_methods.gateway_customer(merchant, customer, gateway))

    async def name(customer: str) -> None:
        await any_store.transaction(lambda tx: tx.saved_methods.name_customer(MERCHANT, CUSTOMER, "stripe", customer))

    assert await named() is None
    for customer in ("cus_1", "cus_2"):
        await name(customer)
        assert await named() == customer
    assert await named(merchant=OTHER_MERCHANT) is None
    assert await named(customer=OTHER_CUSTOMER) is None
    assert await named(gateway="other") is None
