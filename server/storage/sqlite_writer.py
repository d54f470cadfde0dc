"""The one thread that writes to SQLite: whatever waits shares one COMMIT, each unit in its own savepoint."""

import logging
from collections.abc import Callable
from typing import Any

from server.storage.errors import (
    CommitOutcomeUnknown,
    ConstraintViolated,
    DiskFull,
    GroupLost,
    StorageError,
    StorageUnavailable,
    TryAgain,
)
from server.storage.growing_rounds import GrowingRounds
from server.storage.inbox import Inbox
from server.storage.retry import RetryPolicy
from server.storage.sqlite_session import SqliteSession
from server.storage.units import Unit, deliver

log = logging.getLogger(__name__)

# One fsync carries at most so many units, so that the first does not wait long for the last.
_GROUP_LIMIT = 64


class SqliteWriter:
    """Runs groups of units. A unit that raises loses its savepoint alone; a commit that fails, fails the whole group.

    That includes the units that had raised: they may have judged by rows of the group that never became durable.
    """

    def __init__(self, open_session: Callable[[], SqliteSession], retry: RetryPolicy) -> None:
        self._open_session = open_session
        self._retry = retry
        self._session: SqliteSession | None = None
        self._statistics_are_old = True
        self._rounds = GrowingRounds()

    def work(self, inbox: Inbox) -> None:
        """Serve the inbox until it is closed and empty."""
        while (first := inbox.take()) is not None:
            group = [first, *inbox.take_waiting(_GROUP_LIMIT - 1)]
            try:
                self._run(group)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the callers'
                self._forget_session()
                for unit in group:
                    unit.fail(error)
            deliver(group)
            self._refresh_statistics(len(group))
        self._forget_session()

    def _run(self, group: list[Unit[Any]]) -> None:
        refused: TryAgain | None = None
        for _ in self._retry.tries():
            try:
                self._session = self._session or self._open_session()
                return self._attempt(self._session, group)
            except TryAgain as error:
                if self._session is not None:
                    self._session.rollback()
                refused = error
        raise StorageUnavailable("another connection kept the database locked") from refused

    def _attempt(self, session: SqliteSession, group: list[Unit[Any]]) -> None:
        session.begin()
        for unit in group:
            session.save()
            try:
                unit.attempt(session)
                session.raise_if_failed()
                self._require_transaction(session, None)
            except (TryAgain, GroupLost):
                raise
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is the caller's
                session.forget_failure()
                self._require_transaction(session, error)
                session.restore()
                unit.fail(error)
            session.release()
        self._commit(session)

    @staticmethod
    def _require_transaction(session: SqliteSession, error: BaseException | None) -> None:
        """On a full disk or an I/O error SQLite rolls back by itself, and the savepoints of all units are gone."""
        if not session.in_transaction:
            raise GroupLost("SQLite rolled the whole group back") from error

    @staticmethod
    def _commit(session: SqliteSession) -> None:
        try:
            session.commit()
        except (TryAgain, DiskFull, ConstraintViolated):
            raise
        except StorageError as error:
            # A failed fsync, say: the commit's last page may be on the disk or not, and a crash now would show which.
            raise CommitOutcomeUnknown("SQLite did not say whether it committed") from error

    def _refresh_statistics(self, units: int) -> None:
        """At the start, and as the database grows: without them SQLite reads what is proven row by row once for each row."""
        self._statistics_are_old |= self._rounds.ended_by(units)
        if self._session is not None and self._statistics_are_old:
            self._statistics_are_old = False
            try:
                self._session.optimize()
            except StorageError as error:
                log.warning("the planner's statistics were not refreshed: %s", error)

    def _forget_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
