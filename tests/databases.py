"""Fixtures for databases: the same tests run on SQLite and on PostgreSQL, each test in an empty database that nobody else uses."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from server.storage.engine_postgres import PostgresOptions
from server.storage.migrate import migrate
from server.storage.store import SqlStore, open_store
from tests.emptied_postgres import EmptiedDatabase
from tests.postgres import PostgresServer, throw_away_postgres

_TEMPLATE = "sycee_template"

# A test's few transactions need no more, and connecting is what they would wait for.
_FEW_CONNECTIONS = PostgresOptions(writers=4, readers=2)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A throw-away PostgreSQL, started when the first test asks for it."""
    with throw_away_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def migrated_postgres(postgres_server: PostgresServer) -> PostgresServer:
    """The server with a migrated database that tests clone."""
    postgres_server.create_database(_TEMPLATE)
    migrate(postgres_server.url(_TEMPLATE))
    return postgres_server


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file that tests copy."""
    path = tmp_path_factory.mktemp("template") / "sycee.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    """A migrated SQLite database of the test's own."""
    return f"sqlite:///{shutil.copy(migrated_sqlite, tmp_path / 'sycee.db')}"


@pytest.fixture(scope="session")
def emptied_postgres(migrated_postgres: PostgresServer) -> Iterator[EmptiedDatabase]:
    """The migrated database that tests have in turn."""
    database = EmptiedDatabase(migrated_postgres, _TEMPLATE)
    yield database
    database.drop()


@pytest.fixture
def postgres_database_url(emptied_postgres: EmptiedDatabase) -> Iterator[str]:
    """A migrated PostgreSQL database without rows, the test's own while it runs."""
    yield emptied_postgres.url
    emptied_postgres.empty()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of each kind, as SYCEE_DATABASE_URL names it."""
    url: str = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_database_url")
    return url


@pytest_asyncio.fixture
async def sqlite_store(sqlite_url: str) -> AsyncIterator[SqlStore]:
    """An empty store over SQLite."""
    store = open_store(sqlite_url)
    yield store
    await store.close()


@pytest_asyncio.fixture
async def postgres_store(postgres_database_url: str) -> AsyncIterator[SqlStore]:
    """An empty store over PostgreSQL."""
    store = open_store(postgres_database_url, postgres=_FEW_CONNECTIONS)
    yield store
    await store.close()


@pytest.fixture(params=["sqlite", "postgres"])
def store(request: pytest.FixtureRequest) -> SqlStore:
    """An empty store over each kind of database: what asks for it runs on both."""
    store: SqlStore = request.getfixturevalue(f"{request.param}_store")
    return store
