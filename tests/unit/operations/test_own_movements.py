"""Fees and adjustments that belong to nothing else are read from their gateway's list, and each is posted once."""

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest

from server.domain.balance import BalanceTransaction, Movement
from server.domain.jobs import JobKind
from server.domain.ledger import Account
from server.domain.listing import BalanceFilter, BalanceQuery
from server.domain.money import Money
from server.domain.own_movement import OwnMovement, OwnMovementKind, UnreadableMovement, own_movement_id
from server.domain.ports import Transaction
from server.work.list_watch import ListWatch
from tests.builders import A_CALLER, a_call, an_id
from tests.crashing import Crash
from tests.fake_gateway import FakeGateway, FakeGateways, Fault
from tests.shop import Shop

A_ROUND = timedelta(minutes=11)
NOT_POSTED = "a gateway's own movement cannot be posted"


def a_movement(shop: Shop, number: int, amount_minor: int = -200, **changes: object) -> OwnMovement:
    """A fee of 2.00 USD that was taken just now."""
    now = shop.clock.now()
    money = Money(amount_minor, "USD")
    made = OwnMovement(f"txn_{number}", OwnMovementKind.FEE, money, 0, now, now.date())
    return replace(made, **changes)  # type: ignore[arg-type]


def an_adjustment(shop: Shop, number: int, amount_minor: int, fee_minor: int = 0, **changes: object) -> OwnMovement:
    return a_movement(shop, number, amount_minor, kind=OwnMovementKind.ADJUSTMENT, fee_minor=fee_minor, **changes)


async def follow(shop: Shop) -> None:
    """A server starts."""
    await ListWatch(shop.store, shop.clock, {"fake": [JobKind.FOLLOW_OWN_MOVEMENTS]}).run()
    await shop.worker.run_due()


async def rows(shop: Shop, **wanted: object) -> list[BalanceTransaction]:
    """Newest first."""
    query = BalanceQuery(BalanceFilter(**wanted))  # type: ignore[arg-type]
    return list((await shop.balances.list(A_CALLER, query)).items)


async def held(shop: Shop) -> tuple[int, int]:
    """Available and pending, in cents."""
    found = await shop.balances.balance(A_CALLER, None)
    (available,), (pending,) = found.available, found.pending
    return available.amount_minor, pending.amount_minor


@pytest.mark.parametrize("order", list(permutations(range(4))))
async def test_each_is_posted_once_in_whatever_order_it_is_listed(shop: Shop, order: tuple[int, ...]) -> None:
    """By halves, again and again, by a process that remembers nothing: the same books, and they are proven."""
    made = [
        a_movement(shop, 1),
        a_movement(shop, 2, 50),
        an_adjustment(shop, 3, 700, 25),
        an_adjustment(shop, 4, -300),
    ]
    shop.gateway.own = [made[place] for place in order[:2]]
    await follow(shop)
    shop.gateway.own = [made[place] for place in (*order, *order)]
    await shop.pass_time(A_ROUND)
    shop.start()
    await shop.pass_time(2 * A_ROUND)
    shown = {row.source_id: (row.type, row.amount_minor, row.fee_minor, row.net_minor) for row in await rows(shop)}
    assert len(await rows(shop)) == 4
    assert shown == {
        own_movement_id("fake", "txn_1"): (Movement.FEE, -200, 0, -200),
        own_movement_id("fake", "txn_2"): (Movement.FEE, 50, 0, 50),
        own_movement_id("fake", "txn_3"): (Movement.ADJUSTMENT, 700, 25, 675),
        own_movement_id("fake", "txn_4"): (Movement.ADJUSTMENT, -300, 0, -300),
    }
    assert await held(shop) == (225, 0)
    assert (await shop.verifying.verify(a_call(90))).balanced


@pytest.mark.parametrize("steps", range(1, 12))
async def test_a_crash_at_any_step_posts_each_once(shop: Shop, steps: int) -> None:
    """Before and after each commit, and as the list comes: what was posted is known, and the next round goes on behind it."""
    shop.gateway.own = [a_movement(shop, number) for number in range(3)]
    shop.fuse.light(steps)
    with pytest.raises(Crash):
        await follow(shop)
    shop.start()
    await follow(shop)
    await shop.pass_time(A_ROUND)
    assert [row.amount_minor for row in await rows(shop)] == [-200] * 3
    assert (await shop.verifying.verify(a_call(90))).balanced


async def test_they_are_found_by_every_filter(shop: Shop) -> None:
    """By type, currency, gateway, and the source that is made of the gateway's number."""
    shop.gateway.own = [a_movement(shop, 1), an_adjustment(shop, 2, 7, money=Money(7, "JPY"))]
    await follow(shop)
    for wanted in (
        {"type": Movement.FEE},
        {"currency": "USD"},
        {"source_id": own_movement_id("fake", "txn_1")},
        {"type": Movement.FEE, "gateway": "fake"},
    ):
        (row,) = await rows(shop, **wanted)
        assert (row.type, row.currency) == (Movement.FEE, "USD")
    assert await rows(shop, gateway="other") == []


async def test_what_comes_later_is_settled_on_its_day(shop: Shop) -> None:
    """Pending until then, as a charge is."""
    day = (shop.clock.now() + timedelta(days=2)).date()
    shop.gateway.own = [an_adjustment(shop, 1, 700, available_on=day)]
    await follow(shop)
    assert await held(shop) == (0, 700)
    shop.clock.move(timedelta(days=2))
    assert await shop.balance_settling.settle_due() == 1
    assert await held(shop) == (700, 0)


async def test_what_is_known_costs_no_transaction(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A round has two, which claim the job and put it back."""
    shop.gateway.own = [a_movement(shop, number) for number in range(300)]
    await follow(shop)
    assert len(shop.tables.own_movements) == 300
    begun: list[object] = []
    begin = shop.store.transaction

    async def counted(work):  # type: ignore[no-untyped-def]
        begun.append(work)
        return await begin(work)

    monkeypatch.setattr(shop.store, "transaction", counted)
    await shop.pass_time(A_ROUND)
    assert (len(begun), shop.gateway.calls.count("own_movements")) == (2, 2)


async def test_what_was_moved_before_the_list_was_followed_is_left_alone(shop: Shop) -> None:
    """The books know nothing of the balance that it was moved on; of later ones a month is looked through."""
    shop.gateway.own = [a_movement(shop, 1, created_at=shop.clock.now() - timedelta(hours=1))]
    await follow(shop)
    assert await rows(shop) == []
    shop.gateway.own.append(a_movement(shop, 2))
    shop.gateway.next("own_movements", *[Fault.UNREACHABLE] * 2)
    await shop.pass_time(2 * A_ROUND)
    assert await rows(shop) == []
    await shop.pass_time(A_ROUND)
    (row,) = await rows(shop)
    assert row.source_id == own_movement_id("fake", "txn_2")


async def test_what_cannot_be_posted_is_told_of_once_and_holds_nothing_up(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """It may be of a currency that we do not know."""
    shop.gateway.own = [UnreadableMovement("txn_0"), a_movement(shop, 1)]
    await follow(shop)
    await shop.pass_time(2 * A_ROUND)
    assert len(await rows(shop)) == 1
    (told,) = [record for record in caplog.records if NOT_POSTED in record.getMessage()]
    assert told.__dict__["gateway_transaction"] == "txn_0"


async def test_older_credentials_say_nothing(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """They may be another account's, whose balance is none of the merchant's business here any more."""
    older = FakeGateway()
    older.own = [a_movement(shop, 1)]
    monkeypatch.setattr(older, "config_version", 0)

    async def versions(*_: object) -> list[FakeGateway]:
        return [shop.gateway, older]

    monkeypatch.setattr(FakeGateways, "versions", versions)
    await follow(shop)
    assert (await rows(shop), older.calls) == ([], [])


async def test_a_gateway_without_such_a_list_is_not_asked(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The job is done for good."""
    none = replace(shop.gateway.capabilities, own_movements=False)
    monkeypatch.setattr(shop.gateway, "capabilities", none)
    await follow(shop)
    assert (shop.gateway.calls, shop.tables.jobs) == ([], {})


async def test_a_number_that_is_in_the_books_for_something_else_is_no_repeat(shop: Shop) -> None:
    """Nothing is swallowed but what another replica has stored: the job goes on, and the fault is in the log."""
    movement = an_adjustment(shop, 1, 700)

    def post(tx: Transaction) -> None:
        tx.ledger.post(A_CALLER.merchant_id, movement.posting("fake", shop.clock.now()), an_id(5), shop.clock.now())

    await shop.store.transaction(post)
    shop.gateway.own = [movement]
    await follow(shop)
    assert shop.tables.own_movements == {}
    sums = dict(await shop.store.read(lambda tx: tx.ledger.sums(A_CALLER.merchant_id, None)))
    assert sums[Account.GATEWAY_AVAILABLE] == Money(700, "USD")
