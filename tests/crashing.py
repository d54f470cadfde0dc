"""Kills the service between any two of its steps: before and after each commit, before and after each call of a gateway."""

from collections.abc import Callable
from typing import TypeVar

from server.domain.ports import Store, Transaction

T = TypeVar("T")


class Crash(BaseException):
    """The process is gone. Like a signal, it is nothing that code could handle."""


class Fuse:
    """Counts steps and kills at one of them, once."""

    def __init__(self) -> None:
        self.steps = 0
        self._kill_at: int | None = None

    def light(self, steps: int) -> None:
        """Kills at the `steps`-th step from now."""
        self.steps = 0
        self._kill_at = steps

    def step(self) -> None:
        self.steps += 1
        if self.steps == self._kill_at:
            self._kill_at = None
            raise Crash


class CrashingStore:
    """A store in front of another; what was committed before the crash is durable, and nothing else is."""

    def __init__(self, store: Store, fuse: Fuse) -> None:
        self._store = store
        self._fuse = fuse

    async def transaction(self, work: Callable[[Transaction], T]) -> T:
        self._fuse.step()
        result = await self._store.transaction(work)
        self._fuse.step()
        return result

    async def read(self, work: Callable[[Transaction], T]) -> T:
        return await self._store.read(work)

    async def look_up(self, work: Callable[[Transaction], T]) -> T:
        return await self._store.look_up(work)
