"""An engine over each kind of database, with a small schema that belongs to these tests."""

import dataclasses
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
import sqlalchemy as sa

from server.domain.ports import Store
from server.storage.engine import Engine
from server.storage.engine_postgres import PostgresEngine, PostgresOptions
from server.storage.engine_sqlite import SqliteEngine, SqliteOptions
from server.storage.retry import RetryPolicy
from server.storage.sqlite_library import find_sqlite_library
from tests.integration.storage.schema import METADATA, create_schema
from tests.memory import MemoryStore
from tests.postgres import PostgresServer

QUICK_RETRY = RetryPolicy(attempts=6, first_pause_seconds=0.001, longest_pause_seconds=0.01)


def sqlite_engine(path: Path, *, wal_is_safe: bool = True, capacity: int = 1_000) -> SqliteEngine:
    """An engine over a file; `wal_is_safe=False` pretends that the library has the WAL-reset defect."""
    library = find_sqlite_library()
    if not wal_is_safe:
        library = dataclasses.replace(library, version=(3, 51, 2))
    return SqliteEngine(path, library, METADATA, SqliteOptions(capacity=capacity, retry=QUICK_RETRY))


def postgres_engine(url: str, *, capacity: int = 1_000) -> PostgresEngine:
    """An engine over a database of the test's own."""
    options = PostgresOptions(writers=4, readers=2, capacity=capacity, retry=QUICK_RETRY)
    return PostgresEngine(sa.make_url(url), METADATA, options)


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    """Where the test's SQLite file is."""
    return tmp_path / "test.db"


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """An empty PostgreSQL database of the test's own."""
    postgres_server.create_database("engine")
    yield postgres_server.url("engine")
    postgres_server.drop_database("engine")


@pytest_asyncio.fixture(params=["sqlite", "sqlite-rollback-journal", "postgres"])
async def engine(request: pytest.FixtureRequest) -> AsyncIterator[Engine]:
    """The same tests on both databases, and on SQLite in the mode that an affected library gets."""
    engine: Engine
    if request.param == "postgres":
        engine = postgres_engine(request.getfixturevalue("postgres_url"))
    else:
        path = request.getfixturevalue("sqlite_path")
        engine = sqlite_engine(path, wal_is_safe=request.param == "sqlite")
    await engine.write(create_schema)
    yield engine
    await engine.close()


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def any_store(request: pytest.FixtureRequest) -> Store:
    """Every implementation of the port: what tests use in memory promises what the databases do."""
    if request.param == "memory":
        return MemoryStore()
    store: Store = request.getfixturevalue(f"{request.param}_store")
    return store
