"""Has the background follow gateways' lists from a server's start on: whoever configured a gateway before its lists were followed, or in the environment, never saved it since."""

import asyncio
import logging
from collections.abc import Collection, Mapping

from server.domain.access import DEFAULT_MERCHANT
from server.domain.clock import Clock
from server.domain.jobs import JobKind
from server.domain.ports import Store, Transaction
from server.operations.list_following import begin_following

_LOG = logging.getLogger(__name__)

_AGAIN_AFTER_SECONDS = 5.0


class ListWatch:
    """Begins it for the default merchant; others' begins when they save a configuration."""

    def __init__(self, store: Store, clock: Clock, followed: Mapping[str, Collection[JobKind]]) -> None:
        self._store = store
        self._clock = clock
        self._followed = followed

    async def run(self) -> None:
        """Ends once that is stored."""
        while True:
            try:
                await self._store.transaction(self._begin)
            except Exception:  # noqa: BLE001  (whatever one piece of work raises, the background goes on)
                _LOG.exception("cannot begin to follow gateways' lists")
            else:
                return
            await asyncio.sleep(_AGAIN_AFTER_SECONDS)

    def _begin(self, tx: Transaction) -> None:
        for gateway, kinds in sorted(self._followed.items()):
            begin_following(tx, DEFAULT_MERCHANT, gateway, kinds, self._clock.now())
