"""One process of the service: it serves calls, works in the background, and can be killed at any moment."""

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

from server.composition import Choices, Configuring, compose
from server.domain.ids import Ids
from tests.builders import a_vault
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
        operations = compose(
            self._store,
            FakeGateways(line),
            clock,
            ids,
            configuring=Configuring(a_vault()),
            choices=Choices(
                payment_snapshot=lambda payment: payment.status.encode(),
                refund_snapshot=lambda refund: refund.status.encode(),
                look_for_work_every=poll,
            ),
        )
        self.payments = operations.payments
        self.refunds = operations.refunds
        self.intents = operations.intents
        self.saved_methods = operations.saved_methods
        self.settling = operations.settling
        self.run(operations.worker.run())

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
