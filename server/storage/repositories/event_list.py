"""Lists of numbered events: a page newest first, and what is behind a position, oldest first; either costs what it shows."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.listing import EventFilter
from server.storage.prepared import Prepared, Record
from server.storage.repositories.newest_first import NewestFirst
from server.storage.session import Session
from server.storage.tables import events

_columns = events.c
_OF_MERCHANT = _columns.merchant_id == bindparam("merchant_id")
_NUMBERED = _columns.position.is_not(None)

_CONDITIONS: dict[str, sa.ColumnElement[bool]] = {
    "type": _columns.type == bindparam("type"),
    "object_id": _columns.object_id == bindparam("object_id"),
    "created_after": _columns.created_at > bindparam("created_after"),
    "created_before": _columns.created_at < bindparam("created_before"),
}


class NewestEvents(NewestFirst):
    """Newest is what was numbered last. As positions have no gaps, the last one is the number of them all."""

    def __init__(self) -> None:
        super().__init__(events, _columns.position, _CONDITIONS)

    def _count(self, shape: tuple[str, ...]) -> Prepared:
        if shape:
            return super()._count(shape)
        return Prepared(sa.select(sa.func.max(_columns.position).label("total")).where(*self._where(())))

    def _where(self, shape: tuple[str, ...]) -> list[sa.ColumnElement[bool]]:
        return [*super()._where(shape), _NUMBERED]


class OldestEvents:
    """What is behind a position. Statements are made once for each set of filters."""

    def __init__(self) -> None:
        self._statements: dict[tuple[str, ...], Prepared] = {}

    def behind(
        self, session: Session, merchant_id: str, position: int, wanted: EventFilter, limit: int
    ) -> list[Record]:
        """The first rows behind a position."""
        filters = parameters_of(wanted)
        statement = self._statements.get(shape := tuple(sorted(filters)))
        if statement is None:
            statement = self._statements[shape] = _behind(shape)
        given = {"merchant_id": merchant_id, "behind": position, "at_most": limit}
        return session.rows(statement, filters | given)


def parameters_of(wanted: EventFilter) -> dict[str, object]:
    """The values of those conditions that filter."""
    given = {
        "type": wanted.type,
        "object_id": wanted.object_id,
        "created_after": wanted.created_after,
        "created_before": wanted.created_before,
    }
    return {name: value for name, value in given.items() if value is not None}


def _behind(shape: Sequence[str]) -> Prepared:
    conditions = [_OF_MERCHANT, _NUMBERED, _columns.position > bindparam("behind")]
    conditions += [_CONDITIONS[name] for name in shape]
    return Prepared(sa.select(events).where(*conditions).order_by(_columns.position).limit(bindparam("at_most")))
