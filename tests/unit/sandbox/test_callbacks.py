"""The queue of notifications: order, modes, retries, and a bound on how many wait."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.callbacks import CallbackQueue
from sandbox.state.database import Database
from sandbox.state.switches import Switches


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database() -> Iterator[Database]:
    opened = Database(Path(":memory:"))
    yield opened
    opened.close()


@pytest.fixture
def queue(database: Database, clock: Clock) -> CallbackQueue:
    return CallbackQueue(database, Switches(database), clock, capacity=5)


def subjects(queue: CallbackQueue, owner: str = "acct_1", limit: int = 10) -> list[str]:
    return [delivery.subject for delivery in queue.due(owner, limit)]


def enqueue(queue: CallbackQueue, *names: str, owner: str = "acct_1") -> None:
    for name in names:
        queue.enqueue("stripe", owner, name)


def test_deliveries_are_due_in_order_and_per_merchant(queue: CallbackQueue) -> None:
    """Each merchant has its own line."""
    enqueue(queue, "a", "b", "c")
    enqueue(queue, "x", owner="acct_2")
    assert subjects(queue, limit=2) == ["a", "b"]
    assert subjects(queue, "acct_2") == ["x"]


def test_a_retry_waits_and_counts(queue: CallbackQueue, clock: Clock) -> None:
    """Until its delay is over a delivery is not due; its attempt is one higher."""
    enqueue(queue, "a")
    (delivery,) = queue.due("acct_1", 10)
    queue.retry(delivery, 30)
    assert subjects(queue) == []
    assert queue.next_due_at("acct_1") == clock.now + 30
    clock.now += 30
    assert [each.attempt for each in queue.due("acct_1", 10)] == [delivery.attempt + 1]


def test_a_finished_delivery_is_gone(queue: CallbackQueue) -> None:
    """Nothing waits afterwards."""
    enqueue(queue, "a")
    queue.finish(queue.due("acct_1", 1)[0])
    assert (queue.waiting(), queue.next_due_at("acct_1")) == (0, None)


def test_the_oldest_give_way_when_too_many_wait(queue: CallbackQueue) -> None:
    """A merchant that never answers costs a bounded amount of space."""
    enqueue(queue, *"abcdefgh")
    assert subjects(queue) == list("defgh")


def test_reordering_gathers_a_moment_and_turns_it_round(queue: CallbackQueue, clock: Clock) -> None:
    """Newest first, once the oldest has waited."""
    queue.set_mode("reorder")
    enqueue(queue, "a", "b")
    clock.now += 0.1
    enqueue(queue, "c")
    assert subjects(queue) == []
    clock.now += 0.15
    assert subjects(queue) == ["c", "b", "a"]


def test_held_deliveries_wait_for_release(queue: CallbackQueue) -> None:
    """Release makes them due, in their order; later ones are held again."""
    queue.set_mode("hold")
    enqueue(queue, "a", "b")
    assert subjects(queue) == []
    assert queue.release() == 2
    enqueue(queue, "c")
    assert subjects(queue) == ["a", "b"]


def test_duplicates_are_two_deliveries_and_drops_none(queue: CallbackQueue) -> None:
    """Two of one event; nothing of the other."""
    queue.set_mode("duplicate")
    enqueue(queue, "a")
    queue.set_mode("drop")
    enqueue(queue, "b")
    assert subjects(queue) == ["a", "a"]


def test_the_mode_and_the_queue_are_remembered(queue: CallbackQueue, database: Database, clock: Clock) -> None:
    """Another start finds what waits, and in which mode."""
    queue.set_mode("hold")
    enqueue(queue, "a")
    again = CallbackQueue(database, Switches(database), clock, capacity=5)
    assert (again.mode, again.waiting(), list(again.owners())) == ("hold", 1, ["acct_1"])
