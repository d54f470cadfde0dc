"""Has the background follow gateways' lists from a server's start on: whoever configured a gateway before its lists were followed, or in the environment, need not save it anew."""

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
    """Begins it for what merchants have saved, and at all gateways for the default one, whom the environment may configure."""

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
        now = self._clock.now()
        saved = {(config.merchant_id, config.gateway) for config in tx.payment_configs.everybodys()}
        # In one order, in which replicas that start at once do not wait for each other in a circle.
        for merchant_id, gateway in sorted(saved | {(DEFAULT_MERCHANT, gateway) for gateway in self._followed}):
            begin_following(tx, merchant_id, gateway, self._followed.get(gateway, ()), now)
