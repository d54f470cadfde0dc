"""Brings a database's schema up to date, before any request: `sycee migrate` and the start of `sycee dev`."""

from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection

from server.storage.constraints import ConstraintNames
from server.storage.database_url import parse_database_url, sqlite_path
from server.storage.errors import StorageError
from server.storage.postgres_session import postgres_core
from server.storage.sqlite_library import find_sqlite_library
from server.storage.sqlite_session import SqliteSession, sqlite_core
from server.storage.tables import METADATA

_MIGRATIONS = Path(__file__).parent / "migrations"

# Any number that no other use of the same database has: replicas that start together migrate one after the other.
_ADVISORY_LOCK = 7_316_180_021

# How long a process waits on SQLite for another one that migrates; PostgreSQL's lock waits without an end.
_OTHER_MIGRATES_MS = 60_000


def migrate(database_url: str) -> Sequence[str]:
    """Carry out the migrations that the database lacks, all or none, and return their ids.

    Synchronous and safe to call from several processes at once. Raises StorageError, or DatabaseUrlError.
    """
    url = parse_database_url(database_url)
    path = sqlite_path(url)
    return _migrate_postgres(url) if path is None else _migrate_sqlite(path)


def _migrate_postgres(url: URL) -> Sequence[str]:
    core = postgres_core(url, ConstraintNames(METADATA))
    with core.begin() as connection:
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
        return _upgrade(connection)


def _migrate_sqlite(path: Path) -> Sequence[str]:
    library = find_sqlite_library()
    names = ConstraintNames(METADATA)
    core = sqlite_core(path, library, names)
    session = SqliteSession(core, library, names, writes=True)
    try:
        session.execute(f"PRAGMA busy_timeout = {_OTHER_MIGRATES_MS}")
        # A table that SQLite cannot alter is copied and dropped; enforced foreign keys would then delete other rows.
        session.execute("PRAGMA foreign_keys = OFF")
        session.begin()
        # Tells Alembic that the transaction is not its own to commit; the driver does nothing here.
        session.connection.begin()
        applied = _upgrade(session.connection)
        if session.connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise StorageError("a migration left rows that refer to nothing")
        session.commit()
    finally:
        session.rollback()
        session.close()
    return applied


def _upgrade(connection: Connection) -> Sequence[str]:
    applied: list[str] = []
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.attributes["connection"] = connection
    config.attributes["applied"] = applied
    command.upgrade(config, "head")
    return applied
