"""One process of the service: it serves calls, works in the background, and can be killed at any moment."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

from server.domain.ids import Ids
from server.operations.journal import Journal
from server.operations.payments import PaymentOperations
from server.operations.settling import Settling
from server.work.handlers import handlers
from server.work.worker import Worker
from tests.fake_gateway import FakeGateway, FakeGateways
from tests.memory import MemoryStore
from tests.simulation.line import Line
from tests.simulation.storage import SlowStore
from tests.simulation.virtual_time import LoopClock

T = TypeVar("T")


class Replica:
    """Shares store and gateway with the others; its tasks, its line and its clients' connections die with it."""

    def __init__(
        self, store: MemoryStore, gateway: FakeGateway, ids: Ids, random: Random, *, poll: timedelta, bad_line: bool
    ) -> None:
        self._store = SlowStore(store, random)
        self._tasks: set[asyncio.Task[Any]] = set()
        clock = LoopClock()
        line = Line(gateway, random, bad=bad_line)
        journal = Journal(ids, lambda payment: payment.status.encode())
        settling = Settling(self._store, FakeGateways(line), journal, clock)
        self.payments = PaymentOperations(
            store=self._store, gateways=FakeGateways(line), settling=settling, journal=journal, clock=clock, ids=ids
        )
        worker = Worker(self._store, handlers(self._store, settling, self.payments), clock, poll)
        self.run(worker.run())

    def run(self, work: Coroutine[Any, Any, T]) -> "asyncio.Task[T]":
        """Does something for as long as the replica lives."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def kill(self) -> None:
        """Nothing of it goes on, but for what it had sent."""
        self._store.alive = False
        for task in self._tasks:
            task.cancel()
