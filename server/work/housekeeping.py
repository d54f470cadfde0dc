"""Forgets what has outlived its use: idempotency keys after their time, and the log of webhooks after a month."""

import logging
from collections.abc import Callable
from datetime import timedelta

from server.domain.clock import Clock
from server.domain.ports import Store, Transaction
from server.work.rounds import again_and_again

_LOG = logging.getLogger(__name__)

_EVERY_SECONDS = 600.0
_AT_ONCE = 500
_DELIVERIES_KEPT_FOR = timedelta(days=30)


class Housekeeping:
    """Keeps storage from growing with what nobody asks for any more."""

    def __init__(self, store: Store, clock: Clock, keys_kept_for: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._keys_kept_for = keys_kept_for

    async def run(self) -> None:
        """Tidies up every ten minutes until cancelled."""
        await again_and_again(self.tidy, _EVERY_SECONDS, _LOG, "cannot tidy up")

    async def tidy(self) -> int:
        """Forgets old idempotency keys and old deliveries in small transactions; says how many."""
        keys_before, deliveries_before = (
            self._clock.now() - self._keys_kept_for,
            self._clock.now() - _DELIVERIES_KEPT_FOR,
        )
        return await self._forget(lambda tx: tx.claims.forget(keys_before, _AT_ONCE)) + await self._forget(
            lambda tx: tx.webhook_deliveries.forget(deliveries_before, _AT_ONCE)
        )

    async def _forget(self, some: Callable[[Transaction], int]) -> int:
        forgotten = 0
        while (more := await self._store.transaction(some)) > 0:
            forgotten += more
        return forgotten
