"""Looks, as long as a replica lives, at how webhooks stand, for its metrics."""

import logging
from collections.abc import Callable

from server.domain.ports import Store
from server.domain.webhook import WebhookStanding
from server.work.rounds import again_and_again

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
        await again_and_again(self.look, _EVERY_SECONDS, _LOG, "cannot look at how webhooks stand")

    async def look(self) -> None:
        """Shows how webhooks stand now."""
        self._show(await self._store.read(lambda tx: tx.webhook_endpoints.standing()))
