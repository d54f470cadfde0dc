"""Gateways that are open: one for each version of somebody's credentials, and no more of them than are used."""

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateways.setup import OpenGateway
from server.domain.clock import Clock

_LOG = logging.getLogger(__name__)

# Longer than any operation holds a gateway: it makes a token, then charges, and either gives up after some twenty seconds.
_IN_USE_FOR = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class GatewayKey:
    """Whose credentials, at which gateway, in which version."""

    merchant_id: str
    gateway: str
    version: int


@dataclass(slots=True)
class _Held:
    gateway: OpenGateway
    used_at: datetime


class OpenGateways:
    """Keeps `most` gateways open, and any number of those that somebody may be using this very minute."""

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._most = most
        # The least recently used one first.
        self._held: dict[GatewayKey, _Held] = {}
        self._closing: set[asyncio.Task[None]] = set()

    def get(self, key: GatewayKey) -> OpenGateway | None:
        """The gateway, if it is open. It stays so for as long as an operation takes."""
        held = self._held.pop(key, None)
        if held is None:
            return None
        held.used_at = self._clock.now()
        self._held[key] = held
        return held.gateway

    def add(self, key: GatewayKey, gateway: OpenGateway) -> None:
        """Keeps a gateway that was opened, and begins to close what is too many."""
        self._held[key] = _Held(gateway, self._clock.now())
        for unused in self._too_many():
            task = asyncio.get_running_loop().create_task(_close(self._held.pop(unused).gateway))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Closes all of them."""
        for task in tuple(self._closing):
            await task
        while self._held:
            _, held = self._held.popitem()
            await _close(held.gateway)

    def _too_many(self) -> list[GatewayKey]:
        since = self._clock.now() - _IN_USE_FOR
        oldest = list(self._held)[: max(0, len(self._held) - self._most)]
        return [key for key in oldest if self._held[key].used_at < since]


async def _close(gateway: OpenGateway) -> None:
    try:
        await gateway.aclose()
    except Exception:  # noqa: BLE001  (a connection that does not close cleanly is gone all the same)
        _LOG.warning("a gateway did not close cleanly", extra={"gateway": gateway.name})
