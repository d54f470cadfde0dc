"""The outbox: events are written with the change that they tell of."""

from server.domain.events import Event
from server.storage.prepared import Prepared
from server.storage.session import Session
from server.storage.tables import events

_INSERT = Prepared(events.insert())


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
        }
        self._session.run(_INSERT, row)
