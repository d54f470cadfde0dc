"""PostgreSQL: as many database threads as connections, for writers and readers alike."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import URL, MetaData

from server.storage.constraints import ConstraintNames
from server.storage.inbox import Inbox
from server.storage.postgres_session import PostgresSession, postgres_core
from server.storage.postgres_worker import PostgresWorker
from server.storage.retry import RetryPolicy
from server.storage.session import Session
from server.storage.units import Unit

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class PostgresOptions:
    """`writers` and `readers` are threads with a connection each; `capacity` transactions of each kind may wait."""

    writers: int = 12
    readers: int = 4
    capacity: int = 10_000
    retry: RetryPolicy = RetryPolicy()


class PostgresEngine:
    """Durable (synchronous_commit=on) transactions on a server. See `Engine` for the promises.

    Writers run at READ COMMITTED. Whoever changes an object reads it with its row locked, and unique keys decide
    every race for a new row, so a stricter level would only add repeats; readers see one snapshot (REPEATABLE READ).
    """

    def __init__(self, url: URL, metadata: MetaData, options: PostgresOptions) -> None:
        names = ConstraintNames(metadata)
        core = postgres_core(url, names)
        self._writes = Inbox("postgres-writer", options.capacity)
        self._reads = Inbox("postgres-reader", options.capacity)
        for _ in range(options.writers):
            writer = PostgresWorker(lambda: PostgresSession(core, names, writes=True), options.retry)
            self._writes.serve(writer.work)
        for _ in range(options.readers):
            reader = PostgresWorker(lambda: PostgresSession(core, names, writes=False), options.retry)
            self._reads.serve(reader.work)

    async def write(self, fn: Callable[[Session], T]) -> T:
        unit = Unit(fn, asyncio.get_running_loop())
        self._writes.put(unit)
        return await unit

    async def read(self, fn: Callable[[Session], T]) -> T:
        unit = Unit(fn, asyncio.get_running_loop())
        self._reads.put(unit)
        return await unit

    async def look_up(self, fn: Callable[[Session], T]) -> T:
        return await self.read(fn)

    async def close(self) -> None:
        await asyncio.to_thread(self._writes.close)
        await asyncio.to_thread(self._reads.close)
