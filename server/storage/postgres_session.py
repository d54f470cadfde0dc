"""One PostgreSQL connection as one database thread holds it, with the transaction commands that it is driven by."""

import logging

import psycopg
import sqlalchemy as sa
from sqlalchemy import URL

from server.storage.constraints import ConstraintNames
from server.storage.errors import StorageError
from server.storage.translate import FAILED, translate_errors

log = logging.getLogger(__name__)

_OLDEST_SERVER = 150_000

# Only what is too weak is changed: an administrator may have chosen more, remote_apply say.
_DURABLE = """
    SELECT set_config('synchronous_commit', 'on', false)
    WHERE current_setting('synchronous_commit') IN ('off', 'local')
"""
# A lock that is not had by then, or a transaction whose process hangs, must not hold up the others for ever.
_BOUNDED = """
    SELECT set_config('lock_timeout', '3s', false),
           set_config('idle_in_transaction_session_timeout', '60s', false)
"""


def postgres_core(url: URL, names: ConstraintNames) -> sa.Engine:
    """A SQLAlchemy engine without a pool: each database thread opens one connection and keeps it."""
    core = sa.create_engine(url.set(drivername="postgresql+psycopg"), poolclass=sa.NullPool)
    translate_errors(core, names)
    return core


class PostgresSession:
    """The connection, set up for durability, and COMMIT and ROLLBACK as the driver gives them.

    The driver begins by itself, with a transaction's first statement.
    """

    def __init__(self, core: sa.Engine, *, writes: bool) -> None:
        self.connection = core.connect()
        driver = self.connection.connection.driver_connection
        assert isinstance(driver, psycopg.Connection)
        self._driver = driver
        self._info = self.connection.info
        self.writes = writes
        if driver.info.server_version < _OLDEST_SERVER:
            raise StorageError(
                f"PostgreSQL 15 or newer is needed, this server is {driver.info.server_version // 10_000}"
            )
        driver.execute(_DURABLE)
        driver.execute(_BOUNDED)
        driver.commit()
        if not writes:
            driver.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            driver.read_only = True

    @property
    def lost(self) -> bool:
        """Whether the connection is gone."""
        return self._driver.closed

    def commit(self) -> None:
        self._driver.commit()

    def rollback(self) -> None:
        self._driver.rollback()

    def raise_if_failed(self) -> None:
        """Raise a statement's failure that a unit has swallowed: COMMIT would roll back and call it a success."""
        failed: StorageError | None = self._info.pop(FAILED, None)
        if failed is not None:
            raise failed

    def forget_failure(self) -> None:
        """Start the next unit with a clean sheet."""
        self._info.pop(FAILED, None)

    def close(self) -> None:
        """Close the connection, which rolls back what is open; a server that is gone already is no error."""
        try:
            self.connection.close()
        except Exception:
            log.warning("a connection to PostgreSQL did not close cleanly", exc_info=True)
