"""Threads that read from SQLite beside the writer, each over one snapshot per unit."""

from collections.abc import Callable
from typing import Any

from server.storage.constraints import ConstraintNames
from server.storage.errors import StorageUnavailable, TryAgain
from server.storage.inbox import Inbox
from server.storage.retry import RetryPolicy
from server.storage.sqlite_session import SqliteSession
from server.storage.translate import storage_error
from server.storage.units import Unit, deliver


class SqliteReader:
    """Runs units over read-only connections; `work` may run in several threads, each with its own connection."""

    def __init__(self, open_session: Callable[[], SqliteSession], names: ConstraintNames, retry: RetryPolicy) -> None:
        self._open_session = open_session
        self._names = names
        self._retry = retry

    def work(self, inbox: Inbox) -> None:
        """Serve the inbox until it is closed and empty."""
        session: SqliteSession | None = None
        while (unit := inbox.take()) is not None:
            try:
                session = session or self._open_session()
                self._run(session, unit)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is the caller's
                unit.fail(storage_error(error, self._names) or error)
            deliver([unit])
        if session is not None:
            session.close()

    def _run(self, session: SqliteSession, unit: Unit[Any]) -> None:
        refused: BaseException | None = None
        for _ in self._retry.tries():
            try:
                session.begin()
                unit.attempt(session.connection)
            except BaseException as error:
                if not isinstance(storage_error(error, self._names) or error, TryAgain):
                    raise
                refused = error
            else:
                return
            finally:
                session.forget_failure()
                session.rollback()
        raise StorageUnavailable("another connection kept the database locked") from refused
