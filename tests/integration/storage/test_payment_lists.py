"""Lists of payments, compared with a list of plain Python values: filters, orders, pages and totals."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.domain.listing import Cursor, PaymentFilter, PaymentQuery, PaymentSort
from server.domain.money import parse_common_units
from server.domain.payment import Payment, PaymentStatus
from server.domain.ports import Store
from server.storage.repositories import payment_list
from server.storage.store import SqlStore
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, a_payment, an_id
from tests.integration.storage.plans import plan_of

AMOUNTS = [
    ("59.49", "USD"),
    ("100", "JPY"),
    ("1.230", "KWD"),
    ("59.49", "EUR"),
    ("999999999999", "CLF"),
    ("0.01", "CNY"),
]
STATUSES = [PaymentStatus.PROCESSING, PaymentStatus.SUCCEEDED, PaymentStatus.FAILED]


def some_payments(count: int) -> list[Payment]:
    """Payments that differ in everything that lists look at; several share an amount or a second."""
    return [
        a_payment(
            number,
            *AMOUNTS[number % len(AMOUNTS)],
            created_at=NOON + timedelta(seconds=number // 3),
            status=STATUSES[number % 3],
            gateway=("stripe", "alipay")[number % 2],
            order_id=an_id(1000 + number % 4) if number % 5 else None,
            customer_id=an_id(2000 + number % 3) if number % 7 else None,
        )
        for number in range(1, count + 1)
    ]


async def store_all(store: Store, payments: list[Payment]) -> None:
    """Store the payments, and one of another merchant that no list may show."""
    stranger = replace(a_payment(999), merchant_id=OTHER_MERCHANT)

    def insert(tx: Any) -> None:
        for payment in (*payments, stranger):
            tx.payments.insert(payment)

    await store.transaction(insert)


def place(query: PaymentQuery) -> Callable[[Payment], tuple[Any, Any]]:
    """What a list is sorted by."""
    if query.sort is PaymentSort.AMOUNT:
        return lambda payment: (payment.money.common_units, payment.id)
    return lambda payment: (payment.created_at, payment.id)


def expected(payments: list[Payment], query: PaymentQuery) -> list[Payment]:
    """The whole list that a query is a page of."""
    wanted = query.filter
    found = [
        payment
        for payment in payments
        if wanted.order_id in (None, payment.order_id)
        and wanted.customer_id in (None, payment.customer_id)
        and wanted.gateway in (None, payment.gateway)
        and wanted.status in (None, payment.status)
        and (wanted.min_common_units is None or payment.money.common_units >= wanted.min_common_units)
        and (wanted.max_common_units is None or payment.money.common_units <= wanted.max_common_units)
        and (wanted.created_after is None or payment.created_at > wanted.created_after)
        and (wanted.created_before is None or payment.created_at < wanted.created_before)
    ]
    return sorted(found, key=place(query), reverse=query.descending)


FILTERS = st.builds(
    PaymentFilter,
    order_id=st.none() | st.integers(1000, 1004).map(an_id),
    customer_id=st.none() | st.integers(2000, 2003).map(an_id),
    gateway=st.none() | st.sampled_from(["stripe", "alipay", "paypal"]),
    status=st.none() | st.sampled_from([*STATUSES, PaymentStatus.REFUNDED]),
    min_common_units=st.none()
    | st.sampled_from(["0", "1.23", "59.49", "100"]).map(lambda t: parse_common_units(t, "")),
    max_common_units=st.none()
    | st.sampled_from(["0", "1.23", "59.49", "100"]).map(lambda t: parse_common_units(t, "")),
    created_after=st.none() | st.integers(0, 14).map(lambda s: NOON + timedelta(seconds=s)),
    created_before=st.none() | st.integers(0, 14).map(lambda s: NOON + timedelta(seconds=s)),
)
QUERIES = st.builds(
    PaymentQuery,
    filter=FILTERS,
    sort=st.sampled_from(PaymentSort),
    descending=st.booleans(),
    page=st.integers(1, 5),
    per_page=st.integers(1, 12),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(query=QUERIES)
async def test_any_numbered_page_is_a_slice_of_the_sorted_list(any_store: Store, query: PaymentQuery) -> None:
    """With the whole list's total, whatever the filter, order and page."""
    payments = some_payments(40)
    if (await any_store.read(lambda tx: tx.payments.list(MERCHANT, PaymentQuery(PaymentFilter())))).total == 0:
        await store_all(any_store, payments)
    whole = expected(payments, query)
    page = await any_store.read(lambda tx: tx.payments.list(MERCHANT, query))
    start = (query.page - 1) * query.per_page
    assert list(page.items) == whole[start : start + query.per_page]
    assert page.total == len(whole)
    assert (page.next is None) is (start + query.per_page >= len(whole))


@pytest.mark.parametrize(
    ("sort", "descending", "status"), list(product(PaymentSort, [True, False], [None, PaymentStatus.SUCCEEDED]))
)
async def test_cursors_walk_the_whole_list_once(
    any_store: Store, sort: PaymentSort, descending: bool, status: PaymentStatus | None
) -> None:
    """Equal amounts and equal seconds included; pages behind a cursor have no total."""
    payments = some_payments(40)
    await store_all(any_store, payments)
    query = PaymentQuery(PaymentFilter(status=status), sort, descending, per_page=7)
    walked: list[Payment] = []
    page = await any_store.read(lambda tx: tx.payments.list(MERCHANT, query))
    walked += page.items
    while page.next is not None:
        behind = replace(query, after=page.next)
        page = await any_store.read(lambda tx, behind=behind: tx.payments.list(MERCHANT, behind))  # type: ignore[misc]
        assert page.total is None
        walked += page.items
    assert walked == expected(payments, query)


async def test_a_cursor_stands_still_while_payments_arrive(any_store: Store) -> None:
    """Unlike a page's number: nothing is shown twice."""
    await store_all(any_store, some_payments(10))
    query = PaymentQuery(PaymentFilter(), per_page=4)
    first = await any_store.read(lambda tx: tx.payments.list(MERCHANT, query))
    await any_store.transaction(lambda tx: tx.payments.insert(a_payment(50)))
    second = await any_store.read(lambda tx: tx.payments.list(MERCHANT, replace(query, after=first.next)))
    assert [payment.id for payment in second.items] == [an_id(number) for number in (6, 5, 4, 3)]


@pytest.mark.parametrize("sort", PaymentSort)
async def test_a_cursor_of_nothing_gives_an_empty_page(store: Store, sort: PaymentSort) -> None:
    """One that the merchant has no payment for, or that lacks its amount."""
    await store_all(store, some_payments(5))
    query = PaymentQuery(PaymentFilter(), sort, after=Cursor(an_id(999)))
    page = await store.read(lambda tx: tx.payments.list(MERCHANT, query))
    assert (page.items, page.next) == ((), None)


BY_INDEX = [
    ((), PaymentSort.CREATED_AT, "ix_payments_created"),
    ((), PaymentSort.AMOUNT, "ix_payments_amount"),
    (("status",), PaymentSort.CREATED_AT, "ix_payments_status"),
    (("gateway",), PaymentSort.CREATED_AT, "ix_payments_gateway"),
    (("customer_id",), PaymentSort.CREATED_AT, "ix_payments_customer"),
    (("order_id",), PaymentSort.CREATED_AT, "ix_payments_order"),
    (("created_after", "created_before"), PaymentSort.CREATED_AT, "ix_payments_created"),
    (("min_common_units", "max_common_units"), PaymentSort.AMOUNT, "ix_payments_amount"),
]


@pytest.mark.parametrize(("filters", "sort", "index"), BY_INDEX)
async def test_pages_are_read_from_their_place_in_an_index(
    sqlite_store: SqlStore, filters: tuple[str, ...], sort: PaymentSort, index: str
) -> None:
    """No page sorts the list or walks the table, and what comes before a numbered page is passed over in the index."""
    shape = payment_list._Shape(filters, sort, descending=True)
    page, key_at = payment_list._page(shape), payment_list._key_at(shape)
    behind, starting = payment_list._page_behind(shape), payment_list._page_from(shape)
    for statement in (page, behind, starting, key_at):
        found = await plan_of(sqlite_store, statement)
        assert f"INDEX {index} (merchant_id=?" in found
        assert "TEMP B-TREE" not in found
    assert "COVERING INDEX" in await plan_of(sqlite_store, key_at)


async def test_the_kept_total_survives_a_rollback(store: Store) -> None:
    """A payment that was not stored is not counted."""

    def insert_and_fail(tx: Any) -> None:
        tx.payments.insert(a_payment(1))
        raise LookupError

    with pytest.raises(LookupError):
        await store.transaction(insert_and_fail)
    await store_all(store, some_payments(2))
    assert (await store.read(lambda tx: tx.payments.list(MERCHANT, PaymentQuery(PaymentFilter())))).total == 2
