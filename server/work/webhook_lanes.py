"""Sends webhooks: each endpoint has a lane of its own, so that one that is slow or dead holds up nobody but itself."""

import asyncio
import logging
from datetime import timedelta
from functools import partial
from uuid import UUID

from server.domain.webhook import WebhookEndpoint
from server.operations.bell import Bell
from server.operations.webhook_sending import WebhookSending

_LOG = logging.getLogger(__name__)

_MOST_LANES = 200
_AT_ONCE = 8
# An endpoint that fails is tried with one delivery at a time until it takes one.
_AT_ONCE_WHILE_FAILING = 1


class WebhookLanes:
    """At most so many lanes at a time, each with a few deliveries under way; a lane that others wait for makes room after each turn."""

    def __init__(
        self, sending: WebhookSending, bell: Bell, look_every: timedelta, most_lanes: int = _MOST_LANES
    ) -> None:
        self._sending = sending
        self._bell = bell
        self._look_every_seconds = look_every.total_seconds()
        self._most_lanes = most_lanes
        self._lanes: dict[UUID, asyncio.Task[None]] = {}
        self._others_wait = False

    async def run(self) -> None:
        """Sends what is due until cancelled; then what is under way is cut off, and sent again by whoever finds it."""
        try:
            while True:
                rung = self._bell.rung
                try:
                    await self._open_lanes()
                except Exception:  # noqa: BLE001  (whatever one piece of work raises, the background goes on)
                    _LOG.exception("cannot look for webhooks that are due")
                await self._bell.after(rung, self._look_every_seconds)
        finally:
            await self._close_lanes()

    async def _open_lanes(self) -> None:
        waiting = [endpoint for endpoint in await self._sending.waiting() if endpoint.id not in self._lanes]
        room = self._most_lanes - len(self._lanes)
        self._others_wait = len(waiting) > room
        for endpoint in waiting[:room]:
            lane = self._lanes[endpoint.id] = asyncio.create_task(self._lane(endpoint))
            lane.add_done_callback(partial(self._ended, endpoint.id))

    async def _lane(self, endpoint: WebhookEndpoint) -> None:
        at_once = _AT_ONCE if endpoint.failing_since is None else _AT_ONCE_WHILE_FAILING
        try:
            # A lane ends with the first failure: the next one begins by what is known of the endpoint then.
            while await self._sending.send_some(endpoint, at_once) and at_once == _AT_ONCE and not self._others_wait:
                pass
        except Exception:  # noqa: BLE001  (whatever one piece of work raises, the background goes on)
            _LOG.exception("webhooks cannot be sent", extra={"endpoint": str(endpoint.id)})
            # What failed here fails again at once: a key that is missing, a database that is away.
            await asyncio.sleep(self._look_every_seconds)

    def _ended(self, endpoint_id: UUID, _lane: asyncio.Task[None]) -> None:
        del self._lanes[endpoint_id]
        self._bell.ring()

    async def _close_lanes(self) -> None:
        lanes = list(self._lanes.values())
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)
