"""The outbox in memory."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from server.domain.errors import EventNotFound
from server.domain.events import Event
from server.domain.listing import Cursor, EventFilter, EventQuery, Page
from tests.memory_payments import add_row


class MemoryEvents:
    """Whatever is in memory is committed."""

    def __init__(self, rows: dict[tuple[UUID, int], Event]) -> None:
        self._rows = rows

    def append(self, event: Event) -> None:
        add_row(self._rows, (event.object_id, event.sequence), event, "uq_events_sequence")

    def unnumbered(self) -> Sequence[str]:
        return sorted({event.merchant_id for event in self._rows.values() if event.position is None})

    def number(self, merchant_id: str, limit: int) -> Sequence[Event]:
        numbered: list[Event] = []
        head = self.head(merchant_id)
        while len(numbered) < limit and (free := self._free(merchant_id)):
            first = min(free, key=lambda event: event.id)
            numbered.append(replace(first, position=head + len(numbered) + 1))
            self._rows[first.object_id, first.sequence] = numbered[-1]
        return numbered

    def get(self, merchant_id: str, event_id: UUID) -> Event:
        for event in self._rows.values():
            if (event.merchant_id, event.id) == (merchant_id, event_id):
                return event
        raise EventNotFound

    def head(self, merchant_id: str) -> int:
        return max(
            (event.position or 0 for event in self._rows.values() if event.merchant_id == merchant_id), default=0
        )

    def behind(self, merchant_id: str, position: int, wanted: EventFilter, limit: int) -> Sequence[Event]:
        mine = [event for event in self._numbered(merchant_id, wanted) if (event.position or 0) > position]
        return mine[:limit]

    def list(self, merchant_id: str, query: EventQuery) -> Page[Event]:
        newest = self._numbered(merchant_id, query.filter)[::-1]
        start = (query.page - 1) * query.per_page
        if query.after is not None:
            place = self.get(merchant_id, query.after.id).position or 0
            start = sum(1 for event in newest if (event.position or 0) >= place)
        shown = tuple(newest[start : start + query.per_page])
        more = start + len(shown) < len(newest)
        total = len(newest) if query.after is None else None
        return Page(shown, total, Cursor(shown[-1].id) if more and shown else None)

    def _free(self, merchant_id: str) -> Sequence[Event]:
        """Those without a position whose predecessor has one."""
        mine = [event for event in self._rows.values() if event.merchant_id == merchant_id and event.position is None]
        waiting = {(event.object_id, event.sequence) for event in mine}
        return [event for event in mine if (event.object_id, event.sequence - 1) not in waiting]

    def _numbered(self, merchant_id: str, wanted: EventFilter) -> Sequence[Event]:
        mine = [event for event in self._rows.values() if event.merchant_id == merchant_id]
        return sorted(
            (event for event in mine if event.position is not None and _is_wanted(event, wanted)),
            key=lambda event: event.position or 0,
        )


def _is_wanted(event: Event, wanted: EventFilter) -> bool:
    return (
        wanted.type in (None, event.type.value)
        and wanted.object_id in (None, event.object_id)
        and (wanted.created_after is None or event.created_at > wanted.created_after)
        and (wanted.created_before is None or event.created_at < wanted.created_before)
    )
