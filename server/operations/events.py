"""Events as their readers see them: one, or a list."""

from uuid import UUID

from server.domain.access import Caller
from server.domain.events import Event
from server.domain.listing import EventQuery, Page
from server.domain.ports import Store
from server.operations.event_sequencing import Sequencing


class EventOperations:
    """Shows what happened."""

    def __init__(self, store: Store, sequencing: Sequencing) -> None:
        self._store = store
        self._sequencing = sequencing

    async def get(self, caller: Caller, event_id: UUID) -> Event:
        """One event. Raises EventNotFound."""
        return await self._store.look_up(lambda tx: tx.events.get(caller.merchant_id, event_id))

    async def list(self, caller: Caller, query: EventQuery) -> Page[Event]:
        """A page of events, newest first, with everything that was committed before the call. Raises EventNotFound for a cursor that is none."""
        await self._sequencing.number_of(caller.merchant_id)
        return await self._store.read(lambda tx: tx.events.list(caller.merchant_id, query))
