"""The lists of orders and of callbacks, compared with lists of plain Python values: filters, pages, cursors and totals."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.domain.inbox import Decision, Judgement, ReceivedCallback
from server.domain.listing import CallbackFilter, CallbackQuery, Cursor, OrderFilter, OrderQuery, Page
from server.domain.order import Order, OrderStatus
from server.domain.ports import Store, Transaction
from server.storage.repositories import callbacks, orders, payment_intents
from server.storage.repositories.newest_first import NewestFirst
from server.storage.store import SqlStore
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, a_callback, an_id, an_order
from tests.integration.storage.plans import plan_of

STATUSES = [OrderStatus.PENDING, OrderStatus.PAID, OrderStatus.SHIPPED]
DECISIONS = [Decision.APPLIED, Decision.REJECTED, Decision.PENDING]
COUNT = 40

ORDERS = [
    an_order(number, user_id=str(number % 4), status=STATUSES[number % 3], created_at=NOON, updated_at=NOON)
    for number in range(1, COUNT + 1)
]
CALLBACKS = [
    a_callback(
        number,
        gateway=(None, "alipay", "wechat")[number % 3],
        judgement=Judgement(
            DECISIONS[number % 3 - 1],
            reference=f"N{number % 4}" if number % 5 else None,
            payment_id=an_id(800 + number % 4) if number % 5 else None,
        ),
    )
    for number in range(1, COUNT + 1)
]


def fits_order(order: Order, wanted: OrderFilter) -> bool:
    return wanted.user_id in (None, order.user_id) and wanted.status in (None, order.status)


def fits_callback(callback: ReceivedCallback, wanted: CallbackFilter) -> bool:
    judgement, at = callback.judgement, callback.message.received_at
    return (
        wanted.gateway in (None, callback.gateway)
        and wanted.decision in (None, judgement.decision)
        and wanted.payment_id in (None, judgement.payment_id)
        and wanted.reference in (None, judgement.reference)
        and (wanted.received_after is None or at > wanted.received_after)
        and (wanted.received_before is None or at < wanted.received_before)
    )


@dataclass(frozen=True)
class Kind:
    """One of the two lists."""

    rows: list[Any]
    repository: Callable[[Transaction], Any]
    query: type[Any]
    everything: Any
    fits: Callable[[Any, Any], bool]
    place: Callable[[Any], UUID]
    stranger: Any

    async def fill(self, store: Store) -> None:
        """All rows, and one of another merchant that no list may show."""

        def insert(tx: Transaction) -> None:
            for row in (*self.rows, self.stranger):
                self.repository(tx).insert(row)

        await store.transaction(insert)

    async def page(self, store: Store, query: Any) -> Page[Any]:
        page: Page[Any] = await store.read(lambda tx: self.repository(tx).list(MERCHANT, query))
        return page

    def expected(self, wanted: Any) -> list[Any]:
        """The whole list that a page is of."""
        return [row for row in reversed(self.rows) if self.fits(row, wanted)]


OF_ORDERS = Kind(
    rows=ORDERS,
    repository=lambda tx: tx.orders,
    query=OrderQuery,
    everything=OrderFilter(),
    fits=fits_order,
    place=lambda order: order.uuid,
    stranger=an_order(999, merchant_id=OTHER_MERCHANT),
)
OF_CALLBACKS = Kind(
    rows=CALLBACKS,
    repository=lambda tx: tx.callbacks,
    query=CallbackQuery,
    everything=CallbackFilter(),
    fits=fits_callback,
    place=lambda callback: callback.id,
    stranger=a_callback(999, merchant_id=OTHER_MERCHANT),
)
KINDS = pytest.mark.parametrize("kind", [OF_ORDERS, OF_CALLBACKS], ids=["orders", "callbacks"])

_TIMES = st.none() | st.integers(0, COUNT).map(lambda seconds: NOON + timedelta(seconds=seconds))
ORDER_FILTERS = st.builds(
    OrderFilter,
    user_id=st.none() | st.sampled_from(["0", "1", "nobody"]),
    status=st.none() | st.sampled_from([*STATUSES, OrderStatus.CANCELLED]),
)
CALLBACK_FILTERS = st.builds(
    CallbackFilter,
    gateway=st.none() | st.sampled_from(["alipay", "wechat", "paypal"]),
    decision=st.none() | st.sampled_from([*DECISIONS, Decision.QUARANTINED]),
    payment_id=st.none() | st.integers(800, 804).map(an_id),
    reference=st.none() | st.sampled_from(["N0", "N1", "N9"]),
    received_after=_TIMES,
    received_before=_TIMES,
)
_PLACES = {"page": st.integers(1, 6), "per_page": st.integers(1, 12)}
ASKED = st.builds(OrderQuery, filter=ORDER_FILTERS, **_PLACES).map(lambda query: (OF_ORDERS, query)) | st.builds(
    CallbackQuery, filter=CALLBACK_FILTERS, **_PLACES
).map(lambda query: (OF_CALLBACKS, query))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], derandomize=True)
@given(asked=ASKED)
async def test_any_numbered_page_is_a_slice_of_the_list(any_store: Store, asked: tuple[Kind, Any]) -> None:
    """With the whole list's total, whatever the filter and the page."""
    kind, query = asked
    if (await kind.page(any_store, kind.query(kind.everything))).total == 0:
        await kind.fill(any_store)
    whole = kind.expected(query.filter)
    page = await kind.page(any_store, query)
    start = (query.page - 1) * query.per_page
    assert list(page.items) == whole[start : start + query.per_page]
    assert page.total == len(whole)
    assert page.next == (Cursor(kind.place(page.items[-1])) if start + query.per_page < len(whole) else None)


@KINDS
@pytest.mark.parametrize("filtered", [False, True])
async def test_cursors_walk_the_whole_list_once(any_store: Store, kind: Kind, filtered: bool) -> None:
    """Pages behind a cursor have no total."""
    await kind.fill(any_store)
    some = {OrderQuery: OrderFilter(user_id="1"), CallbackQuery: CallbackFilter(reference="N1")}[kind.query]
    wanted = some if filtered else kind.everything
    query = kind.query(wanted, per_page=3)
    page = await kind.page(any_store, query)
    walked = list(page.items)
    while page.next is not None:
        page = await kind.page(any_store, replace(query, after=page.next))
        assert page.total is None
        walked += page.items
    assert walked == kind.expected(wanted)
    assert len(walked) > 3


@KINDS
async def test_the_kept_total_survives_a_rollback(store: SqlStore, kind: Kind) -> None:
    """What was not stored is not counted."""

    def insert_and_fail(tx: Transaction) -> None:
        kind.repository(tx).insert(kind.rows[0])
        raise LookupError

    with pytest.raises(LookupError):
        await store.transaction(insert_and_fail)
    assert (await kind.page(store, kind.query(kind.everything))).total == 0
    await kind.fill(store)
    assert (await kind.page(store, kind.query(kind.everything))).total == COUNT


BY_INDEX = [
    (orders._LIST, (), "uq_orders_uuid"),
    (orders._LIST, ("status",), "ix_orders_status"),
    (orders._LIST, ("user_id",), "ix_orders_user"),
    (orders._LIST, ("status", "user_id"), "ix_orders_user_status"),
    (callbacks._LIST, (), "pk_callbacks"),
    (callbacks._LIST, ("decision",), "ix_callbacks_decision"),
    (callbacks._LIST, ("payment_id",), "ix_callbacks_payment"),
    (callbacks._LIST, ("reference",), "ix_callbacks_reference"),
    (payment_intents._LIST, (), "pk_payment_intents"),
    (payment_intents._LIST, ("status",), "ix_payment_intents_status"),
    (payment_intents._LIST, ("customer_id",), "ix_payment_intents_customer"),
    (payment_intents._LIST, ("gateway",), "ix_payment_intents_gateway"),
]


@pytest.mark.parametrize(("made", "shape", "index"), BY_INDEX)
async def test_pages_are_read_from_their_place_in_an_index(
    sqlite_store: SqlStore, made: NewestFirst, shape: tuple[str, ...], index: str
) -> None:
    """No page sorts the list or walks the table, and what comes before a numbered page is passed over in the index alone."""
    kept_by_sqlite = {
        "uq_orders_uuid": "sqlite_autoindex_orders_",
        "pk_callbacks": "sqlite_autoindex_callbacks_",
        "pk_payment_intents": "sqlite_autoindex_payment_intents_",
    }
    name = kept_by_sqlite.get(index, index)
    rows = (made._rows(shape), made._rows(shape, made._key < made._place), made._rows(shape, made._key <= made._place))
    for statement in (*rows, made._place_at(shape)):
        found = await plan_of(sqlite_store, statement)
        assert f"INDEX {name}" in found
        assert "(merchant_id=?" in found
        assert "TEMP B-TREE" not in found
    assert "COVERING INDEX" in await plan_of(sqlite_store, made._place_at(shape))
    if shape:
        assert "COVERING INDEX" in await plan_of(sqlite_store, made._count(shape))
