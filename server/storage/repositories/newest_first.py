"""Lists whose rows are read by a key that grows with time, newest first: by page number with the total, or behind a cursor; a page costs what it shows."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.storage.prepared import Prepared, Record
from server.storage.session import Session
from server.storage.tables import row_counts


class Rows(NamedTuple):
    """One page. `total` is None behind a cursor; `next` is where the next page begins behind, None at the end."""

    rows: list[Record]
    total: int | None
    next: Any


class Wanted(NamedTuple):
    """Which page: `filters` are the values of those conditions that filter. With `after`, `page` is ignored."""

    filters: Mapping[str, object]
    page: int
    per_page: int
    after: Any


class NewestFirst:
    """One table's list. `conditions` are the filters that there are; each one's parameter has its name. A trigger counts the rows that are inserted: all of them, or those `among` which the list is."""

    def __init__(
        self,
        table: sa.Table,
        key: sa.Column[Any],
        conditions: Mapping[str, sa.ColumnElement[bool]],
        among: sa.ColumnElement[bool] | None = None,
    ) -> None:
        self._table = table
        self._key = key
        self._among = () if among is None else (among,)
        self._conditions = conditions
        self._statements: dict[tuple[str, tuple[str, ...]], Prepared] = {}

    def page(self, session: Session, merchant_id: str, wanted: Wanted) -> Rows:
        """A page of the merchant's rows."""
        parameters = {"merchant_id": merchant_id, **wanted.filters}
        shape = tuple(sorted(wanted.filters))
        total = self._total(session, shape, parameters) if wanted.after is None else None
        found = self._find(session, shape, parameters, wanted)
        shown = found[: wanted.per_page]
        more = len(found) > len(shown)
        return Rows(shown, total, getattr(shown[-1], self._key.name) if more else None)

    def _find(
        self, session: Session, shape: tuple[str, ...], parameters: dict[str, object], wanted: Wanted
    ) -> list[Record]:
        """The page's rows and one more."""
        parameters = {**parameters, "at_most": wanted.per_page + 1}
        if wanted.after is not None:
            statement = self._made("behind", shape, lambda: self._rows(shape, self._key < self._place))
            return session.rows(statement, {**parameters, "place": wanted.after})
        if wanted.page == 1:
            return session.rows(self._made("first", shape, lambda: self._rows(shape)), parameters)
        # Found in the index alone: no row of the pages before it is read.
        before = {**parameters, "before": (wanted.page - 1) * wanted.per_page}
        place = session.row(self._made("place", shape, lambda: self._place_at(shape)), before)
        if place is None:
            return []
        statement = self._made("from", shape, lambda: self._rows(shape, self._key <= self._place))
        return session.rows(statement, {**parameters, "place": place.place})

    def _total(self, session: Session, shape: tuple[str, ...], parameters: dict[str, object]) -> int:
        """The list's length: kept by a trigger for the whole list, counted in an index for a filtered one."""
        row = session.row(self._made("count", shape, lambda: self._count(shape)), parameters)
        return int(row.total or 0) if row is not None else 0

    def _made(self, name: str, shape: tuple[str, ...], make: Callable[[], Prepared]) -> Prepared:
        known = self._statements.get((name, shape))
        if known is None:
            known = self._statements[name, shape] = make()
        return known

    @property
    def _place(self) -> sa.BindParameter[Any]:
        return bindparam("place", type_=self._key.type)

    def _count(self, shape: tuple[str, ...]) -> Prepared:
        if shape:
            return Prepared(
                sa.select(sa.func.count().label("total")).select_from(self._table).where(*self._where(shape))
            )
        return Prepared(
            sa.select(sa.func.sum(row_counts.c.row_count).label("total")).where(
                row_counts.c.merchant_id == bindparam("merchant_id"), row_counts.c.counted_table == self._table.name
            )
        )

    def _place_at(self, shape: tuple[str, ...]) -> Prepared:
        key = sa.select(self._key.label("place")).where(*self._where(shape)).order_by(self._key.desc())
        return Prepared(key.limit(1).offset(bindparam("before")))

    def _rows(self, shape: tuple[str, ...], *place: sa.ColumnElement[bool]) -> Prepared:
        rows = sa.select(self._table).where(*self._where(shape), *place).order_by(self._key.desc())
        return Prepared(rows.limit(bindparam("at_most")))

    def _where(self, shape: tuple[str, ...]) -> list[sa.ColumnElement[bool]]:
        of_merchant = self._table.c.merchant_id == bindparam("merchant_id")
        return [of_merchant, *self._among, *(self._conditions[name] for name in shape)]
