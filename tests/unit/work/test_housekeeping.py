"""Storage does not keep what nobody may repeat any more."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

import pytest

from server.domain.idempotency import Claim
from server.domain.ports import Transaction
from server.domain.webhook import DeliveryStatus, WebhookDelivery
from server.work.housekeeping import Housekeeping
from tests.builders import NOON, an_id
from tests.clock_and_ids import StoppedClock
from tests.memory import MemoryStore

T = TypeVar("T")

A_DAY = timedelta(hours=24)


class Counted(MemoryStore):
    """Says how many claims each transaction removed."""

    def __init__(self) -> None:
        super().__init__()
        self.removed: list[int] = []

    async def transaction(self, work: Callable[[Transaction], T]) -> T:
        before = len(self.tables.claims)
        result = await super().transaction(work)
        self.removed.append(before - len(self.tables.claims))
        return result


class Gone(MemoryStore):
    """A database that cannot be reached."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()

    async def transaction(self, work: Callable[[Transaction], T]) -> T:
        self.asked.set()
        raise RuntimeError("gone")


async def _claim(store: MemoryStore, key: str, created_at: datetime) -> None:
    claim = Claim("default", "sk_1", "/Create", key, b"hash", an_id(), created_at + timedelta(minutes=1), created_at)
    await store.transaction(lambda tx: tx.claims.claim(claim, created_at))


async def test_keys_are_kept_for_their_time() -> None:
    """A day: not a second less, whatever became of the call."""
    store, clock = MemoryStore(), StoppedClock()
    await _claim(store, "old", NOON)
    await _claim(store, "young", NOON + timedelta(seconds=1))
    housekeeping = Housekeeping(store, clock, A_DAY)
    clock.move(A_DAY)
    assert await housekeeping.tidy() == 0
    clock.move(timedelta(seconds=1))
    assert await housekeeping.tidy() == 1
    assert [claim.key for claim in store.tables.claims.values()] == ["young"]


async def test_many_keys_are_forgotten_in_small_transactions() -> None:
    """A long one would hold up payments."""
    store, clock = Counted(), StoppedClock()
    for number in range(1_200):
        await _claim(store, str(number), NOON)
    clock.move(A_DAY + timedelta(seconds=1))
    store.removed.clear()
    assert await Housekeeping(store, clock, A_DAY).tidy() == 1_200
    assert [removed for removed in store.removed if removed] == [500, 500, 200]


async def test_deliveries_are_kept_for_a_month() -> None:
    """The log of what was sent; what is still to be sent is kept for as long as that takes."""
    store, clock = MemoryStore(), StoppedClock()
    over = WebhookDelivery(
        an_id(1), "default", an_id(9), an_id(8), "payment.created", NOON, NOON, DeliveryStatus.FAILED
    )
    waits = replace(over, id=an_id(2), status=DeliveryStatus.PENDING)
    await store.transaction(lambda tx: tx.webhook_deliveries.insert([over, waits]))
    housekeeping = Housekeeping(store, clock, A_DAY)
    clock.move(timedelta(days=30))
    assert await housekeeping.tidy() == 0
    clock.move(timedelta(seconds=1))
    assert await housekeeping.tidy() == 1
    assert list(store.tables.webhook_deliveries) == [an_id(2)]


async def test_housekeeping_survives_a_database_that_is_gone(caplog: pytest.LogCaptureFixture) -> None:
    """It says so and tries again at its next time."""
    store = Gone()
    running = asyncio.create_task(Housekeeping(store, StoppedClock(), A_DAY).run())
    async with asyncio.timeout(5):
        await store.asked.wait()
    for _ in range(3):
        await asyncio.sleep(0)
    assert not running.done()
    assert [record.message for record in caplog.records] == ["cannot tidy up"]
    running.cancel()
