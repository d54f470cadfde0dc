"""Work of the background that is done again and again, whatever became of it the last time."""

import asyncio
import logging
from collections.abc import Awaitable, Callable


async def again_and_again(
    work: Callable[[], Awaitable[object]], every_seconds: float, log: logging.Logger, complaint: str
) -> None:
    """Does it until cancelled, with a pause behind each time. What it raises is logged under the complaint, and ends nothing."""
    while True:
        try:
            await work()
        except Exception:
            log.exception(complaint)
        await asyncio.sleep(every_seconds)
