"""Has the background follow payouts from a server's start on: whoever configured a gateway before there were payouts, or in the environment, never saved it."""

import asyncio
import logging
from collections.abc import Collection

from server.domain.access import DEFAULT_MERCHANT
from server.domain.clock import Clock
from server.domain.ports import Store, Transaction
from server.operations.payout_following import begin_following

_LOG = logging.getLogger(__name__)

_AGAIN_AFTER_SECONDS = 5.0


class PayoutWatch:
    """Begins it for the default merchant; others' begins when they save a configuration."""

    def __init__(self, store: Store, clock: Clock, gateways: Collection[str]) -> None:
        self._store = store
        self._clock = clock
        self._gateways = gateways

    async def run(self) -> None:
        """Ends once that is stored."""
        while True:
            try:
                await self._store.transaction(self._begin)
            except Exception:  # noqa: BLE001  (whatever one piece of work raises, the background goes on)
                _LOG.exception("cannot begin to follow payouts")
            else:
                return
            await asyncio.sleep(_AGAIN_AFTER_SECONDS)

    def _begin(self, tx: Transaction) -> None:
        for gateway in sorted(self._gateways):
            begin_following(tx, DEFAULT_MERCHANT, gateway, self._clock.now())
