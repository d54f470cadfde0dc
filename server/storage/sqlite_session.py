"""A SQLite connection as one database thread holds it, with the transaction commands that it is driven by."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPIConnection

from server.storage.constraints import ConstraintNames
from server.storage.session import Session
from server.storage.sqlite_library import SqliteLibrary
from server.storage.translate import translate_errors

# How long SQLite itself waits for another process's lock; whole transactions are repeated after that.
_BUSY_TIMEOUT_MS = 500


def sqlite_core(path: Path, library: SqliteLibrary, names: ConstraintNames) -> sa.Engine:
    """A SQLAlchemy engine without a pool: each database thread opens one connection and keeps it."""

    def connect() -> DBAPIConnection:
        # Autocommit: the driver must begin nothing by itself, the session says BEGIN IMMEDIATE.
        connection: DBAPIConnection = library.dbapi.connect(path, isolation_level=None, check_same_thread=False)
        return connection

    core = sa.create_engine("sqlite://", creator=connect, module=library.dbapi, poolclass=sa.NullPool)
    translate_errors(core, names)
    return core


class SqliteSession(Session):
    """The connection, set up for durability, and BEGIN, SAVEPOINT, COMMIT, ROLLBACK at the driver's price.

    SQLAlchemy's own `begin_nested` costs more than the statements of a small transaction.
    """

    def __init__(self, core: sa.Engine, library: SqliteLibrary, names: ConstraintNames, *, writes: bool) -> None:
        super().__init__(core, names, library.dbapi.Error)
        self._begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
        for pragma in (
            f"busy_timeout = {_BUSY_TIMEOUT_MS}",
            f"journal_mode = {library.journal_mode}",
            # NORMAL loses acknowledged commits at a power cut.
            "synchronous = FULL",
            "foreign_keys = ON",
            # Without it REPLACE would delete rows past the triggers that refuse it.
            "recursive_triggers = ON",
            f"query_only = {'OFF' if writes else 'ON'}",
        ):
            self.execute(f"PRAGMA {pragma}")

    def execute(self, sql: str) -> None:
        """Run a command of the session itself, which is no statement of a unit. Raises StorageError."""
        try:
            self._driver.execute(sql)
        except self._driver_error as error:
            raise self._meaning(error) from error

    def optimize(self) -> None:
        """Let SQLite look at tables whose size has changed, so that it picks the index that excludes most."""
        # All tables, but of each only a sample: writers wait meanwhile.
        self.execute("PRAGMA optimize = 0x10012")

    @property
    def in_transaction(self) -> bool:
        """False after SQLite rolled back by itself (disk full, I/O error): no savepoint is left then."""
        return bool(self._driver.in_transaction)

    def begin(self) -> None:
        """Begin a transaction; a writer takes the lock at once, so that it cannot fail half way for want of it."""
        self.execute(self._begin)

    def save(self) -> None:
        """Begin a unit within the transaction."""
        self.execute("SAVEPOINT unit")

    def restore(self) -> None:
        """Undo the unit."""
        self.execute("ROLLBACK TO unit")

    def release(self) -> None:
        """End the unit, undone or not."""
        self.execute("RELEASE unit")

    def commit(self) -> None:
        self.execute("COMMIT")

    def rollback(self) -> None:
        if self.in_transaction:
            self.execute("ROLLBACK")
