"""A shop with a database of its own, whose server lives, dies and lives again."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import grpc

from server.settings import read_settings
from server.storage.engine_postgres import PostgresOptions
from server.storage.store import SqlStore, open_store
from tests.e2e.crash.books import Books, disagreements, read_books
from tests.e2e.crash.caller import Caller
from tests.e2e.crash.gateway import SECRET_KEY, SimulatedGateway
from tests.e2e.crash.process import ServerProcess, news_of, started
from tests.e2e.crash.server import Life

_ONE_READER = PostgresOptions(writers=1, readers=1)


@dataclass(frozen=True, slots=True)
class Shop:
    """What outlives a server: the database, the directory, the secrets, and the gateway."""

    database_url: str
    data_dir: Path
    secret_key: str = field(repr=False)
    hash_key: str = field(repr=False)
    gateway: SimulatedGateway

    @property
    def environment(self) -> dict[str, str]:
        """How its servers are set up."""
        return {
            "SYCEE_DATA_DIR": str(self.data_dir),
            "SYCEE_DATABASE_URL": self.database_url,
            "SYCEE_HASH_KEY": self.hash_key,
            "SYCEE_STRIPE_SECRET_KEY": SECRET_KEY,
            "SYCEE_STRIPE_BASE_URL": f"{self.gateway.url}/stripe",
            "SYCEE_WEBHOOK_ALLOWED_HOSTS": "127.0.0.1",
            "SYCEE_LOG_LEVEL": "ERROR",
        }

    @asynccontextmanager
    async def open(self, ahead: timedelta = timedelta(0)) -> AsyncIterator[tuple[ServerProcess, Caller]]:
        """A server over what is stored, its clock that far ahead, and a caller of it."""
        target = read_settings(self.environment).socket_target
        async with (
            started(Life(self.environment, ahead)) as server,
            grpc.aio.insecure_channel(target) as channel,
        ):
            yield server, Caller(channel, self.secret_key)

    @asynccontextmanager
    async def stored(self) -> AsyncIterator[SqlStore]:
        """The database, beside the server or without one."""
        store = open_store(self.database_url, postgres=_ONE_READER)
        try:
            yield store
        finally:
            await store.close()

    def replica(self) -> "Shop":
        """The same shop on another machine: a directory of its own, and everything else shared."""
        data_dir = self.data_dir / "replica"
        data_dir.mkdir()
        return replace(self, data_dir=data_dir)

    async def books(self) -> Books:
        """What is stored now."""
        async with self.stored() as store:
            return await read_books(store)

    async def at_rest(self, *servers: ServerProcess) -> Books:
        """What is stored as soon as the outcome of everything is known, which the servers' background sees to."""
        async with self.stored() as store:
            while not (books := await read_books(store)).at_rest:
                try:
                    await news_of(*servers)
                except TimeoutError:
                    await self.assert_in_order(books, set())
                    raise
        return books

    async def assert_in_order(self, books: Books, answered: set[str]) -> None:
        """The gateway's truth, the payments, the ledger and the outbox agree; nobody works on what is over."""
        assert not (wrong := disagreements(books, await self.gateway.held(), answered)), "\n".join(wrong)


Shops = Callable[[], Shop]
"""Opens a new shop."""
