"""The books on both databases: what is kept beside the entries is what they come to, and settling happens once."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from server.domain.balance import BalanceTransaction, Due, Movement
from server.domain.ledger import Account, Posting, PostingKind
from server.domain.listing import BalanceFilter, BalanceQuery, Page
from server.domain.money import Money
from server.domain.ports import Store, Transaction
from server.storage.repositories import ledger, ledger_list
from server.storage.store import SqlStore
from tests.histories import random_postings
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, an_id
from tests.integration.storage.plans import plan_of
from tests.integration.storage.test_migrations import execute
from tests.memory import MemoryStore

TODAY = NOON.date()
TOMORROW = TODAY + timedelta(days=1)


async def write(store: Store, postings: Sequence[Posting], merchant_id: str = MERCHANT) -> None:
    """One transaction each, the ids in the order of writing."""
    first = 1_000_000 if merchant_id == OTHER_MERCHANT else 1
    for number, posting in enumerate(postings, start=first):
        at = NOON + timedelta(seconds=number)
        await store.transaction(lambda tx, p=posting, n=number, t=at: tx.ledger.post(merchant_id, p, an_id(n), t))  # type: ignore[misc]


async def pages(store: Store, wanted: BalanceFilter) -> list[Page[BalanceTransaction]]:
    """The first pages by number and the rest by cursor."""
    found = [await store.read(lambda tx: tx.ledger.list(MERCHANT, BalanceQuery(wanted, page=1, per_page=3)))]
    found.append(await store.read(lambda tx: tx.ledger.list(MERCHANT, BalanceQuery(wanted, page=2, per_page=3))))
    while (after := found[-1].next) is not None:
        query = BalanceQuery(wanted, per_page=4, after=after)
        found.append(await store.read(lambda tx, q=query: tx.ledger.list(MERCHANT, q)))  # type: ignore[misc]
    return found


async def test_books_are_as_in_memory(any_store: Store) -> None:
    """Any history of postings: the same sums, the same money due, the same lists under every filter; another merchant's books are not in them."""
    memory = MemoryStore()
    postings = random_postings(Random(7), 60, TODAY)
    for store in (any_store, memory):
        await write(store, postings)
        await write(store, random_postings(Random(8), 5, TODAY, first=10_000), OTHER_MERCHANT)
    for gateway in (None, "stripe", "paypal", "nobody"):
        assert await _sums(any_store, gateway) == await _sums(memory, gateway)
    assert await _due(any_store) == await _due(memory)
    charge = next(posting for posting in postings if posting.kind is PostingKind.CHARGE)
    filters = [
        BalanceFilter(),
        *(BalanceFilter(type=movement) for movement in Movement),
        BalanceFilter(currency="JPY"),
        BalanceFilter(gateway="paypal", currency="USD"),
        BalanceFilter(source_id=charge.source_id),
        BalanceFilter(created_after=NOON + timedelta(seconds=20), created_before=NOON + timedelta(seconds=40)),
    ]
    for wanted in filters:
        assert await pages(any_store, wanted) == await pages(memory, wanted)


async def _sums(store: Store, gateway: str | None = None) -> dict[tuple[Account, str], int]:
    told = await store.read(lambda tx: tx.ledger.sums(MERCHANT, gateway))
    return {(account, money.currency): money.amount_minor for account, money in told if money.amount_minor}


async def _due(store: Store) -> dict[Due, Money]:
    def look(tx: Transaction) -> dict[Due, Money]:
        amounts = {due: tx.ledger.lock_due(due) for due in tx.ledger.due(TODAY + timedelta(days=3), 1000)}
        return {due: money for due, money in amounts.items() if money.amount_minor}

    return await store.transaction(look)


async def test_a_posting_is_found_by_what_caused_it(any_store: Store) -> None:
    """With its lines in their order and their days; not by another merchant, and no other kind."""
    posting = Posting.charge(an_id(5), "stripe", Money(1000, "USD"), fee_minor=59, available_on=TOMORROW)
    await write(any_store, [posting])
    find = any_store.read
    assert await find(lambda tx: tx.ledger.find(MERCHANT, PostingKind.CHARGE, an_id(5))) == posting
    assert await find(lambda tx: tx.ledger.find(MERCHANT, PostingKind.CHARGE_FEE, an_id(5))) is None
    assert await find(lambda tx: tx.ledger.find(OTHER_MERCHANT, PostingKind.CHARGE, an_id(5))) is None


async def test_money_is_due_when_its_day_has_come(any_store: Store) -> None:
    """Not before; what has no day is due at once; what comes to nothing is forgotten."""
    charges = [
        Posting.charge(an_id(1), "stripe", Money(1000, "USD"), available_on=TOMORROW),
        Posting.charge(an_id(2), "stripe", Money(500, "USD"), available_on=TODAY),
        Posting.charge(an_id(3), "stripe", Money(70, "USD")),
    ]
    await write(any_store, charges)
    today, no_day = (replace(Due(MERCHANT, "stripe", "USD", TODAY), available_on=day) for day in (TODAY, None))
    assert await any_store.read(lambda tx: tx.ledger.due(TODAY, 10)) == [no_day, today]
    assert await any_store.read(lambda tx: tx.ledger.due(date.min, 10)) == [no_day]
    assert await any_store.transaction(lambda tx: tx.ledger.lock_due(today)) == Money(500, "USD")
    settled = Posting.settlement(an_id(9), "stripe", Money(500, "USD"), TODAY)
    await any_store.transaction(lambda tx: tx.ledger.post(MERCHANT, settled, an_id(9), NOON))
    assert await any_store.transaction(lambda tx: tx.ledger.lock_due(today)) == Money(0, "USD")
    assert await any_store.read(lambda tx: tx.ledger.due(TODAY, 10)) == [no_day]


async def test_two_replicas_settle_once(any_store: Store) -> None:
    """Whoever comes second finds nothing left."""
    await write(any_store, [Posting.charge(an_id(2), "stripe", Money(500, "USD"), available_on=TODAY)])
    due = Due(MERCHANT, "stripe", "USD", TODAY)

    def settle(tx: Transaction, number: int) -> int:
        money = tx.ledger.lock_due(due)
        if money.amount_minor:
            tx.ledger.post(MERCHANT, Posting.settlement(an_id(number), "stripe", money, TODAY), an_id(number), NOON)
        return money.amount_minor

    settled = await asyncio.gather(
        *(any_store.transaction(lambda tx, n=number: settle(tx, n)) for number in range(50, 58))  # type: ignore[misc]
    )
    assert sorted(settled) == [0] * 7 + [500]
    assert await _sums(any_store) == {(Account.GATEWAY_AVAILABLE, "USD"): 500, (Account.MERCHANT, "USD"): -500}


# A transaction that waits for this one, whoever's it is.
_AWAITED = "SELECT count(*) FROM pg_locks WHERE NOT granted AND transactionid = pg_current_xact_id()::xid"


async def test_a_replica_that_waited_settles_only_what_is_left(postgres_store: SqlStore) -> None:
    """Not once more what the other has settled: that stands in a row which there was not when the wait began, and a charge of that moment keeps all rows there."""
    due = Due(MERCHANT, "stripe", "USD", TODAY)
    has_locked, goes_on = threading.Event(), threading.Event()

    def settle(tx: Transaction, number: int) -> int:
        money = tx.ledger.lock_due(due)
        if number == 50:
            has_locked.set()
            goes_on.wait()
            connection = tx.ledger._session.connection  # type: ignore[attr-defined]
            assert any(connection.exec_driver_sql(_AWAITED).scalar_one() for _ in range(100_000))
        tx.ledger.post(MERCHANT, Posting.settlement(an_id(number), "stripe", money, TODAY), an_id(number), NOON)
        tx.ledger.lock_due(due)
        return money.amount_minor

    async def charge(number: int, minor: int) -> None:
        """Captured through a connection that adds to no row of this process's."""
        charge = Posting.charge(an_id(number), "stripe", Money(minor, "USD"), available_on=TODAY)
        await postgres_store.transaction(lambda tx: tx.ledger.post(MERCHANT, charge, an_id(number), NOON))
        move = f"UPDATE ledger_balances SET shard = {100 + number} WHERE account = 'gateway_receivable' AND shard < 100"
        await execute(postgres_store, move)

    await charge(2, 500)
    try:
        first = asyncio.ensure_future(postgres_store.transaction(lambda tx: settle(tx, 50)))
        await asyncio.to_thread(has_locked.wait)
        await charge(3, 100)
        second = asyncio.ensure_future(postgres_store.transaction(lambda tx: settle(tx, 51)))
    finally:
        goes_on.set()
    assert (await first, await second) == (500, 100)
    assert await _sums(postgres_store) == {(Account.GATEWAY_AVAILABLE, "USD"): 600, (Account.MERCHANT, "USD"): -600}


async def test_what_is_rare_or_due_is_found_in_an_index(sqlite_store: SqlStore) -> None:
    """However many charges there are: neither a list of refunds nor the look for what is due goes through them."""
    charges = [Posting.charge(an_id(number), "stripe", Money(1000, "USD")) for number in range(1, 200)]
    await write(sqlite_store, [*charges, Posting.refund(an_id(300), "stripe", Money(1, "USD"))])
    # As the writer does now and then, before the readers' connections are made.
    await sqlite_store._engine.write(lambda session: session.connection.exec_driver_sql("ANALYZE").close())
    refunds = BalanceQuery(BalanceFilter(type=Movement.REFUND), per_page=1)
    assert len((await sqlite_store.read(lambda tx: tx.ledger.list(MERCHANT, refunds))).items) == 1
    plan = await plan_of(sqlite_store, ledger_list._LIST._statements["first", ("kind",)])
    assert "ix_ledger_postings_not_charge (merchant_id=? AND kind=?)" in plan
    assert "ix_ledger_balances_due (available_on<?)" in await plan_of(sqlite_store, ledger._DUE)
