"""A thread that reads from SQLite beside the writer, over one snapshot per unit."""

from collections.abc import Callable
from typing import Any

from server.storage.errors import StorageUnavailable, TryAgain
from server.storage.growing_rounds import GrowingRounds
from server.storage.inbox import Inbox
from server.storage.retry import RetryPolicy
from server.storage.sqlite_session import SqliteSession
from server.storage.units import Unit, deliver


class SqliteReader:
    """Serves one thread, which reads over a connection of its own."""

    def __init__(self, open_session: Callable[[], SqliteSession], retry: RetryPolicy) -> None:
        self._open_session = open_session
        self._retry = retry
        self._session: SqliteSession | None = None
        self._rounds = GrowingRounds()

    def work(self, inbox: Inbox) -> None:
        """Serve the inbox until it is closed and empty."""
        while (unit := inbox.take()) is not None:
            try:
                self._run(unit)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is the caller's
                unit.fail(error)
            deliver([unit])
            # A connection reads the planner's statistics when it opens; the writer refreshes them about as often.
            if self._rounds.ended_by(1):
                self._forget_session()
        self._forget_session()

    def _run(self, unit: Unit[Any]) -> None:
        refused: TryAgain | None = None
        for _ in self._retry.tries():
            try:
                self._session = self._session or self._open_session()
                return self._attempt(self._session, unit)
            except TryAgain as error:
                refused = error
        raise StorageUnavailable("another connection kept the database locked") from refused

    def _attempt(self, session: SqliteSession, unit: Unit[Any]) -> None:
        session.begin()
        try:
            unit.attempt(session)
        finally:
            session.forget_failure()
            session.rollback()

    def _forget_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
