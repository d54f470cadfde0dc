"""Pages of payments: each order and each filter has an index that ends in the order, so a page costs what it shows."""

from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.listing import Cursor, Page, PaymentFilter, PaymentQuery, PaymentSort
from server.domain.payment import Payment
from server.storage.prepared import Prepared
from server.storage.repositories.of_payments import disputes_of, refunds_of
from server.storage.repositories.payment_rows import payment_of_row
from server.storage.session import Session
from server.storage.tables import payments, row_counts

_columns = payments.c
_OF_MERCHANT = _columns.merchant_id == bindparam("merchant_id")

# A filter's field and its condition, whose parameter has the field's name.
_CONDITIONS: dict[str, sa.ColumnElement[bool]] = {
    "order_id": _columns.order_id == bindparam("order_id"),
    "customer_id": _columns.customer_id == bindparam("customer_id"),
    "gateway": _columns.gateway == bindparam("gateway"),
    "status": _columns.status == bindparam("status"),
    "min_common_units": _columns.common_units >= bindparam("min_common_units"),
    "max_common_units": _columns.common_units <= bindparam("max_common_units"),
    "created_after": _columns.created_at > bindparam("created_after"),
    "created_before": _columns.created_at < bindparam("created_before"),
}
# Filters that leave few rows, whatever the merchant's size.
_SELECTIVE = {"order_id", "customer_id"}

_CREATED_AT = Prepared(sa.select(_columns.created_at).where(_OF_MERCHANT, _columns.id == bindparam("payment_id")))
_COUNT_OF_ALL = Prepared(
    sa.select(sa.func.sum(row_counts.c.row_count).label("total")).where(
        row_counts.c.merchant_id == bindparam("merchant_id"), row_counts.c.counted_table == payments.name
    )
)


class _Shape(NamedTuple):
    """What makes two lists two statements; everything else is a parameter."""

    filters: tuple[str, ...]
    sort: PaymentSort
    descending: bool

    @property
    def wanted(self) -> list[sa.ColumnElement[bool]]:
        return [_OF_MERCHANT, *(_CONDITIONS[name] for name in self.filters)]

    @property
    def sorted_by(self) -> sa.ColumnElement[Any]:
        if self.sort is PaymentSort.CREATED_AT:
            return _columns.created_at
        if _SELECTIVE.isdisjoint(self.filters):
            return _columns.common_units
        # An expression, not the column: planners would walk the amounts of all rows in order to sort these few.
        return _columns.common_units + sa.literal_column("0")

    @property
    def order(self) -> list[sa.ColumnElement[Any]]:
        columns = (self.sorted_by, _columns.id)
        return [column.desc() if self.descending else column.asc() for column in columns]

    @property
    def key(self) -> sa.Tuple:
        """A row's place in the order."""
        return sa.tuple_(self.sorted_by, _columns.id)

    @property
    def place(self) -> sa.Tuple:
        """The place that a page begins at or behind."""
        return sa.tuple_(bindparam("place", type_=self.sorted_by.type), bindparam("place_id", type_=_columns.id.type))


def list_payments(session: Session, merchant_id: str, query: PaymentQuery) -> Page[Payment]:
    """One page, by number with the list's total, or behind a cursor without it."""
    filters = _parameters(query.filter)
    shape = _Shape(tuple(filters), query.sort, query.descending)
    parameters = {"merchant_id": merchant_id, **filters}
    total = _total(session, shape, parameters) if query.after is None else None
    found = _find(session, merchant_id, shape, parameters, query)
    shown = found[: query.per_page]
    return Page(tuple(shown), total, _cursor(shown[-1], query.sort) if len(found) > len(shown) else None)


def _find(
    session: Session, merchant_id: str, shape: _Shape, parameters: dict[str, object], query: PaymentQuery
) -> list[Payment]:
    """The page's payments and one more."""
    statement = _page(shape)
    place: dict[str, object] | None = {}
    if query.after is not None:
        statement = _page_behind(shape)
        place = _place_of(session, parameters, query.sort, query.after)
    elif query.page > 1:
        statement = _page_from(shape)
        place = _place_at(session, shape, parameters, (query.page - 1) * query.per_page)
    if place is None:
        return []
    rows = session.rows(statement, {**parameters, **place, "at_most": query.per_page + 1})
    refunds = refunds_of(session, merchant_id, [row.id for row in rows if row.refund_count])
    disputes = disputes_of(session, merchant_id, [row.id for row in rows if row.dispute_count])
    return [payment_of_row(row, refunds.get(row.id, ()), disputes.get(row.id, ())) for row in rows]


def _parameters(wanted: PaymentFilter) -> dict[str, object]:
    given = {name: getattr(wanted, name) for name in _CONDITIONS}
    if wanted.status is not None:
        given["status"] = wanted.status.value
    return {name: value for name, value in given.items() if value is not None}


def _total(session: Session, shape: _Shape, parameters: dict[str, object]) -> int:
    """The list's length: kept by a trigger for the whole list, counted in an index for a filtered one."""
    row = session.row(_count(shape.filters) if shape.filters else _COUNT_OF_ALL, parameters)
    return int(row.total or 0) if row is not None else 0


def _place_of(
    session: Session, parameters: dict[str, object], sort: PaymentSort, after: Cursor
) -> dict[str, object] | None:
    """Where the cursor stands in the order; None when the merchant has no such payment."""
    if sort is PaymentSort.AMOUNT:
        return None if after.common_units is None else {"place": after.common_units, "place_id": after.id}
    row = session.row(_CREATED_AT, {"merchant_id": parameters["merchant_id"], "payment_id": after.id})
    return None if row is None else {"place": row.created_at, "place_id": after.id}


def _place_at(session: Session, shape: _Shape, parameters: dict[str, object], before: int) -> dict[str, object] | None:
    """Where a numbered page begins, found in the index alone: no row of the pages before it is read."""
    row = session.row(_key_at(shape), {**parameters, "before": before})
    return None if row is None else {"place": row.place, "place_id": row.place_id}


def _cursor(last: Payment, sort: PaymentSort) -> Cursor:
    return Cursor(last.id, last.money.common_units if sort is PaymentSort.AMOUNT else None)


@lru_cache(maxsize=256)
def _count(filters: tuple[str, ...]) -> Prepared:
    counted = sa.select(sa.func.count().label("total")).select_from(payments)
    return Prepared(counted.where(_OF_MERCHANT, *(_CONDITIONS[name] for name in filters)))


@lru_cache(maxsize=256)
def _key_at(shape: _Shape) -> Prepared:
    key = sa.select(shape.sorted_by.label("place"), _columns.id.label("place_id"))
    return Prepared(key.where(*shape.wanted).order_by(*shape.order).limit(1).offset(bindparam("before")))


@lru_cache(maxsize=256)
def _page(shape: _Shape) -> Prepared:
    return _rows(shape)


@lru_cache(maxsize=256)
def _page_from(shape: _Shape) -> Prepared:
    return _rows(shape, shape.key <= shape.place if shape.descending else shape.key >= shape.place)


@lru_cache(maxsize=256)
def _page_behind(shape: _Shape) -> Prepared:
    return _rows(shape, shape.key < shape.place if shape.descending else shape.key > shape.place)


def _rows(shape: _Shape, *place: sa.ColumnElement[bool]) -> Prepared:
    rows = sa.select(payments).where(*shape.wanted, *place).order_by(*shape.order)
    return Prepared(rows.limit(bindparam("at_most")))
