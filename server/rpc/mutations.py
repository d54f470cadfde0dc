"""Mutations in progress: each runs to its end, whether or not its caller still waits."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from server.rpc.failures import OutOfTime

T = TypeVar("T")

# The answer that the time is over leaves this long before the caller's deadline, so that it arrives and names the reason.
_BEFORE_DEADLINE_SECONDS = 0.05


class Mutations:
    """Runs mutations in tasks of their own: a caller that hangs up halfway through a charge must not decide where the charge is cut off."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[Any]] = set()

    async def run(self, mutation: Coroutine[Any, Any, T], seconds: float | None) -> T:
        """What the mutation returns or raises. Raises OutOfTime shortly before `seconds` are over; the mutation goes on then, as it does when the caller is cancelled."""
        task = asyncio.create_task(mutation)
        self._running.add(task)
        task.add_done_callback(self._ended)
        timeout = None if seconds is None else max(seconds * 0.9, seconds - _BEFORE_DEADLINE_SECONDS)
        await asyncio.wait((task,), timeout=timeout)
        if not task.done():
            raise OutOfTime
        return task.result()

    async def drain(self, seconds: float) -> int:
        """Waits until they are all over, so long at most; says how many are still running."""
        if self._running:
            await asyncio.wait(self._running, timeout=seconds)
        return len(self._running)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._running.discard(task)
        if not task.cancelled():
            # What nobody waits for any more was logged or stored by the mutation itself.
            task.exception()
