"""Looks, as long as a replica lives, at how webhooks stand, for its metrics."""

import asyncio
import logging
from collections.abc import Callable

from server.domain.ports import Store
from server.domain.webhook import WebhookStanding

_LOG = logging.getLogger(__name__)

_EVERY_SECONDS = 30.0

Show = Callable[[WebhookStanding], None]
"""Where it is shown."""


class WebhookWatch:
    """Changes nothing."""

    def __init__(self, store: Store, show: Show) -> None:
        self._store = store
        self._show = show

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            try:
                await self.look()
            except Exception:  # noqa: BLE001  (whatever one piece of work raises, the background goes on)
                _LOG.exception("cannot look at how webhooks stand")
            await asyncio.sleep(_EVERY_SECONDS)

    async def look(self) -> None:
        """Shows how webhooks stand now."""
        self._show(await self._store.read(lambda tx: tx.webhook_endpoints.standing()))
