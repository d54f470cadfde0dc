"""Opens the settings' database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from server.settings import Settings
from server.storage.errors import NotMigrated
from server.storage.store import SqlStore
from server.storage.store import open_store as open_sql_store


@asynccontextmanager
async def open_store(settings: Settings) -> AsyncIterator[SqlStore]:
    """The settings' database, for as long as the block runs."""
    settings.make_data_dir()
    store = open_sql_store(settings.database_url)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def open_current_store(settings: Settings) -> AsyncIterator[SqlStore]:
    """The settings' database, if its schema is this code's. Raises NotMigrated."""
    async with open_store(settings) as store:
        if not await store.migrated():
            raise NotMigrated
        yield store
