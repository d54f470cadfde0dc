"""Threads for a gateway whose library blocks: a bounded number of its own, so that one slow gateway slows no other."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class PoolBusy(Exception):
    """Every thread is waiting for the gateway; nothing was sent."""


class CallPool:
    """At most `threads` calls at a time. A call that finds no thread within `wait_seconds` is not made; one that takes longer than `timeout_seconds` goes on unheard.

    The library's own time-out should end its calls before that: this one is for what it does not cover, such as a name that does not resolve or an answer that drips in.
    """

    def __init__(self, name: str, *, threads: int, wait_seconds: float, timeout_seconds: float) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._free = asyncio.Semaphore(threads)
        self._wait_seconds = wait_seconds
        self._timeout_seconds = timeout_seconds

    async def run(self, call: Callable[[], T]) -> T:
        """What the call returns or raises. Raises PoolBusy when it was not made, TimeoutError when nobody knows what became of it."""
        try:
            await asyncio.wait_for(self._free.acquire(), self._wait_seconds)
        except TimeoutError:
            raise PoolBusy from None
        running = asyncio.get_running_loop().run_in_executor(self._executor, call)
        # The thread is free when its call has ended, not when its caller has left.
        running.add_done_callback(self._ended)
        return await asyncio.wait_for(asyncio.shield(running), self._timeout_seconds)

    def close(self) -> None:
        """Makes no further calls; those under way end by themselves."""
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _ended(self, ended: asyncio.Future[Any]) -> None:
        self._free.release()
        if not ended.cancelled():
            # Read, so that a failure that nobody waits for is not reported as forgotten.
            ended.exception()
