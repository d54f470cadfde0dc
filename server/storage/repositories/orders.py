"""The mall's orders: numbered, locked to be changed, and listed newest first."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite

from server.domain.errors import OrderNotFound
from server.domain.listing import Cursor, OrderQuery, Page
from server.domain.money import Money
from server.domain.order import Order, OrderStatus
from server.storage.prepared import Prepared, Record
from server.storage.repositories.newest_first import NewestFirst, Wanted
from server.storage.session import Session
from server.storage.tables import counters, orders

_columns = orders.c
_OF_MERCHANT = _columns.merchant_id == bindparam("merchant_id")

_COUNTER = {"name": "orders", "value": 1}
_COUNT_ON = Prepared(
    {
        name: insert(counters).on_conflict_do_update(
            index_elements=counters.primary_key, set_={"value": counters.c.value + 1}
        )
        for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
    }
)
_COUNTED = Prepared(
    sa.select(counters.c.value).where(
        counters.c.merchant_id == bindparam("merchant_id"), counters.c.name == bindparam("name")
    )
)

_INSERT = Prepared(orders.insert())
_CHANGES = ("status", "payment_id", "payment_gateway", "paid_at", "refunded_from", "updated_at")
_UPDATE = Prepared(
    orders.update()
    .where(_columns.merchant_id == bindparam("of_merchant"), _columns.id == bindparam("of_id"))
    .values({_columns[name]: bindparam(name) for name in _CHANGES})
)

_SELECT = sa.select(orders).where(_OF_MERCHANT, _columns.id == bindparam("order_id"))
_BY_ID = Prepared(_SELECT)
_LOCKED = Prepared(_SELECT.with_for_update(key_share=True))
_BY_UUID = Prepared(sa.select(orders).where(_OF_MERCHANT, _columns.uuid == bindparam("order_uuid")))

_LIST = NewestFirst(
    orders,
    _columns.uuid,
    {"user_id": _columns.user_id == bindparam("user_id"), "status": _columns.status == bindparam("status")},
)


class OrderRepository:
    """Orders, each visible to its merchant alone."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def next_id(self, merchant_id: str) -> int:
        """The next order's id; whoever else wants one waits for this transaction's end."""
        self._session.run(_COUNT_ON, {"merchant_id": merchant_id, **_COUNTER})
        row = self._session.row(_COUNTED, {"merchant_id": merchant_id, "name": _COUNTER["name"]})
        assert row is not None, "the counter was written a moment ago"
        return int(row.value)

    def insert(self, order: Order) -> None:
        """Store a new order."""
        self._session.run(_INSERT, _row_of(order))

    def update(self, order: Order) -> None:
        """Store a changed order, which this transaction has locked."""
        row = _row_of(order)
        changes = {name: row[name] for name in _CHANGES}
        if self._session.run(_UPDATE, {**changes, "of_merchant": order.merchant_id, "of_id": order.id}) != 1:
            raise LookupError(f"no order {order.id}")

    def get(self, merchant_id: str, order_id: int) -> Order:
        """The order as it is committed, or as this transaction changed it. Raises OrderNotFound."""
        return self._one(_BY_ID, merchant_id, order_id)

    def lock(self, merchant_id: str, order_id: int) -> Order:
        """The order, which nobody else changes before this transaction ends. Raises OrderNotFound."""
        return self._one(_LOCKED, merchant_id, order_id)

    def find(self, merchant_id: str, uuid: UUID) -> Order | None:
        """The order of that UUID, if there is one."""
        row = self._session.row(_BY_UUID, {"merchant_id": merchant_id, "order_uuid": uuid})
        return None if row is None else _order_of(row)

    def list(self, merchant_id: str, query: OrderQuery) -> Page[Order]:
        """One page, by number with the list's total, or behind a cursor without it."""
        wanted = query.filter
        given = {"user_id": wanted.user_id, "status": wanted.status and wanted.status.value}
        filters = {name: value for name, value in given.items() if value is not None}
        after = query.after.id if query.after else None
        found = _LIST.page(self._session, merchant_id, Wanted(filters, query.page, query.per_page, after))
        items = tuple(_order_of(row) for row in found.rows)
        return Page(items, found.total, Cursor(found.next) if found.next else None)

    def _one(self, statement: Prepared, merchant_id: str, order_id: int) -> Order:
        row = self._session.row(statement, {"merchant_id": merchant_id, "order_id": order_id})
        if row is None:
            raise OrderNotFound
        return _order_of(row)


def _row_of(order: Order) -> dict[str, object]:
    return {
        "merchant_id": order.merchant_id,
        "id": order.id,
        "uuid": order.uuid,
        "order_no": order.order_no,
        "user_id": order.user_id,
        "amount_minor": order.total.amount_minor,
        "currency": order.total.currency,
        "subject": order.subject,
        "status": order.status.value,
        "payment_id": order.payment_id,
        "payment_gateway": order.payment_gateway,
        "paid_at": order.paid_at,
        "created_at": order.created_at,
        "updated_at": order.updated_at,
        "refunded_from": order.refunded_from and order.refunded_from.value,
    }


def _order_of(row: Record) -> Order:
    return Order(
        id=row.id,
        uuid=row.uuid,
        merchant_id=row.merchant_id,
        order_no=row.order_no,
        user_id=row.user_id,
        total=Money(row.amount_minor, row.currency),
        created_at=row.created_at,
        updated_at=row.updated_at,
        subject=row.subject,
        status=OrderStatus(row.status),
        payment_id=row.payment_id,
        payment_gateway=row.payment_gateway,
        paid_at=row.paid_at,
        refunded_from=None if row.refunded_from is None else OrderStatus(row.refunded_from),
    )
