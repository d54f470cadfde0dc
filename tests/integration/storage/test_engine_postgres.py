"""What is PostgreSQL's alone: errors that ask for a repeat, deadlocks, and connections that end at the wrong moment."""

import asyncio
import threading
from collections.abc import AsyncIterator
from functools import partial

import psycopg
import pytest
import pytest_asyncio

from server.storage.engine_postgres import PostgresEngine
from server.storage.errors import CommitOutcomeUnknown, StorageUnavailable
from server.storage.session import Session
from tests.integration.storage.conftest import postgres_engine
from tests.integration.storage.schema import account_ids, add, balance_of, create_schema, insert_account
from tests.postgres import PostgresServer


@pytest_asyncio.fixture
async def engine(postgres_url: str) -> AsyncIterator[PostgresEngine]:
    """An engine over an empty schema."""
    engine = postgres_engine(postgres_url)
    await engine.write(create_schema)
    yield engine
    await engine.close()


def raise_sqlstate(session: Session, sqlstate: str) -> None:
    """Make the server itself answer with an error."""
    session.connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{sqlstate}'; END $$")


def backend_of(session: Session) -> int:
    """The server process behind a connection."""
    pid: int = session.connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
    return pid


def cut(url: str, backend: int) -> None:
    """End a server process, and wait until it is gone."""
    with psycopg.connect(url, autocommit=True) as other:
        assert other.execute("SELECT pg_terminate_backend(%s, 5000)", (backend,)).fetchone() == (True,)


@pytest.mark.parametrize("sqlstate", ["40001", "40P01"])
async def test_serialisation_failures_and_deadlocks_are_repeated(engine: PostgresEngine, sqlstate: str) -> None:
    """The whole function runs again until the server lets it through."""
    tries = 0

    def unit(session: Session) -> None:
        nonlocal tries
        tries += 1
        insert_account(session, tries)
        if tries < 3:
            raise_sqlstate(session, sqlstate)

    await engine.write(unit)
    assert await engine.read(account_ids) == [3]


async def test_two_transactions_that_deadlock_both_succeed(engine: PostgresEngine) -> None:
    """They lock two rows in opposite order; the one that the server ends runs again."""
    for number in (1, 2):
        await engine.write(partial(insert_account, number=number))
    both_hold_one = threading.Barrier(2)
    first_try = threading.local()

    def unit(session: Session, first: int, second: int) -> None:
        add(session, first, 1)
        if not hasattr(first_try, "over"):
            first_try.over = True
            both_hold_one.wait(5)
        add(session, second, 1)

    await asyncio.gather(engine.write(partial(unit, first=1, second=2)), engine.write(partial(unit, first=2, second=1)))
    assert [await engine.read(partial(balance_of, number=number)) for number in (1, 2)] == [2, 2]


async def test_a_connection_lost_before_commit_is_replaced_and_the_unit_repeated(
    engine: PostgresEngine, postgres_url: str
) -> None:
    """Nothing can have been committed yet, so repeating is safe."""
    tries = 0

    def unit(session: Session) -> int:
        nonlocal tries
        tries += 1
        insert_account(session, 1)
        if tries == 1:
            cut(postgres_url, backend_of(session))
        insert_account(session, 2)
        return tries

    assert await engine.write(unit) == 2
    assert await engine.read(account_ids) == [1, 2]


async def test_a_connection_lost_at_commit_is_an_unknown_outcome(engine: PostgresEngine, postgres_url: str) -> None:
    """It may have been committed: the unit is not repeated, and the caller is told."""
    tries = 0

    def unit(session: Session) -> None:
        nonlocal tries
        tries += 1
        insert_account(session, tries)
        cut(postgres_url, backend_of(session))

    with pytest.raises(CommitOutcomeUnknown):
        await engine.write(unit)
    assert tries == 1
    assert await engine.write(partial(insert_account, number=9)) == 9


async def test_connections_that_were_cut_while_idle_are_replaced(
    engine: PostgresEngine, postgres_server: PostgresServer
) -> None:
    """After a fail-over the next transaction finds the new primary without an error."""
    await asyncio.gather(*(engine.write(partial(insert_account, number=number)) for number in range(20)))
    assert len(await engine.read(account_ids)) == 20
    postgres_server.terminate_connections("engine")
    assert await engine.write(partial(insert_account, number=20)) == 20
    assert len(await engine.read(account_ids)) == 21


async def test_a_server_that_is_not_there_is_unavailable(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The tries are bounded, and the caller learns that nothing was committed."""
    nowhere = tmp_path_factory.mktemp("nowhere")
    engine = postgres_engine(f"postgresql://postgres@/none?host={nowhere}")
    with pytest.raises(StorageUnavailable):
        await engine.write(account_ids)
    await engine.close()


async def test_commits_are_durable_and_locks_bounded(engine: PostgresEngine) -> None:
    """A weaker setting of the server is overruled for our connections."""

    def settings(session: Session) -> tuple[object, ...]:
        names = ("synchronous_commit", "lock_timeout", "idle_in_transaction_session_timeout", "transaction_isolation")
        return tuple(session.connection.exec_driver_sql(f"SHOW {name}").scalar_one() for name in names)

    assert await engine.write(settings) == ("on", "3s", "1min", "read committed")
    assert await engine.read(settings) == ("on", "3s", "1min", "repeatable read")
