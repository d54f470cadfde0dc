"""The one way in which these tests wait: they look again until it is so, and not for ever."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")

_PAUSE_SECONDS = 0.1


async def until(look: Callable[[], Awaitable[T]], so: Callable[[T], bool], within_seconds: float) -> T:
    """What was seen when it was so. Fails when it is not within that time."""
    deadline = asyncio.get_running_loop().time() + within_seconds
    while not so(seen := await look()):
        assert asyncio.get_running_loop().time() < deadline, f"after {within_seconds} seconds it is still {seen}"
        await asyncio.sleep(_PAUSE_SECONDS)
    return seen
