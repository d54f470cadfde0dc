"""An event loop whose time passes only where everybody waits: hours take milliseconds, and the same run takes the same steps."""

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import Any, TypeVar

from tests.builders import NOON

T = TypeVar("T")


class _NothingArrives(selectors.SelectSelector):
    """Instead of waiting for input it lets the time pass."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everybody waits for ever"
        self.now += max(timeout, 0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """asyncio's own loop over virtual time."""

    def __init__(self) -> None:
        self._nothing = _NothingArrives()
        super().__init__(self._nothing)

    def time(self) -> float:
        return self._nothing.now


class LoopClock:
    """Noon and what has passed on the running loop since."""

    def now(self) -> datetime:
        return NOON + timedelta(seconds=asyncio.get_running_loop().time())


def run(main: Coroutine[Any, Any, T]) -> T:
    """Runs to the end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
