"""Repeats calls that WeChat Pay turned away unread, and those that move no money and failed quickly."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from gateways.wechat.failures import Failure, Why

T = TypeVar("T")

# A look that failed in less time than this may be repeated: the caller has no time for a second time-out.
_QUICK_SECONDS = 1.0


class Repeating:
    """Makes a call again after each of `pauses_seconds` while that is safe and of use."""

    def __init__(self, pauses_seconds: Sequence[float]) -> None:
        self._pauses_seconds = pauses_seconds

    async def change(self, call: Callable[[], Awaitable[T | Failure]]) -> T | Failure:
        """A call that changes something: repeated only when it was turned away unread."""
        return await self._call(call, (Why.BUSY,))

    async def look(self, call: Callable[[], Awaitable[T | Failure]]) -> T | Failure:
        """A call that reads."""
        return await self._call(call, (Why.BUSY, Why.NOT_SENT, Why.LOST))

    async def _call(self, call: Callable[[], Awaitable[T | Failure]], repeated: Sequence[Why]) -> T | Failure:
        clock = asyncio.get_running_loop()
        pauses = iter(self._pauses_seconds)
        while True:
            started = clock.time()
            reply = await call()
            slow = clock.time() - started > _QUICK_SECONDS
            pause = next(pauses, None)
            if not isinstance(reply, Failure) or reply.why not in repeated or slow or pause is None:
                return reply
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads repeats, protects nothing
