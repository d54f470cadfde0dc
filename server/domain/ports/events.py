"""Where events are kept, and get their positions."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from server.domain.events import Event
from server.domain.listing import EventFilter, EventQuery, Page


class Events(Protocol):
    """The outbox."""

    def append(self, event: Event) -> None:
        """Writes an event. Raises UniqueViolation when its object has one of that sequence."""
        ...

    def unnumbered(self) -> Sequence[str]:
        """The merchants, each once, some of whose events have no position yet."""
        ...

    def number(self, merchant_id: str, limit: int) -> Sequence[Event]:
        """Gives the next positions to events that are committed and have none, an object's always in their sequence, and gives these events in their new order.

        Whoever sees one position sees all before it: two transactions that number a merchant's events wait for one another.
        """
        ...

    def get(self, merchant_id: str, event_id: UUID) -> Event:
        """An event, numbered or not. Raises EventNotFound."""
        ...

    def head(self, merchant_id: str) -> int:
        """The last position that is given; 0 before the first."""
        ...

    def behind(self, merchant_id: str, position: int, wanted: EventFilter, limit: int) -> Sequence[Event]:
        """The first numbered events behind a position, oldest first."""
        ...

    def list(self, merchant_id: str, query: EventQuery) -> Page[Event]:
        """A page of the merchant's numbered events, newest first."""
        ...
