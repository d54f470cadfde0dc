"""What both databases offer to the store: a function run in a transaction in a database thread."""

from collections.abc import Callable
from typing import Protocol, TypeVar

from server.storage.session import Session

T = TypeVar("T")


class Engine(Protocol):
    """Runs plain synchronous functions over a session, away from the event loop. Usable from several loops."""

    async def write(self, fn: Callable[[Session], T]) -> T:
        """Run `fn` in a durable transaction and return its result after COMMIT; what it raises rolls it back.

        `fn` is repeated from its start when the database asks for that (40001, 40P01, SQLITE_BUSY), so it must
        have no effect outside the database. Cancelling the caller does not stop it.
        Raises CommitOutcomeUnknown when the answer to COMMIT is lost, StorageUnavailable when nothing was kept.
        """

    async def read(self, fn: Callable[[Session], T]) -> T:
        """Run `fn` over one snapshot of what is committed, beside the writers; it cannot write."""

    async def look_up(self, fn: Callable[[Session], T]) -> T:
        """Run `fn`, which reads a few rows by their keys, in the quickest way; otherwise like `read`."""

    async def close(self) -> None:
        """Refuse new transactions, finish those that wait, and close the connections."""
