"""Fixtures that every test may ask for."""

from tests.databases import (
    database_url,
    migrated_postgres,
    migrated_sqlite,
    postgres_database_url,
    postgres_server,
    postgres_store,
    sqlite_store,
    sqlite_url,
    store,
)

__all__ = [
    "database_url",
    "migrated_postgres",
    "migrated_sqlite",
    "postgres_database_url",
    "postgres_server",
    "postgres_store",
    "sqlite_store",
    "sqlite_url",
    "store",
]
