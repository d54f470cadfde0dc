"""Whatever breaks between claim and answer, a mutation is neither lost nor done twice."""

import asyncio
from datetime import timedelta

import pytest

from server.domain.errors import CardDeclined
from server.rpc.failures import Failure, OutOfTime
from server.rpc.interceptors.idempotency import LEASE
from tests.builders import an_id
from tests.clock_and_ids import StoppedClock
from tests.memory import MemoryStore
from tests.unit.rpc.calls import BreakingStore, Operation, Replica, an_exchange
from tests.unit.rpc.test_idempotency import failure_of, reason_of

PAST_THE_LEASE = LEASE + timedelta(seconds=2)


async def test_a_crash_during_the_operation_is_resumed_under_its_id() -> None:
    """The dead process's lease keeps others out until it passes; then the same call goes on with the same operation."""
    store, clock = MemoryStore(), StoppedClock()
    died, survivor = Operation(asyncio.Event()), Operation()
    await Replica(died, store=store, clock=clock).crash_during_a_call()
    other = Replica(survivor, store=store, clock=clock)

    assert "still running" in reason_of(await failure_of(other))
    clock.move(PAST_THE_LEASE)
    assert await other.call() == b"done"
    assert survivor.ids == died.ids
    assert [call.resumed for call in died.calls + survivor.calls] == [False, True]


async def test_of_two_calls_that_resume_at_the_same_moment_one_does() -> None:
    """Two replicas find the lease passed at the same microsecond: one takes it over, the other is told to come back."""
    store, clock = MemoryStore(), StoppedClock()
    await Replica(Operation(asyncio.Event()), store=store, clock=clock).crash_during_a_call()
    clock.move(PAST_THE_LEASE)
    ended = asyncio.Event()
    operations = [Operation(ended), Operation(ended)]
    calls = [asyncio.create_task(Replica(each, store=store, clock=clock).call()) for each in operations]
    await asyncio.sleep(0.01)
    ended.set()
    replies = await asyncio.gather(*calls, return_exceptions=True)

    assert sum(len(operation.calls) for operation in operations) == 1
    assert replies.count(b"done") == 1


async def test_another_request_cannot_take_over_what_crashed() -> None:
    """After the lease too, the key stands for its first request."""
    store, clock = MemoryStore(), StoppedClock()
    await Replica(Operation(asyncio.Event()), store=store, clock=clock).crash_during_a_call()
    clock.move(PAST_THE_LEASE)
    operation = Operation()
    other = Replica(operation, store=store, clock=clock)
    assert "another request" in reason_of(await failure_of(other, request=other.rpc.request_class()))
    assert operation.calls == []


async def test_an_unexpected_error_lets_the_same_call_resume_at_once() -> None:
    """Our own fault says nothing of the money: the caller repeats, and the operation goes on under its id."""
    operation = Operation(RuntimeError("a bug"))
    replica = Replica(operation)
    assert "internal error" in reason_of(await failure_of(replica))
    assert await replica.call() == b"done"
    assert len(set(operation.ids)) == 1
    assert [call.resumed for call in operation.calls] == [False, True]


async def test_a_lost_answer_to_the_claim_is_found_out() -> None:
    """The claim is stored and the database's answer lost: asked again, it is known by its mark, and the operation runs once."""
    memory = MemoryStore()
    store, operation = BreakingStore(memory), Operation()
    replica = Replica(operation, store=store)
    store.after = 1
    assert await replica.call() == b"done"
    assert [call.resumed for call in operation.calls] == [False]
    assert [claim.lease for claim in memory.tables.claims.values()] == [1]


async def test_nothing_runs_without_a_claim() -> None:
    """The storage is down: the call fails before anything is sent, and works when the storage does."""
    store, operation = BreakingStore(MemoryStore()), Operation()
    replica = Replica(operation, store=store)
    store.before = 2
    assert "internal error" in reason_of(await failure_of(replica))
    assert operation.calls == []
    assert await replica.call() == b"done"


@pytest.mark.parametrize("breaks", ["before", "after"])
async def test_a_reply_that_cannot_be_kept_is_given_all_the_same(breaks: str) -> None:
    """What is done is done, and the caller is told so; a repetition finds how it ended, by its reply or by resuming."""
    store, clock = BreakingStore(MemoryStore()), StoppedClock()

    class BreaksAtTheEnd(Operation):
        async def __call__(self, exchange: object, request: object) -> bytes:
            reply = await super().__call__(exchange, request)  # type: ignore[arg-type]
            if len(self.calls) == 1:
                setattr(store, breaks, 1)
            return reply

    operation = BreaksAtTheEnd(b"paid", b"as recorded")
    replica = Replica(operation, store=store, clock=clock)
    assert await replica.call() == b"paid"
    clock.move(PAST_THE_LEASE)
    assert await replica.call() == (b"as recorded" if breaks == "before" else b"paid")
    assert len(set(operation.ids)) == 1


async def test_a_caller_that_hangs_up_stops_nothing() -> None:
    """The mutation runs to its end, and its reply waits for the next call."""
    ended = asyncio.Event()
    operation = Operation(ended)
    replica = Replica(operation)
    caller = asyncio.create_task(replica.call())
    await asyncio.sleep(0.01)
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    ended.set()
    assert await replica.mutations.drain(1) == 0
    assert (operation.finished, await replica.call()) == (1, b"done")
    assert len(operation.calls) == 1


async def test_a_caller_that_hangs_up_before_the_claim_is_stored_stops_nothing() -> None:
    """The claim and the run belong together: no key is left leased with nobody at work."""
    operation = Operation()
    replica = Replica(operation)
    caller = asyncio.create_task(replica.call())
    await asyncio.sleep(0)
    caller.cancel()
    await replica.mutations.drain(1)
    assert await replica.call() == b"done"
    assert len(operation.calls) == 1


async def test_without_a_key_hanging_up_stops_nothing_either() -> None:
    """A charge is not cut off halfway because its caller is gone."""
    ended = asyncio.Event()
    operation = Operation(ended)
    replica = Replica(operation)
    caller = asyncio.create_task(replica.call(None))
    await asyncio.sleep(0.01)
    caller.cancel()
    ended.set()
    await replica.mutations.drain(1)
    assert operation.finished == 1


async def test_a_deadline_is_answered_before_it_passes_and_stops_nothing() -> None:
    """The caller is told in time that the outcome is not known; the operation goes on, and its reply waits."""
    ended = asyncio.Event()
    operation = Operation(ended)
    replica = Replica(operation)
    with pytest.raises(OutOfTime):
        await replica.call_with(an_exchange(replica.rpc, "key", seconds_left=0.01))
    ended.set()
    await replica.mutations.drain(1)
    assert await replica.call() == b"done"
    assert len(operation.calls) == 1


async def test_nothing_runs_on_without_its_lease() -> None:
    """A call that outlives its lease is cut off as a crash would do it; the next one resumes it."""
    clock = StoppedClock()
    operation = Operation(asyncio.Event())
    replica = Replica(operation, clock=clock, lease=timedelta(milliseconds=20))
    assert "not known in time" in reason_of(await failure_of(replica))
    clock.move(timedelta(seconds=2))
    assert await replica.call() == b"done"
    assert len(set(operation.ids)) == 1
    assert (len(operation.calls), operation.finished) == (2, 1)


async def test_the_drain_says_what_it_had_to_leave() -> None:
    """A shutdown waits for mutations, but not for ever."""
    replica = Replica(Operation(asyncio.Event()))
    caller = asyncio.create_task(replica.call())
    await asyncio.sleep(0.01)
    assert await replica.mutations.drain(0.01) == 1
    caller.cancel()


async def test_an_error_that_nobody_waits_for_is_kept_for_the_next_call() -> None:
    """The caller hangs up, the operation fails for good: the next call gets that failure."""
    store = MemoryStore()

    started, ended = asyncio.Event(), asyncio.Event()

    async def declined(_exchange: object, _request: object) -> bytes:
        started.set()
        await ended.wait()
        raise CardDeclined("declined", payment_id=str(an_id()))

    replica = Replica(declined, store=store)
    caller = asyncio.create_task(replica.call())
    await started.wait()
    caller.cancel()
    ended.set()
    await replica.mutations.drain(1)
    with pytest.raises(Failure) as raised:
        await replica.call()
    assert reason_of(raised.value) == "declined"
