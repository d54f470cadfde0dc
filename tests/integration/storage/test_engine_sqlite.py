"""What is SQLite's alone: group commit, the library's defect, locks of other processes, and a disk without room."""

import asyncio
import platform
import sys
import threading
from collections.abc import AsyncIterator, Callable
from functools import partial
from pathlib import Path

import pytest
import pytest_asyncio

from server.storage.constraints import ConstraintNames
from server.storage.engine_sqlite import SqliteEngine
from server.storage.errors import CommitOutcomeUnknown, DiskFull, GroupLost, StorageUnavailable
from server.storage.inbox import Inbox
from server.storage.retry import RetryPolicy
from server.storage.session import Session
from server.storage.sqlite_library import find_sqlite_library, wal_is_safe
from server.storage.sqlite_session import SqliteSession, sqlite_core
from server.storage.sqlite_writer import SqliteWriter
from server.storage.units import Unit
from tests.integration.storage.conftest import sqlite_engine
from tests.integration.storage.schema import METADATA, account_ids, create_schema, insert_account

# Where pyproject asks for the package with a current SQLite; elsewhere there are no wheels of it.
PACKAGED = (sys.platform, platform.machine()) in {("linux", "x86_64"), ("darwin", "arm64")}


@pytest_asyncio.fixture
async def engine(sqlite_path: Path) -> AsyncIterator[SqliteEngine]:
    """An engine over an empty schema."""
    engine = sqlite_engine(sqlite_path)
    await engine.write(create_schema)
    yield engine
    await engine.close()


def pragma(session: Session, name: str) -> object:
    """What the unit's own connection says of itself."""
    return session.connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()


async def in_one_group(engine: SqliteEngine, *units: Callable[[Session], object]) -> list[object]:
    """Run units that are sure to share one COMMIT: they queue up behind one that waits for them."""
    started, go_on = threading.Event(), threading.Event()

    def block(_: Session) -> None:
        started.set()
        assert go_on.wait(5)

    blocker = asyncio.create_task(engine.write(block))
    await asyncio.to_thread(started.wait, 5)
    tasks = [asyncio.create_task(engine.write(unit)) for unit in units]
    await asyncio.sleep(0)
    go_on.set()
    await blocker
    return await asyncio.gather(*tasks, return_exceptions=True)


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 6, 23), False),
        ((3, 7, 0), False),
        ((3, 40, 1), False),
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 52, 0), True),
        ((4, 0, 0), True),
    ],
)
def test_releases_with_the_wal_reset_defect_are_known(version: tuple[int, int, int], safe: bool) -> None:
    """3.7.0 to 3.51.2 but for the corrected patch releases; before 3.7.0 there is no write-ahead log."""
    assert wal_is_safe(version) is safe


async def test_a_sound_library_uses_the_write_ahead_log_durably(engine: SqliteEngine) -> None:
    """WAL with synchronous=FULL (2) on both kinds of connections, foreign keys enforced."""
    library = find_sqlite_library()
    assert library.wal_is_safe or not PACKAGED, "the package with a current SQLite is missing"
    for run in (engine.write, engine.read):
        assert await run(partial(pragma, name="journal_mode")) == library.journal_mode.lower()
        assert await run(partial(pragma, name="synchronous")) == 2
        assert await run(partial(pragma, name="foreign_keys")) == 1


async def test_an_affected_library_uses_the_rollback_journal(
    sqlite_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The defect does not concern it; a file that was in WAL mode is turned back, and the log says why."""
    before = sqlite_engine(sqlite_path)
    await before.write(create_schema)
    await before.close()
    engine = sqlite_engine(sqlite_path, wal_is_safe=False)
    assert await engine.write(partial(pragma, name="journal_mode")) == "truncate"
    assert await engine.read(partial(pragma, name="synchronous")) == 2
    await engine.close()
    assert "can lose commits" in caplog.text


async def test_one_commit_carries_the_units_that_wait(engine: SqliteEngine) -> None:
    """A unit sees the rows of those before it in its group, though none is committed yet."""
    seen = await in_one_group(
        engine,
        partial(insert_account, number=1),
        lambda c: (account_ids(c), insert_account(c, 2))[0],
        account_ids,
    )
    assert seen == [1, [1], [1, 2]]


async def test_a_rollback_by_sqlite_itself_fails_the_whole_group(engine: SqliteEngine) -> None:
    """The savepoints are gone then, the earlier units' included; the next group is not affected."""
    results = await in_one_group(
        engine,
        partial(insert_account, number=1),
        lambda c: c.connection.exec_driver_sql("ROLLBACK").close(),
        partial(insert_account, number=3),
    )
    assert [type(result) for result in results] == [GroupLost] * 3
    assert await engine.read(account_ids) == []
    assert await engine.write(partial(insert_account, number=4)) == 4


async def test_a_failed_commit_fails_the_whole_group(engine: SqliteEngine) -> None:
    """Also the unit that had raised by itself: it judged by rows that were never durable."""

    def refuse(session: Session) -> None:
        raise LookupError(account_ids(session))

    def dangle(session: Session) -> None:
        session.connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        session.connection.exec_driver_sql("INSERT INTO cards (id, account_id) VALUES (1, 404)")

    results = await in_one_group(engine, partial(insert_account, number=1), refuse, dangle)
    assert len({type(result) for result in results}) == 1
    assert isinstance(results[0], Exception)
    assert not isinstance(results[0], LookupError)
    assert await engine.read(account_ids) == []


class _NoFsync(SqliteSession):
    """A connection whose first COMMIT reaches the disk, and whose fsync is said to have failed."""

    failed = False

    def commit(self) -> None:
        super().commit()
        if not _NoFsync.failed:
            _NoFsync.failed = True
            raise StorageUnavailable("SQLite result 10")


async def test_a_commit_without_an_answer_is_an_unknown_outcome(sqlite_path: Path) -> None:
    """It may be on the disk: the unit is not repeated, its caller is told, and the next unit gets a new connection."""
    library, names = find_sqlite_library(), ConstraintNames(METADATA)
    core = sqlite_core(sqlite_path, library, names)
    setup = SqliteSession(core, library, names, writes=True)
    create_schema(setup)
    setup.close()
    inbox = Inbox("writer", capacity=10)
    inbox.serve(SqliteWriter(lambda: _NoFsync(core, library, names, writes=True), RetryPolicy()).work)

    async def write(number: int) -> int:
        unit = Unit(partial(insert_account, number=number), asyncio.get_running_loop())
        inbox.put(unit)
        return await unit

    with pytest.raises(CommitOutcomeUnknown):
        await write(1)
    assert await write(2) == 2
    await asyncio.to_thread(inbox.close)
    check = SqliteSession(core, library, names, writes=False)
    assert account_ids(check) == [1, 2]
    check.close()


@pytest.mark.skipif(find_sqlite_library().version < (3, 46, 0), reason="SQLite before 3.46 judges by its own queries")
async def test_the_planners_statistics_are_kept_fresh(engine: SqliteEngine, sqlite_path: Path) -> None:
    """Without them SQLite believes that every column's values are rare, and walks whole tables: from a few hundred rows on they are there."""
    await asyncio.gather(*(engine.write(partial(insert_account, number=number)) for number in range(1, 301)))
    await engine.close()
    other = find_sqlite_library().dbapi.connect(sqlite_path)
    assert other.execute("SELECT count(*) FROM sqlite_stat1 WHERE tbl = 'accounts'").fetchone() != (0,)
    other.close()


async def test_a_full_disk_keeps_nothing_and_ends_with_it(engine: SqliteEngine) -> None:
    """The transaction that found no room is refused as such; when there is room again, the next is served."""

    def fill(session: Session) -> None:
        pages = pragma(session, "page_count")
        session.connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for number in range(10_000):
            insert_account(session, number)

    with pytest.raises(StorageUnavailable) as refused:
        await engine.write(fill)
    assert isinstance(refused.value, DiskFull) or isinstance(refused.value.__cause__, DiskFull)
    assert await engine.read(account_ids) == []
    await engine.write(lambda c: c.connection.exec_driver_sql("PRAGMA max_page_count = 1000000").close())
    assert await engine.write(partial(insert_account, number=1)) == 1


async def test_another_process_that_holds_the_lock_is_waited_for(engine: SqliteEngine, sqlite_path: Path) -> None:
    """`sycee keys create` may write beside a running server."""
    other = find_sqlite_library().dbapi.connect(sqlite_path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    waiting = asyncio.create_task(engine.write(partial(insert_account, number=1)))
    await asyncio.wait([waiting], timeout=0.05)
    assert not waiting.done()
    other.execute("COMMIT")
    assert await waiting == 1
    other.close()


async def test_what_was_acknowledged_is_in_the_file(engine: SqliteEngine, sqlite_path: Path) -> None:
    """A second connection sees every acknowledged row while the engine still runs."""
    await asyncio.gather(*(engine.write(partial(insert_account, number=number)) for number in range(20)))
    other = find_sqlite_library().dbapi.connect(sqlite_path)
    assert other.execute("SELECT count(*) FROM accounts").fetchone() == (20,)
    other.close()
