"""Storage that takes its time, and in which the transactions of a dead replica either happened or did not."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random
from typing import TypeVar
from uuid import UUID

from server.domain.payment import Payment, PaymentStatus
from server.domain.ports import Transaction
from tests.memory import MemoryStore

T = TypeVar("T")


class SlowStore:
    """One replica's way to the store that all replicas share."""

    def __init__(self, store: MemoryStore, random: Random) -> None:
        self._store = store
        self._random = random
        self.alive = True

    async def transaction(self, work: Callable[[Transaction], T]) -> T:
        """Finishes even when the awaiting task is cancelled, as it runs in a task of its own."""
        return await asyncio.shield(asyncio.create_task(self._transaction(work)))

    async def read(self, work: Callable[[Transaction], T]) -> T:
        await asyncio.sleep(self._latency())
        return await self._store.read(work)

    async def look_up(self, work: Callable[[Transaction], T]) -> T:
        return await self.read(work)

    async def _transaction(self, work: Callable[[Transaction], T]) -> T:
        await asyncio.sleep(self._latency())
        if not self.alive:
            raise asyncio.CancelledError
        before = self._store.tables.payments
        result = await self._store.transaction(work)
        _assert_money_stays(before, self._store.tables.payments)
        await asyncio.sleep(self._latency())
        return result

    def _latency(self) -> float:
        return self._random.choice((0.0, 0.001, 0.01, 0.2))


def _assert_money_stays(before: Mapping[UUID, Payment], after: Mapping[UUID, Payment]) -> None:
    for payment in before.values():
        assert not payment.captured or _without_refunds(after[payment.id]) == _without_refunds(payment), (
            "a captured payment changed"
        )


def _without_refunds(payment: Payment) -> Payment:
    """A captured payment but for what its refunds, which are rows of their own, make of it."""
    assert payment.status in {PaymentStatus.SUCCEEDED, PaymentStatus.REFUNDED}
    return replace(payment, status=PaymentStatus.SUCCEEDED, updated_at=payment.created_at, version=0)
