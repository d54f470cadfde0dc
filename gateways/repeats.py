"""Repeats a call to a gateway: when that is safe each gateway says, how it is done is the same for all."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


async def repeated(call: Callable[[], Awaitable[tuple[T, bool]]], pauses_seconds: Sequence[float]) -> T:
    """What came of the last call. `call` also says whether it may be made again, and is so after each of the pauses, none of which two callers make alike."""
    for pause in pauses_seconds:
        reply, again = await call()
        if not again:
            return reply
        await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads repeats, protects nothing
    reply, _ = await call()
    return reply
