"""A PostgreSQL connection as one database thread holds it, with the transaction commands that it is driven by."""

import psycopg
import sqlalchemy as sa
from sqlalchemy import URL

from server.storage.constraints import ConstraintNames
from server.storage.errors import StorageError
from server.storage.session import Session
from server.storage.translate import translate_errors

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
    # Positional parameters, as on SQLite, so that a prepared statement binds them in one way.
    core = sa.create_engine(url.set(drivername="postgresql+psycopg"), poolclass=sa.NullPool, paramstyle="format")
    translate_errors(core, names)
    return core


class PostgresSession(Session):
    """The connection, set up for durability, and COMMIT and ROLLBACK as the driver gives them.

    The driver begins by itself, with a transaction's first statement.
    """

    def __init__(self, core: sa.Engine, names: ConstraintNames, *, writes: bool) -> None:
        super().__init__(core, names, psycopg.Error)
        self.writes = writes
        driver = self._driver
        assert isinstance(driver, psycopg.Connection)
        if driver.info.server_version < _OLDEST_SERVER:
            found = driver.info.server_version // 10_000
            raise StorageError(f"PostgreSQL 15 or newer is needed, this server is {found}")
        driver.execute(_DURABLE)
        driver.execute(_BOUNDED)
        driver.commit()
        if not writes:
            driver.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            driver.read_only = True

    @property
    def lost(self) -> bool:
        return bool(self._driver.closed)

    def commit(self) -> None:
        try:
            self._driver.commit()
        except psycopg.Error as error:
            raise self._meaning(error) from error

    def rollback(self) -> None:
        try:
            self._driver.rollback()
        except psycopg.Error as error:
            raise self._meaning(error) from error
