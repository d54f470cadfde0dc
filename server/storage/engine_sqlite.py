"""The embedded database: one writer thread with group commit, and reader threads beside it."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from sqlalchemy import MetaData

from server.storage.constraints import ConstraintNames
from server.storage.errors import TryAgain
from server.storage.inbox import Inbox
from server.storage.retry import RetryPolicy
from server.storage.session import Session
from server.storage.sqlite_library import SqliteLibrary
from server.storage.sqlite_look_up import Busy, SqliteLookUp
from server.storage.sqlite_reader import SqliteReader
from server.storage.sqlite_session import SqliteSession, sqlite_core
from server.storage.sqlite_writer import SqliteWriter
from server.storage.units import Unit

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SqliteOptions:
    """`readers` threads read; `capacity` transactions of each kind may wait."""

    readers: int = 2
    capacity: int = 10_000
    retry: RetryPolicy = RetryPolicy()


class SqliteEngine:
    """Durable (synchronous=FULL) transactions in one file. See `Engine` for the promises."""

    def __init__(self, path: Path, library: SqliteLibrary, metadata: MetaData, options: SqliteOptions) -> None:
        if not library.wal_is_safe:
            log.warning(
                "SQLite %s can lose commits in its write-ahead log; the slower rollback journal is used instead",
                ".".join(map(str, library.version)),
            )
        names = ConstraintNames(metadata)
        core = sqlite_core(path, library, names)

        def session(*, writes: bool) -> SqliteSession:
            return SqliteSession(core, library, names, writes=writes)

        self._look_up = SqliteLookUp(lambda: session(writes=False))
        writer = SqliteWriter(lambda: session(writes=True), options.retry)
        self._writes = Inbox("sqlite-writer", options.capacity)
        self._reads = Inbox("sqlite-reader", options.capacity)
        self._writes.serve(writer.work)
        for _ in range(options.readers):
            reader = SqliteReader(lambda: session(writes=False), options.retry)
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
        try:
            return self._look_up.read(fn)
        except (Busy, TryAgain):
            return await self.read(fn)

    async def close(self) -> None:
        self._look_up.close()
        await asyncio.to_thread(self._writes.close)
        await asyncio.to_thread(self._reads.close)
