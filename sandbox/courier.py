"""Sends the queued notifications to merchants, a few at a time, so that a dead merchant slows nobody down."""

import asyncio
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import aiohttp

from sandbox.callbacks import CallbackManner, CallbackQueue, CallbackRequest, CallbackSource, Delivery

_IDLE_SECONDS = 30.0
_ANSWER_BYTES = 4096
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class CourierSettings:
    """`time_scale` shortens the gateways' own retry schedules: at 0.01 a gateway that waits four minutes waits 2.4 seconds."""

    time_scale: float = 0.01
    timeout_seconds: float = 10.0
    at_once: int = 4


class Courier:
    """One lane for each merchant; a lane sends `at_once` notifications at a time."""

    def __init__(
        self,
        queue: CallbackQueue,
        sources: Mapping[str, CallbackSource],
        clock: Callable[[], float],
        settings: CourierSettings,
    ) -> None:
        self._queue = queue
        self._sources = sources
        self._clock = clock
        self._settings = settings
        self._wake: dict[str, asyncio.Event] = {}

    async def run(self) -> None:
        """Works until cancelled."""
        timeout = aiohttp.ClientTimeout(total=self._settings.timeout_seconds)
        async with aiohttp.ClientSession(timeout=timeout) as session, asyncio.TaskGroup() as lanes:

            def nudge(owner: str) -> None:
                if owner not in self._wake:
                    self._wake[owner] = asyncio.Event()
                    lanes.create_task(self._lane(session, owner))
                self._wake[owner].set()

            self._queue.on_change = nudge
            for owner in self._queue.owners():
                nudge(owner)
            await asyncio.Event().wait()

    async def _lane(self, session: aiohttp.ClientSession, owner: str) -> None:
        wake = self._wake[owner]
        while True:
            wake.clear()
            deliveries = self._queue.due(owner, self._batch_size())
            if deliveries:
                await asyncio.gather(*(self._deliver(session, delivery) for delivery in deliveries))
            else:
                await self._sleep(owner, wake)

    def _batch_size(self) -> int:
        # One at a time while reordering: the order sent must be the order seen.
        return 1 if self._queue.mode == "reorder" else self._settings.at_once

    async def _deliver(self, session: aiohttp.ClientSession, delivery: Delivery) -> None:
        source = self._sources[delivery.gateway]
        request = source.callback(delivery.owner, delivery.subject)
        manner = source if request is None or request.manner is None else request.manner
        if request is None or await _acknowledged(session, manner, request):
            self._queue.finish(delivery)
        elif delivery.attempt < len(manner.retry_seconds):
            self._queue.retry(delivery, manner.retry_seconds[delivery.attempt] * self._settings.time_scale)
        else:
            _log.warning("gave up a %s notification after %d tries", delivery.gateway, delivery.attempt + 1)
            self._queue.finish(delivery)

    async def _sleep(self, owner: str, wake: asyncio.Event) -> None:
        due_at = self._queue.next_due_at(owner)
        wait = _IDLE_SECONDS if due_at is None else min(_IDLE_SECONDS, max(0.0, due_at - self._clock()))
        try:
            await asyncio.wait_for(wake.wait(), wait)
        except TimeoutError:
            return


async def _acknowledged(session: aiohttp.ClientSession, manner: CallbackManner, request: CallbackRequest) -> bool:
    try:
        async with session.post(
            request.url, data=request.body, headers=request.headers, allow_redirects=False
        ) as answer:
            return manner.acknowledges(answer.status, await answer.content.read(_ANSWER_BYTES))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return False
