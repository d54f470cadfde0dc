"""Settles, as long as a replica lives, what the gateways' days have come for."""

import logging

from server.operations.balance_settling import BalanceSettling
from server.work.rounds import again_and_again

_LOG = logging.getLogger(__name__)

_EVERY_SECONDS = 60.0


class Settlements:
    """Looks every minute; a replica that finds nothing writes nothing."""

    def __init__(self, settling: BalanceSettling) -> None:
        self._settling = settling

    async def run(self) -> None:
        """Settles until cancelled."""
        await again_and_again(self._settle, _EVERY_SECONDS, _LOG, "cannot settle what is due")

    async def _settle(self) -> None:
        while await self._settling.settle_due():
            pass
