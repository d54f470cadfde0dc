"""One caller's transaction on its way into a database thread and its outcome on the way back to the caller's loop."""

import asyncio
import logging
from collections.abc import Callable, Generator, Sequence
from typing import Any, Generic, TypeVar

from server.storage.session import Session

T = TypeVar("T")

log = logging.getLogger(__name__)


class Unit(Generic[T]):
    """A function to run in a transaction, the future that its caller awaits, and the outcome in between.

    The caller may stop waiting (its task is cancelled): the transaction runs to its end all the same.
    """

    __slots__ = ("_error", "_fn", "_future", "_value", "loop")

    def __init__(self, fn: Callable[[Session], T], loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._fn = fn
        self._future: asyncio.Future[T] = loop.create_future()
        self._value: T | None = None
        self._error: BaseException | None = None

    def attempt(self, session: Session) -> None:
        """Run the function in the database thread; what it returns is kept until `deliver`, what it raises is raised."""
        self._value = self._fn(session)
        self._error = None

    def fail(self, error: BaseException) -> None:
        """Make `error` the outcome, whatever the function returned."""
        self._error = error

    def settle(self) -> None:
        """Hand the outcome over, in the caller's loop."""
        if self._future.done():
            if self._error is not None:
                log.warning("a transaction whose caller had left failed: %s", type(self._error).__name__)
        elif self._error is not None:
            self._future.set_exception(self._error)
        else:
            self._future.set_result(self._value)  # type: ignore[arg-type]  # T was returned, None included

    def __await__(self) -> Generator[Any, None, T]:
        return self._future.__await__()


def deliver(units: Sequence[Unit[Any]]) -> None:
    """Wake each loop once for all its units: a wake-up costs more than a small transaction's statements."""
    by_loop: dict[asyncio.AbstractEventLoop, list[Unit[Any]]] = {}
    for unit in units:
        by_loop.setdefault(unit.loop, []).append(unit)
    for loop, settled in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle_all, settled)
        except RuntimeError:
            log.warning("%d transactions ended after their loop had closed", len(settled))


def _settle_all(units: Sequence[Unit[Any]]) -> None:
    for unit in units:
        unit.settle()
