"""Settles, as long as a replica lives, what the gateways' days have come for."""

import asyncio
import logging

from server.operations.balance_settling import BalanceSettling

_LOG = logging.getLogger(__name__)

_EVERY_SECONDS = 60.0


class Settlements:
    """Looks every minute; a replica that finds nothing writes nothing."""

    def __init__(self, settling: BalanceSettling) -> None:
        self._settling = settling

    async def run(self) -> None:
        """Settles until cancelled."""
        while True:
            try:
                while await self._settling.settle_due():
                    pass
            except Exception:  # noqa: BLE001  (whatever one piece of work raises, the background goes on)
                _LOG.exception("cannot settle what is due")
            await asyncio.sleep(_EVERY_SECONDS)
