"""Fixtures that every test may ask for."""

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
    """Before any test module imports a gateway's library."""
    read_private_keys_once()
