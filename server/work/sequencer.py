"""Numbers events a moment after they are committed, in every replica."""

import asyncio
import logging

from server.operations.event_sequencing import Sequencing

_LOG = logging.getLogger(__name__)

# What a webhook or a watcher waits for at most before its event is known; looking costs a look at an empty index.
_EVERY_SECONDS = 0.2
_AFTER_FAILURE_SECONDS = 2.0


class Sequencer:
    """Looks for events without a number until it is cancelled."""

    def __init__(self, sequencing: Sequencing) -> None:
        self._sequencing = sequencing

    async def run(self) -> None:
        while True:
            pause = _EVERY_SECONDS
            try:
                await self._sequencing.number()
            except Exception:  # noqa: BLE001  (whatever one piece of work raises, the background goes on)
                _LOG.exception("events cannot be numbered")
                pause = _AFTER_FAILURE_SECONDS
            await asyncio.sleep(pause)
