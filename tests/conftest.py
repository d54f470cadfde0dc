"""Fixtures that every test may ask for."""

import signal

from tests.databases import (
    database_url,
    emptied_postgres,
    migrated_postgres,
    migrated_sqlite,
    postgres_database_url,
    postgres_server,
    postgres_store,
    sqlite_store,
    sqlite_url,
    store,
)
from tests.quick_keys import read_private_keys_once

__all__ = [
    "database_url",
    "emptied_postgres",
    "migrated_postgres",
    "migrated_sqlite",
    "postgres_database_url",
    "postgres_server",
    "postgres_store",
    "sqlite_store",
    "sqlite_url",
    "store",
]


def pytest_configure() -> None:
    """Before any test module imports a gateway's library, or starts a process."""
    read_private_keys_once()
    # A shell that runs the tests in the background lets them ignore SIGINT, and what they start inherits that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
