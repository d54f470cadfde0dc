"""Forgets what has outlived its use: idempotency keys after their time."""

import asyncio
import logging
from datetime import timedelta

from server.domain.clock import Clock
from server.domain.ports import Store

_LOG = logging.getLogger(__name__)

_EVERY_SECONDS = 600.0
_AT_ONCE = 500


class Housekeeping:
    """Keeps storage from growing with keys that nobody may repeat any more."""

    def __init__(self, store: Store, clock: Clock, keys_kept_for: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._keys_kept_for = keys_kept_for

    async def run(self) -> None:
        """Tidies up every ten minutes until cancelled."""
        while True:
            try:
                await self.tidy()
            except Exception:  # noqa: BLE001  (whatever one piece of work raises, the background goes on)
                _LOG.exception("cannot tidy up")
            await asyncio.sleep(_EVERY_SECONDS)

    async def tidy(self) -> int:
        """Forgets old idempotency keys in small transactions; says how many."""
        forgotten, before = 0, self._clock.now() - self._keys_kept_for
        while (some := await self._store.transaction(lambda tx: tx.claims.forget(before, _AT_ONCE))) > 0:
            forgotten += some
        return forgotten
