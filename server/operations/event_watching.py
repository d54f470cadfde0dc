"""Streams a merchant's events in their order, from a place that the watcher names, for as long as it listens."""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.domain.access import Caller
from server.domain.errors import EventNotFound, RateLimited, Unauthenticated
from server.domain.events import Event
from server.domain.listing import EventFilter
from server.domain.ports import Store
from server.operations.access import KeyAccess
from server.operations.bell import Bell
from server.operations.event_sequencing import Sequencing

_AT_ONCE = 100

# What other replicas number is found by looking.
_LOOK_EVERY_SECONDS = 1.0

# A key that is revoked watches no longer than this.
_CREDENTIAL_IS_CHECKED_EVERY_SECONDS = 10.0

# Shorter than the bridge's own limit, so that REST's streams end in order.
_LASTS_SECONDS = 3000.0

_MOST_STREAMS = 200
_MOST_OF_ONE_CREDENTIAL = 20


@dataclass(frozen=True, slots=True)
class Watch:
    """Where to begin: behind the event `cursor`, else with what happened after `created_after`, else now. `types`: only these; empty for all."""

    cursor: UUID | None = None
    created_after: datetime | None = None
    types: frozenset[str] = frozenset()


class EventWatching:
    """Positions have no gaps and are seen in their order, so a watcher that goes on behind the last one misses nothing and sees nothing twice, at whichever replica."""

    def __init__(
        self,
        store: Store,
        sequencing: Sequencing,
        bell: Bell,
        *,
        lasts_seconds: float = _LASTS_SECONDS,
        check_every_seconds: float = _CREDENTIAL_IS_CHECKED_EVERY_SECONDS,
    ) -> None:
        self._store = store
        self._sequencing = sequencing
        self._bell = bell
        self._access = KeyAccess(store)
        self._lasts_seconds = lasts_seconds
        self._check_every_seconds = check_every_seconds
        self._streams: Counter[str] = Counter()

    async def watch(self, caller: Caller, wanted: Watch) -> AsyncGenerator[Event, None]:
        """Events until the caller hangs up or the stream's time is over. Raises EventNotFound for a cursor that is none, RateLimited, Unauthenticated once the key is revoked."""
        with self._place(caller.credential):
            merchant_id = caller.merchant_id
            position = await self._beginning(merchant_id, wanted)
            time = asyncio.get_running_loop().time
            ends, checked_at = time() + self._lasts_seconds, time()
            while (left := ends - time()) > 0:
                if time() - checked_at >= self._check_every_seconds:
                    await self._check(caller)
                    checked_at = time()
                rung = self._bell.rung
                some = await self._behind(merchant_id, position)
                for event in some:
                    if not wanted.types or event.type.value in wanted.types:
                        yield event
                if some:
                    position = _position_of(some[-1])
                else:
                    await self._bell.after(rung, min(_LOOK_EVERY_SECONDS, left))

    async def _check(self, caller: Caller) -> None:
        if not await self._access.holds(caller):
            raise Unauthenticated("the API key is not valid any more")

    async def _behind(self, merchant_id: str, position: int) -> Sequence[Event]:
        if await self._store.look_up(lambda tx: tx.events.head(merchant_id)) <= position:
            return ()
        return await self._store.read(lambda tx: tx.events.behind(merchant_id, position, EventFilter(), _AT_ONCE))

    async def _beginning(self, merchant_id: str, wanted: Watch) -> int:
        """The position behind which the stream begins. What was committed before the call has its position by then."""
        await self._sequencing.number_of(merchant_id)
        cursor, after = wanted.cursor, wanted.created_after
        if cursor is not None:
            return _position_of(await self._store.look_up(lambda tx: tx.events.get(merchant_id, cursor)))
        if after is not None:
            since = EventFilter(created_after=after)
            first = await self._store.read(lambda tx: tx.events.behind(merchant_id, 0, since, 1))
            if first:
                return _position_of(first[0]) - 1
        return await self._store.look_up(lambda tx: tx.events.head(merchant_id))

    @contextmanager
    def _place(self, credential: str) -> Iterator[None]:
        if self._streams.total() >= _MOST_STREAMS or self._streams[credential] >= _MOST_OF_ONE_CREDENTIAL:
            raise RateLimited("too many streams of events are open; repeat later")
        self._streams[credential] += 1
        try:
            yield
        finally:
            self._streams[credential] -= 1
            # Nothing is kept of a credential that watches no more.
            self._streams += Counter()


def _position_of(event: Event) -> int:
    if event.position is None:
        raise EventNotFound
    return event.position
