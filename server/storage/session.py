"""One connection as one database thread holds it: how statements run, and what their failures mean."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from server.storage.constraints import ConstraintNames
from server.storage.errors import StorageError
from server.storage.prepared import Prepared, Record
from server.storage.translate import FAILED, storage_error

log = logging.getLogger(__name__)


class Session(ABC):
    """A connection with the commands of its transactions. Units run statements; threads begin and end transactions."""

    def __init__(self, core: sa.Engine, names: ConstraintNames, driver_error: type[Exception]) -> None:
        self.connection = core.connect()
        """SQLAlchemy's connection, for statements that are put together for one call."""
        self._driver: Any = self.connection.connection.driver_connection
        self._dialect = core.dialect
        self._driver_error = driver_error
        self._names = names
        self._info = self.connection.info

    def run(self, statement: Prepared, parameters: Mapping[str, object]) -> int:
        """Execute a change and return how many rows it touched."""
        count: int = self._execute(statement, parameters).rowcount
        return count

    def run_many(self, statement: Prepared, rows: Sequence[Mapping[str, object]]) -> None:
        """Execute a change once for each set of parameters."""
        native = statement.on(self._dialect)
        try:
            self._driver.cursor().executemany(native.sql, [native.bind(row) for row in rows])
        except self._driver_error as error:
            raise self._failed(error) from error

    def row(self, statement: Prepared, parameters: Mapping[str, object]) -> Record | None:
        """The only row of a SELECT, or None."""
        found = self.rows(statement, parameters)
        assert len(found) <= 1, "a SELECT by a key gave several rows"
        return found[0] if found else None

    def rows(self, statement: Prepared, parameters: Mapping[str, object]) -> list[Record]:
        """Every row of a SELECT."""
        record = statement.on(self._dialect).record
        return [record(row) for row in self._execute(statement, parameters).fetchall()]

    @abstractmethod
    def commit(self) -> None:
        """End the transaction for good. Raises StorageError."""

    @abstractmethod
    def rollback(self) -> None:
        """End the transaction, if there is one, as if it had not been. Raises StorageError."""

    def raise_if_failed(self) -> None:
        """Raise a statement's failure that a unit has swallowed.

        PostgreSQL would answer COMMIT with a rollback that looks like success, so neither database may go on.
        """
        failed: StorageError | None = self._info.pop(FAILED, None)
        if failed is not None:
            raise failed

    def forget_failure(self) -> None:
        """Start the next unit with a clean sheet."""
        self._info.pop(FAILED, None)

    @property
    def lost(self) -> bool:
        """Whether the connection is gone."""
        return False

    def close(self) -> None:
        """Close the connection, which rolls back what is open; a database that is gone already is no error."""
        try:
            self.connection.close()
        except Exception:
            log.warning("a connection did not close cleanly", exc_info=True)

    def _execute(self, statement: Prepared, parameters: Mapping[str, object]) -> Any:
        native = statement.on(self._dialect)
        try:
            return self._driver.execute(native.sql, native.bind(parameters))
        except self._driver_error as error:
            raise self._failed(error) from error

    def _failed(self, error: Exception) -> StorageError:
        failure = self._info[FAILED] = self._meaning(error)
        return failure

    def _meaning(self, error: Exception) -> StorageError:
        return storage_error(error, self._names, lost=self.lost) or StorageError(type(error).__name__)
