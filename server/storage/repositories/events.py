"""The outbox: events are written with the change that they tell of, numbered when they are committed, and read in that order."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam
from sqlalchemy.dialects import postgresql, sqlite

from server.domain.errors import EventNotFound
from server.domain.events import Event, EventType
from server.domain.listing import Cursor, EventFilter, EventQuery, Page
from server.storage.prepared import Prepared, Record
from server.storage.repositories.event_list import NewestEvents, OldestEvents, parameters_of
from server.storage.repositories.newest_first import Wanted
from server.storage.session import Session
from server.storage.tables import counters, events

_columns = events.c
_OF_MERCHANT = _columns.merchant_id == bindparam("merchant_id")
_INSERT = Prepared(events.insert())
_BY_ID = Prepared(sa.select(events).where(_OF_MERCHANT, _columns.id == bindparam("event_id")))

_MERCHANTS = Prepared(sa.select(_columns.merchant_id).where(_columns.position.is_(None)).distinct())

# Written without a change, so that whoever else numbers the merchant's events waits for this transaction's end.
_LOCK = Prepared(
    {
        name: insert(counters).on_conflict_do_update(
            index_elements=counters.primary_key, set_={"value": counters.c.value}
        )
        for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
    }
)
_COUNTER = {"name": "events"}
_OF_COUNTER = (counters.c.merchant_id == bindparam("of_merchant"), counters.c.name == bindparam("of_name"))
_HEAD = Prepared(sa.select(counters.c.value).where(*_OF_COUNTER))
_MOVE = Prepared(counters.update().where(*_OF_COUNTER).values(value=bindparam("head")))

_before = events.alias("before")
_UNNUMBERED = Prepared(
    sa.select(
        *_columns,
        # Whether the object's event before this one has no position either. Ids are made by several machines, whose clocks differ; sequences never do.
        sa.exists()
        .where(
            _before.c.merchant_id == _columns.merchant_id,
            _before.c.object_id == _columns.object_id,
            _before.c.sequence == _columns.sequence - 1,
            _before.c.position.is_(None),
        )
        .label("waits"),
    )
    .where(_OF_MERCHANT, _columns.position.is_(None))
    .order_by(_columns.id)
    .limit(bindparam("at_most"))
)
_NUMBER = Prepared(
    events.update()
    .where(_columns.merchant_id == bindparam("of_merchant"), _columns.id == bindparam("of_id"))
    .values(position=bindparam("place"))
)

_NEWEST = NewestEvents()
_OLDEST = OldestEvents()


class EventRepository:
    """The outbox."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def append(self, event: Event) -> None:
        """Write an event. Raises UniqueViolation when its object has one of that sequence."""
        row = {
            "merchant_id": event.merchant_id,
            "id": event.id,
            "type": event.type.value,
            "object_id": event.object_id,
            "sequence": event.sequence,
            "payload": event.payload,
            "created_at": event.created_at,
            "position": event.position,
        }
        self._session.run(_INSERT, row)

    def unnumbered(self) -> Sequence[str]:
        """The merchants some of whose events have no position."""
        return [row.merchant_id for row in self._session.rows(_MERCHANTS, {})]

    def number(self, merchant_id: str, limit: int) -> Sequence[Event]:
        """Give committed events the next positions; what others commit meanwhile is numbered next time."""
        self._session.run(_LOCK, {"merchant_id": merchant_id, **_COUNTER, "value": 0})
        head, rows = self.head(merchant_id), self._in_order(merchant_id, limit)
        if not rows:
            return []
        places = [
            {"of_merchant": merchant_id, "of_id": row.id, "place": head + number} for number, row in enumerate(rows, 1)
        ]
        self._session.run_many(_NUMBER, places)
        self._session.run(_MOVE, {"of_merchant": merchant_id, "of_name": "events", "head": head + len(rows)})
        return [replace(_event_of(row), position=head + number) for number, row in enumerate(rows, 1)]

    def get(self, merchant_id: str, event_id: UUID) -> Event:
        """One event. Raises EventNotFound."""
        row = self._session.row(_BY_ID, {"merchant_id": merchant_id, "event_id": event_id})
        if row is None:
            raise EventNotFound
        return _event_of(row)

    def head(self, merchant_id: str) -> int:
        """The last position that is given."""
        row = self._session.row(_HEAD, {"of_merchant": merchant_id, "of_name": "events"})
        return 0 if row is None else int(row.value)

    def behind(self, merchant_id: str, position: int, wanted: EventFilter, limit: int) -> Sequence[Event]:
        """The first numbered events behind a position."""
        return [_event_of(row) for row in _OLDEST.behind(self._session, merchant_id, position, wanted, limit)]

    def list(self, merchant_id: str, query: EventQuery) -> Page[Event]:
        """One page, by number with the list's total, or behind a cursor without it."""
        after = None if query.after is None else self.get(merchant_id, query.after.id).position
        wanted = Wanted(parameters_of(query.filter), query.page, query.per_page, after)
        found = _NEWEST.page(self._session, merchant_id, wanted)
        items = tuple(_event_of(row) for row in found.rows)
        return Page(items, found.total, Cursor(items[-1].id) if found.next else None)

    def _in_order(self, merchant_id: str, limit: int) -> Sequence[Record]:
        """Events by their ids, but each behind the one before it of its object; those whose predecessor is not among them are left for later."""
        while True:
            rows = self._session.rows(_UNNUMBERED, {"merchant_id": merchant_id, "at_most": limit})
            ordered = _each_behind_its_predecessor(rows)
            if ordered or len(rows) < limit:
                return ordered
            # All of them wait for events with later ids: one of those is free, as some event of an object is its first.
            limit *= 2


def _each_behind_its_predecessor(rows: Sequence[Record]) -> list[Record]:
    ordered: list[Record] = []
    waiting: dict[tuple[UUID, int], Record] = {}
    placed: set[tuple[UUID, int]] = set()
    for row in rows:
        before = (row.object_id, row.sequence - 1)
        if row.waits and before not in placed:
            waiting[before] = row
            continue
        follower: Record | None = row
        while follower is not None:
            ordered.append(follower)
            placed.add(place := (follower.object_id, follower.sequence))
            follower = waiting.pop(place, None)
    return ordered


def _event_of(row: Record) -> Event:
    return Event(
        id=row.id,
        merchant_id=row.merchant_id,
        type=EventType(row.type),
        object_id=row.object_id,
        sequence=row.sequence,
        payload=bytes(row.payload),
        created_at=row.created_at,
        position=row.position,
    )
