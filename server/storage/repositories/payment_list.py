"""Pages of payments: each order and each filter has an index that ends in the order, so a page costs what it shows."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, bindparam

from server.domain.listing import Cursor, Page, PaymentFilter, PaymentQuery, PaymentSort
from server.domain.payment import Payment
from server.storage.repositories.payment_rows import payment_of_row
from server.storage.tables import payments, row_counts

_CREATED_AT = sa.select(payments.c.created_at).where(
    payments.c.merchant_id == bindparam("merchant_id"), payments.c.id == bindparam("payment_id")
)
_COUNT_OF_ALL = sa.select(sa.func.sum(row_counts.c.row_count)).where(
    row_counts.c.merchant_id == bindparam("merchant_id"), row_counts.c.counted_table == payments.name
)


def list_payments(connection: Connection, merchant_id: str, query: PaymentQuery) -> Page[Payment]:
    """One page, by number with the list's total, or behind a cursor without it."""
    wanted = [payments.c.merchant_id == merchant_id, *_conditions(query.filter)]
    if query.after is None:
        total = _total(connection, merchant_id, query.filter)
        found = _numbered_page(connection, wanted, query)
    else:
        total = None
        place = _place(connection, merchant_id, query.sort, query.after)
        found = [] if place is None else _page_behind(connection, wanted, query, place)
    shown = found[: query.per_page]
    return Page(tuple(shown), total, _cursor(shown[-1], query.sort) if len(found) > len(shown) else None)


def _conditions(wanted: PaymentFilter) -> list[sa.ColumnElement[bool]]:
    columns = payments.c
    conditions: list[sa.ColumnElement[bool] | None] = [
        columns.order_id == wanted.order_id if wanted.order_id is not None else None,
        columns.customer_id == wanted.customer_id if wanted.customer_id is not None else None,
        columns.gateway == wanted.gateway if wanted.gateway is not None else None,
        columns.status == wanted.status.value if wanted.status is not None else None,
        columns.common_units >= wanted.min_common_units if wanted.min_common_units is not None else None,
        columns.common_units <= wanted.max_common_units if wanted.max_common_units is not None else None,
        columns.created_at > wanted.created_after if wanted.created_after is not None else None,
        columns.created_at < wanted.created_before if wanted.created_before is not None else None,
    ]
    return [condition for condition in conditions if condition is not None]


def _total(connection: Connection, merchant_id: str, wanted: PaymentFilter) -> int:
    """The list's length: kept by a trigger for the whole list, counted in an index for a filtered one."""
    if wanted == PaymentFilter():
        return int(connection.execute(_COUNT_OF_ALL, {"merchant_id": merchant_id}).scalar() or 0)
    counted = sa.select(sa.func.count()).select_from(payments)
    return connection.execute(counted.where(payments.c.merchant_id == merchant_id, *_conditions(wanted))).scalar_one()


def _numbered_page(connection: Connection, wanted: list[sa.ColumnElement[bool]], query: PaymentQuery) -> list[Payment]:
    """The page and one more, found by its keys in the index alone, so that pages before it are not read."""
    keys = (
        sa.select(payments.c.id)
        .where(*wanted)
        .order_by(*_order(query))
        .limit(query.per_page + 1)
        .offset((query.page - 1) * query.per_page)
        .subquery()
    )
    page = sa.select(payments).join(keys, payments.c.id == keys.c.id).where(wanted[0]).order_by(*_order(query))
    return [payment_of_row(row) for row in connection.execute(page)]


def _page_behind(
    connection: Connection,
    wanted: list[sa.ColumnElement[bool]],
    query: PaymentQuery,
    place: tuple[Any, Any],
) -> list[Payment]:
    key = sa.tuple_(_sorted_by(query.sort), payments.c.id)
    behind = key < place if query.descending else key > place
    page = sa.select(payments).where(*wanted, behind).order_by(*_order(query)).limit(query.per_page + 1)
    return [payment_of_row(row) for row in connection.execute(page)]


def _place(connection: Connection, merchant_id: str, sort: PaymentSort, after: Cursor) -> tuple[Any, Any] | None:
    """Where the cursor stands in the order; None when the merchant has no such payment."""
    if sort is PaymentSort.AMOUNT:
        return None if after.common_units is None else (after.common_units, after.id)
    created_at = connection.execute(_CREATED_AT, {"merchant_id": merchant_id, "payment_id": after.id}).scalar()
    return None if created_at is None else (created_at, after.id)


def _cursor(last: Payment, sort: PaymentSort) -> Cursor:
    return Cursor(last.id, last.money.common_units if sort is PaymentSort.AMOUNT else None)


def _sorted_by(sort: PaymentSort) -> sa.Column[Any]:
    return payments.c.common_units if sort is PaymentSort.AMOUNT else payments.c.created_at


def _order(query: PaymentQuery) -> tuple[sa.ColumnElement[Any], ...]:
    columns = (_sorted_by(query.sort), payments.c.id)
    return tuple(column.desc() if query.descending else column.asc() for column in columns)
