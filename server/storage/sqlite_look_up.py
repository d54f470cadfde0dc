"""Reads a row by its key in the event loop's own thread: handing it to another thread costs many times the read."""

import threading
from collections.abc import Callable
from typing import TypeVar

from server.storage.session import Session
from server.storage.sqlite_session import SqliteSession

T = TypeVar("T")


class Busy(Exception):
    """Another event loop is looking something up at this moment."""


class SqliteLookUp:
    """One connection that never waits: not for a lock, and not for another thread.

    A look-up takes tens of microseconds. Should its page not be in memory, the loop waits for one read of the disk.
    """

    def __init__(self, open_session: Callable[[], SqliteSession]) -> None:
        self._open_session = open_session
        self._session: SqliteSession | None = None
        self._lock = threading.Lock()

    def read(self, fn: Callable[[Session], T]) -> T:
        """What `fn` finds in one snapshot. Raises Busy, or TryAgain while the database is locked."""
        if not self._lock.acquire(blocking=False):
            raise Busy
        try:
            self._session = session = self._session or self._opened()
            session.begin()
            try:
                return fn(session)
            finally:
                session.forget_failure()
                session.rollback()
        finally:
            self._lock.release()

    def close(self) -> None:
        """Closes the connection."""
        with self._lock:
            session, self._session = self._session, None
            if session is not None:
                session.close()

    def _opened(self) -> SqliteSession:
        session = self._open_session()
        session.execute("PRAGMA busy_timeout = 0")
        return session
