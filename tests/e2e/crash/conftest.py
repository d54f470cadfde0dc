"""Fixtures of the tests that kill: one simulated gateway for all, and shops with databases of their own on each kind of database."""

import base64
import itertools
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_asyncio

from server.domain.access import DEFAULT_MERCHANT, KeyKind
from server.operations.api_keys import ApiKeyOperations
from server.storage.store import open_store
from server.system import SystemClock, Uuid7
from tests.e2e.crash.gateway import SimulatedGateway, simulated_gateway
from tests.e2e.crash.shop import Shop, Shops
from tests.postgres import PostgresServer

_TEMPLATE = "shop_template"


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def gateway(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[SimulatedGateway]:
    """A simulated gateway, shared by all shops."""
    async with simulated_gateway(tmp_path_factory.mktemp("gateway")) as gateway:
        yield gateway


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def sqlite_with_key(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A migrated file with a secret key, and the key."""
    path = Path(shutil.copy(migrated_sqlite, tmp_path_factory.mktemp("shop") / "sycee.db"))
    return path, await _secret_key(f"sqlite:///{path}")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def postgres_with_key(migrated_postgres: PostgresServer) -> tuple[PostgresServer, str]:
    """A server with a migrated database that has a secret key, and the key."""
    migrated_postgres.create_database(_TEMPLATE, "sycee_template")
    return migrated_postgres, await _secret_key(migrated_postgres.url(_TEMPLATE))


@pytest.fixture
def sqlite_shops(sqlite_with_key: tuple[Path, str], gateway: SimulatedGateway, tmp_path: Path) -> Shops:
    """Opens shops on SQLite."""
    template, secret_key = sqlite_with_key
    numbers = itertools.count(1)

    def new() -> Shop:
        data_dir = tmp_path / str(next(numbers))
        data_dir.mkdir()
        path = shutil.copy(template, data_dir / "sycee.db")
        return Shop(f"sqlite:///{path}", data_dir, secret_key, _hash_key(), gateway)

    return new


@pytest.fixture
def postgres_shops(
    postgres_with_key: tuple[PostgresServer, str], gateway: SimulatedGateway, tmp_path: Path
) -> Iterator[Shops]:
    """Opens shops on PostgreSQL."""
    server, secret_key = postgres_with_key
    numbers = itertools.count(1)
    with ExitStack() as databases:

        def new() -> Shop:
            name = f"shop_{next(numbers)}"
            server.create_database(name, _TEMPLATE)
            databases.callback(server.drop_database, name)
            data_dir = tmp_path / name
            data_dir.mkdir()
            return Shop(server.url(name), data_dir, secret_key, _hash_key(), gateway)

        yield new


@pytest.fixture(params=["sqlite", "postgres"])
def shops(request: pytest.FixtureRequest) -> Shops:
    """Shops on each kind of database."""
    shops: Shops = request.getfixturevalue(f"{request.param}_shops")
    return shops


def _hash_key() -> str:
    """One of the shop's own: shops that name their requests alike must not look to the gateway like one."""
    return base64.b64encode(secrets.token_bytes(32)).decode()


async def _secret_key(database_url: str) -> str:
    store = open_store(database_url)
    try:
        _, secret = await ApiKeyOperations(store, SystemClock(), Uuid7()).create(
            DEFAULT_MERCHANT, KeyKind.SECRET, "till"
        )
    finally:
        await store.close()
    return secret
