"""What an engine promises on every database."""

import asyncio
import threading
from functools import partial
from pathlib import Path

import pytest

from server.storage.engine import Engine
from server.storage.errors import (
    ConstraintViolated,
    StorageError,
    StorageUnavailable,
    StoreClosed,
    StoreOverloaded,
    TryAgain,
    UniqueViolation,
)
from server.storage.session import Session
from tests.integration.storage.conftest import sqlite_engine
from tests.integration.storage.schema import (
    account_ids,
    accounts,
    add,
    balance_of,
    cards,
    create_schema,
    insert,
    insert_account,
)


class Refusal(Exception):
    """A domain rule's no, as a unit raises it."""


async def test_what_a_transaction_returned_is_committed(engine: Engine) -> None:
    """The result comes after COMMIT, so a reader that starts then sees the rows."""
    assert await engine.write(lambda c: insert_account(c, 1)) == 1
    assert await engine.read(account_ids) == [1]


async def test_an_exception_undoes_the_whole_unit(engine: Engine) -> None:
    """What the function raises reaches the caller as it is, and nothing of its rows stays."""

    def unit(session: Session) -> None:
        insert_account(session, 1)
        raise Refusal

    with pytest.raises(Refusal):
        await engine.write(unit)
    assert await engine.read(account_ids) == []


async def test_units_that_wait_together_fail_alone(engine: Engine) -> None:
    """Of many concurrent units those that raise are undone, and only those."""

    def unit(session: Session, number: int) -> None:
        insert_account(session, number)
        if number % 3 == 0:
            raise Refusal

    results = await asyncio.gather(
        *(engine.write(partial(unit, number=number)) for number in range(40)), return_exceptions=True
    )
    assert [isinstance(result, Refusal) for result in results] == [number % 3 == 0 for number in range(40)]
    assert await engine.read(account_ids) == [number for number in range(40) if number % 3]


@pytest.mark.parametrize(
    ("column", "constraint"),
    [("id", "pk_accounts"), ("owner", "uq_accounts_owner"), ("slot", "uq_accounts_live_slot")],
)
async def test_a_unique_violation_names_its_constraint(engine: Engine, column: str, constraint: str) -> None:
    """Primary key, unique column and partial unique index are told apart, by the same names on both databases."""
    first = {"id": 1, "owner": "a", "balance": 5, "slot": 7}
    second = {"id": 2, "owner": "b", "balance": 5, "slot": 8} | {column: first[column]}
    await engine.write(lambda c: insert(c, accounts, **first))
    with pytest.raises(UniqueViolation) as violation:
        await engine.write(lambda c: insert(c, accounts, **second))
    assert violation.value.constraint == constraint


async def test_other_constraints_are_enforced(engine: Engine) -> None:
    """A check and a foreign key are refused as violations that are not unique violations."""
    for refused in (
        partial(insert, table=accounts, id=1, owner="a", balance=-1),
        partial(insert, table=cards, id=1, account_id=404),
    ):
        with pytest.raises(ConstraintViolated) as violation:
            await engine.write(refused)
        assert not isinstance(violation.value, UniqueViolation)


async def test_no_value_of_a_row_is_in_an_error(engine: Engine) -> None:
    """The text of a violation holds names and no values."""
    await engine.write(lambda c: insert_account(c, 1))
    with pytest.raises(UniqueViolation) as violation:
        await engine.write(partial(insert, table=accounts, id=2, owner="owner-1", balance=0))
    assert "owner-1" not in str(violation.value)


async def test_a_swallowed_failure_is_not_committed(engine: Engine) -> None:
    """A unit cannot go on after a failed statement: PostgreSQL would roll back and say nothing."""
    await engine.write(lambda c: insert_account(c, 1))

    def unit(session: Session) -> None:
        insert_account(session, 2)
        try:
            insert_account(session, 1)
        except StorageError:
            return

    with pytest.raises(StorageError):
        await engine.write(unit)
    assert await engine.read(account_ids) == [1]


async def test_a_broken_statement_is_a_storage_error(engine: Engine) -> None:
    """No driver's exception passes, and the next transaction is not affected."""
    with pytest.raises(StorageError):
        await engine.write(lambda c: c.connection.exec_driver_sql("SELECT nothing FROM nowhere").all())
    await engine.write(lambda c: insert_account(c, 1))


async def test_a_unit_is_repeated_whole_when_the_database_asks(engine: Engine) -> None:
    """Each try starts from nothing; the last one's rows stay."""
    tries = 0

    def unit(session: Session) -> int:
        nonlocal tries
        tries += 1
        insert_account(session, tries)
        if tries < 4:
            raise TryAgain
        return tries

    assert await engine.write(unit) == 4
    assert await engine.read(account_ids) == [4]


async def test_repeats_are_bounded(engine: Engine) -> None:
    """Contention that does not end is reported as unavailable: nothing was committed."""

    def unit(session: Session) -> None:
        insert_account(session, 1)
        raise TryAgain

    with pytest.raises(StorageUnavailable):
        await engine.write(unit)
    assert await engine.read(account_ids) == []


async def test_concurrent_changes_of_one_row_lose_nothing(engine: Engine) -> None:
    """Reading under a lock and writing the sum adds up, however many do it at once."""
    await engine.write(lambda c: insert_account(c, 1))
    await asyncio.gather(*(engine.write(lambda c: add(c, 1, 5)) for _ in range(50)))
    assert await engine.read(lambda c: balance_of(c, 1)) == 250


async def test_a_reader_cannot_write(engine: Engine) -> None:
    """A read that changes rows is refused by the database itself."""
    with pytest.raises(StorageError):
        await engine.read(lambda c: insert_account(c, 1))
    assert await engine.read(account_ids) == []


async def test_a_cancelled_caller_does_not_stop_its_transaction(engine: Engine) -> None:
    """The caller is gone at once; the transaction runs to its end."""
    started, go_on = threading.Event(), threading.Event()

    def unit(session: Session) -> None:
        started.set()
        assert go_on.wait(5)
        insert_account(session, 1)

    task = asyncio.create_task(engine.write(unit))
    await asyncio.to_thread(started.wait, 5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
    await engine.write(lambda c: insert_account(c, 2))
    await engine.close()
    assert started.is_set()


async def test_closing_finishes_what_waits_and_refuses_the_rest(engine: Engine) -> None:
    """Every transaction accepted before `close` is committed; later ones are refused."""
    accepted = [asyncio.create_task(engine.write(partial(insert_account, number=n))) for n in range(100)]
    await asyncio.sleep(0)
    await engine.close()
    assert await asyncio.gather(*accepted) == list(range(100))
    with pytest.raises(StoreClosed):
        await engine.write(lambda c: insert_account(c, 1))
    with pytest.raises(StoreClosed):
        await engine.read(account_ids)


async def test_several_event_loops_share_an_engine(engine: Engine) -> None:
    """Each caller is woken in its own loop."""

    async def insert_ten(first: int) -> list[int]:
        return await asyncio.gather(
            *(engine.write(partial(insert_account, number=n)) for n in range(first, first + 10))
        )

    loops = (asyncio.to_thread(asyncio.run, insert_ten(first)) for first in (10, 20, 30))
    assert await asyncio.gather(*loops) == [list(range(first, first + 10)) for first in (10, 20, 30)]


async def test_more_than_the_capacity_is_refused_at_once(sqlite_path: Path) -> None:
    """A queue that grows without bound would only turn overload into time-outs."""
    engine = sqlite_engine(sqlite_path, capacity=3)
    await engine.write(create_schema)
    started, go_on = threading.Event(), threading.Event()

    def unit(session: Session) -> None:
        started.set()
        assert go_on.wait(5)

    busy = asyncio.create_task(engine.write(unit))
    await asyncio.to_thread(started.wait, 5)
    waiting = [asyncio.create_task(engine.write(partial(insert_account, number=n))) for n in range(4)]
    await asyncio.sleep(0)
    go_on.set()
    results = await asyncio.gather(busy, *waiting, return_exceptions=True)
    await engine.close()
    assert [type(result) for result in results] == [type(None), int, int, int, StoreOverloaded]
