"""Pages of payments: each order and each filter has an index that ends in the order, so a page costs what it shows."""

from functools import lru_cache
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.listing import Cursor, Page, PaymentFilter, PaymentQuery, PaymentSort
from server.domain.payment import Payment
from server.storage.prepared import Prepared
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
_SORTED_BY: dict[PaymentSort, sa.Column[Any]] = {
    PaymentSort.CREATED_AT: _columns.created_at,
    PaymentSort.AMOUNT: _columns.common_units,
}

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
    def order(self) -> list[sa.ColumnElement[Any]]:
        columns = (_SORTED_BY[self.sort], _columns.id)
        return [column.desc() if self.descending else column.asc() for column in columns]


def list_payments(session: Session, merchant_id: str, query: PaymentQuery) -> Page[Payment]:
    """One page, by number with the list's total, or behind a cursor without it."""
    filters = _parameters(query.filter)
    shape = _Shape(tuple(filters), query.sort, query.descending)
    parameters = {"merchant_id": merchant_id, **filters}
    one_more = {"at_most": query.per_page + 1}
    total = None
    if query.after is None:
        total = _total(session, shape, parameters)
        before = {"before": (query.page - 1) * query.per_page}
        rows = session.rows(_numbered_page(shape), parameters | one_more | before)
    elif (place := _place(session, merchant_id, query.sort, query.after)) is not None:
        rows = session.rows(_page_behind(shape), parameters | one_more | place)
    else:
        rows = []
    shown = tuple(payment_of_row(row) for row in rows[: query.per_page])
    return Page(shown, total, _cursor(shown[-1], query.sort) if len(rows) > len(shown) else None)


def _parameters(wanted: PaymentFilter) -> dict[str, object]:
    given = {name: getattr(wanted, name) for name in _CONDITIONS}
    if wanted.status is not None:
        given["status"] = wanted.status.value
    return {name: value for name, value in given.items() if value is not None}


def _total(session: Session, shape: _Shape, parameters: dict[str, object]) -> int:
    """The list's length: kept by a trigger for the whole list, counted in an index for a filtered one."""
    row = session.row(_count(shape.filters) if shape.filters else _COUNT_OF_ALL, parameters)
    return int(row.total or 0) if row is not None else 0


def _place(session: Session, merchant_id: str, sort: PaymentSort, after: Cursor) -> dict[str, object] | None:
    """Where the cursor stands in the order; None when the merchant has no such payment."""
    if sort is PaymentSort.AMOUNT:
        return None if after.common_units is None else {"place": after.common_units, "place_id": after.id}
    row = session.row(_CREATED_AT, {"merchant_id": merchant_id, "payment_id": after.id})
    return None if row is None else {"place": row.created_at, "place_id": after.id}


def _cursor(last: Payment, sort: PaymentSort) -> Cursor:
    return Cursor(last.id, last.money.common_units if sort is PaymentSort.AMOUNT else None)


@lru_cache(maxsize=256)
def _count(filters: tuple[str, ...]) -> Prepared:
    counted = sa.select(sa.func.count().label("total")).select_from(payments)
    return Prepared(counted.where(_OF_MERCHANT, *(_CONDITIONS[name] for name in filters)))


@lru_cache(maxsize=256)
def _numbered_page(shape: _Shape) -> Prepared:
    """The page's keys come from the index alone, so that the rows of the pages before it are not read."""
    keys = sa.select(_columns.id).where(*shape.wanted).order_by(*shape.order)
    page = keys.limit(bindparam("at_most")).offset(bindparam("before")).subquery()
    rows = sa.select(payments).join(page, _columns.id == page.c.id)
    return Prepared(rows.where(_OF_MERCHANT).order_by(*shape.order))


@lru_cache(maxsize=256)
def _page_behind(shape: _Shape) -> Prepared:
    sorted_by = _SORTED_BY[shape.sort]
    key = sa.tuple_(sorted_by, _columns.id)
    place = sa.tuple_(bindparam("place", type_=sorted_by.type), bindparam("place_id", type_=_columns.id.type))
    rows = sa.select(payments).where(*shape.wanted, key < place if shape.descending else key > place)
    return Prepared(rows.order_by(*shape.order).limit(bindparam("at_most")))
