"""One database thread with its own PostgreSQL connection: runs units, repeats them, and replaces a lost connection."""

from collections.abc import Callable
from typing import Any

from server.storage.errors import (
    CommitOutcomeUnknown,
    ConstraintViolated,
    StorageError,
    StorageUnavailable,
    TryAgain,
)
from server.storage.inbox import Inbox
from server.storage.postgres_session import PostgresSession
from server.storage.retry import RetryPolicy
from server.storage.units import Unit, deliver


class PostgresWorker:
    """Serves one thread. Up to COMMIT a lost connection is a reason to repeat; from COMMIT on it never is."""

    def __init__(self, open_session: Callable[[], PostgresSession], retry: RetryPolicy) -> None:
        self._open_session = open_session
        self._retry = retry
        self._session: PostgresSession | None = None

    def work(self, inbox: Inbox) -> None:
        """Serve the inbox until it is closed and empty."""
        while (unit := inbox.take()) is not None:
            try:
                self._run(unit)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is the caller's
                unit.fail(error)
            deliver([unit])
        self._forget_session()

    def _run(self, unit: Unit[Any]) -> None:
        refused: StorageError | None = None
        for _ in self._retry.tries():
            try:
                return self._attempt(unit)
            except TryAgain as error:
                refused = error
            except StorageUnavailable as error:
                if self._session is not None:
                    raise
                refused = error
        raise StorageUnavailable("the database did not carry out the transaction") from refused

    def _attempt(self, unit: Unit[Any]) -> None:
        session = self._session = self._session or self._open_session()
        try:
            unit.attempt(session)
            session.raise_if_failed()
        except BaseException:
            self._undo(session)
            raise
        if session.writes:
            self._commit(session)
        else:
            self._undo(session)

    def _commit(self, session: PostgresSession) -> None:
        try:
            session.commit()
        except (TryAgain, ConstraintViolated):
            self._undo(session)
            raise
        except StorageError as error:
            self._undo(session)
            raise CommitOutcomeUnknown("the answer to COMMIT was lost") from error

    def _undo(self, session: PostgresSession) -> None:
        session.forget_failure()
        try:
            session.rollback()
        except StorageError:
            self._forget_session()
        if session.lost:
            self._forget_session()

    def _forget_session(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            session.close()
