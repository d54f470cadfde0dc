"""Tells callers whether they should come here: the database answers, is up to date, and has room."""

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

_LOG = logging.getLogger(__name__)

_EVERY_SECONDS = 2.0
_LEAST_FREE_BYTES = 64 << 20

Look = Callable[[], Awaitable[bool]]


class Readiness:
    """Looks every two seconds, and tells every change."""

    def __init__(self, look: Look, tell: Callable[[bool], Awaitable[None]], own_disk: Path | None) -> None:
        """`own_disk` is where an embedded database lies; a database elsewhere watches its own disk."""
        self._look = look
        self._tell = tell
        self._own_disk = own_disk
        self._told: bool | None = None

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(_EVERY_SECONDS)

    async def look(self) -> bool:
        """Whether this server is ready now; tells it if that has changed."""
        ready = self._has_room() and await self._answers()
        if ready is not self._told:
            if self._told is not None:
                _LOG.warning("ready again" if ready else "not ready: the database does not answer or its disk is full")
            self._told = ready
            await self._tell(ready)
        return ready

    def _has_room(self) -> bool:
        return self._own_disk is None or shutil.disk_usage(self._own_disk).free >= _LEAST_FREE_BYTES

    async def _answers(self) -> bool:
        try:
            return await self._look()
        except Exception:  # noqa: BLE001  (whatever a database raises, it does not answer)
            return False
