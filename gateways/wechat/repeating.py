"""Repeats calls that WeChat Pay turned away unread, and those that move no money and failed quickly."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from gateways.repeats import repeated
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

    async def _call(self, call: Callable[[], Awaitable[T | Failure]], whys: Sequence[Why]) -> T | Failure:
        clock = asyncio.get_running_loop()

        async def once() -> tuple[T | Failure, bool]:
            started = clock.time()
            reply = await call()
            slow = clock.time() - started > _QUICK_SECONDS
            return reply, isinstance(reply, Failure) and reply.why in whys and not slow

        return await repeated(once, self._pauses_seconds)
