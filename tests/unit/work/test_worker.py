"""The background: every due job is done once, whoever fails or dies beside it."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.jobs import FOLLOWING, Job, JobKind
from server.work.worker import LEASE, Worker
from tests.builders import NOON, an_id
from tests.clock_and_ids import StoppedClock
from tests.memory import MemoryStore

SECOND = timedelta(seconds=1)


class Background:
    """A worker over storage in memory, with jobs that do what a test says."""

    def __init__(self) -> None:
        self.clock = StoppedClock()
        self.store = MemoryStore()
        self.done: list[Job] = []
        self._does: dict[int, Callable[[Job], Awaitable[None]]] = {}

    def worker(self, poll: timedelta = timedelta(0)) -> Worker:
        handlers: Mapping[JobKind, Callable[[Job], Awaitable[None]]] = dict.fromkeys(JobKind, self._do)
        return Worker(self.store, handlers, self.clock, poll)

    async def enqueue(
        self,
        number: int,
        due_in: timedelta = timedelta(0),
        does: Callable[[Job], Awaitable[None]] | None = None,
        gateway: str = "stripe",
        kind: JobKind = JobKind.SETTLE_ATTEMPT,
    ) -> None:
        now = self.clock.now()
        job = Job(an_id(number), kind, "default", gateway, now + due_in, now)
        if does is not None:
            self._does[number] = does
        await self.store.transaction(lambda tx: tx.jobs.enqueue(job))

    def stored(self, number: int) -> Job | None:
        return self.store.tables.jobs.get((JobKind.SETTLE_ATTEMPT, an_id(number)))

    async def _do(self, job: Job) -> None:
        does = self._does.get(job.id.int >> 80)
        if does is not None:
            await does(job)
        self.done.append(job)
        await self.store.transaction(lambda tx: tx.jobs.finish(job))


@pytest.fixture
def background() -> Background:
    return Background()


async def _fails(_job: Job) -> None:
    raise RuntimeError("the database is gone")


async def test_what_is_due_is_done_and_nothing_else(background: Background) -> None:
    """A job waits until its time."""
    await background.enqueue(1)
    await background.enqueue(2, due_in=SECOND)
    assert await background.worker().run_due() == 1
    assert [job.id for job in background.done] == [an_id(1)]
    background.clock.move(SECOND)
    assert await background.worker().run_due() == 1
    assert not background.store.tables.jobs


async def test_idle_work_writes_nothing(background: Background, monkeypatch: pytest.MonkeyPatch) -> None:
    """A replica without work must not make the database sync every second."""
    await background.enqueue(1, due_in=SECOND)

    async def transaction(_work: object) -> None:
        raise AssertionError("an idle worker writes")

    monkeypatch.setattr(background.store, "transaction", transaction)
    assert await background.worker().run_due() == 0


async def test_a_job_that_fails_is_tried_again_later(background: Background, caplog: pytest.LogCaptureFixture) -> None:
    """Later each time, an hour at most, and it is told each time."""
    await background.enqueue(1, does=_fails)
    pauses = []
    for _ in range(15):
        assert await background.worker().run_due() == 1
        job = background.stored(1)
        assert job is not None
        pauses.append((job.due_at - background.clock.now()).total_seconds())
        background.clock.move_to(job.due_at)
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 3600, 3600, 3600, 3600]
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 15


async def test_a_job_that_fails_stops_no_other(background: Background) -> None:
    """All that is due side by side with it is done."""
    await background.enqueue(1, does=_fails)
    await background.enqueue(2)
    await background.worker().run_due()
    assert [job.id for job in background.done] == [an_id(2)]


async def test_a_slow_job_does_not_hold_up_the_others_beside_it(background: Background) -> None:
    """They are done while it waits for its gateway."""
    others = asyncio.Event()

    async def waits(_job: Job) -> None:
        await others.wait()

    async def releases(_job: Job) -> None:
        others.set()

    await background.enqueue(1, does=waits)
    await background.enqueue(2, does=releases)
    async with asyncio.timeout(5):
        await background.worker().run_due()
    assert [job.id for job in background.done] == [an_id(2), an_id(1)]


async def test_two_replicas_do_a_job_once(background: Background) -> None:
    """Whoever claims it first has it."""
    for number in range(1, 11):
        await background.enqueue(number)
    await asyncio.gather(*(background.worker().run_due() for _ in range(3)))
    assert sorted(job.id for job in background.done) == [an_id(number) for number in range(1, 11)]


async def test_a_bounded_number_is_done_at_once(background: Background) -> None:
    """A backlog after an outage must not open thousands of connections to a gateway."""
    for number in range(1, 101):
        await background.enqueue(number)
    assert await background.worker().run_due() == 16


async def test_a_job_of_a_dead_replica_is_taken_over(background: Background) -> None:
    """Once its lease is over; before that it may still be alive."""
    await background.enqueue(1)
    await background.store.transaction(lambda tx: tx.jobs.claim("stripe", background.clock.now(), LEASE, 1))
    background.clock.move(LEASE - SECOND)
    assert await background.worker().run_due() == 0
    background.clock.move(SECOND)
    assert await background.worker().run_due() == 1
    assert not background.store.tables.jobs


async def test_a_replica_that_was_overtaken_changes_nothing(background: Background) -> None:
    """It comes back from the dead and finds its job in another one's hands."""
    stalled, goes_on = asyncio.Event(), asyncio.Event()

    async def stalls(job: Job) -> None:
        if job.tries == 1:
            stalled.set()
            await goes_on.wait()
            raise RuntimeError("its connection is gone")

    await background.enqueue(1, does=stalls)
    overtaken = asyncio.create_task(background.worker().run_due())
    await stalled.wait()
    background.clock.move(LEASE)
    await background.store.transaction(lambda tx: tx.jobs.claim("stripe", background.clock.now(), LEASE, 1))
    others = background.stored(1)
    goes_on.set()
    await overtaken
    assert background.stored(1) == others


async def test_a_job_that_was_enqueued_again_during_its_work_is_done_again(background: Background) -> None:
    """Its cause came back after the work had looked."""

    async def is_enqueued_again(job: Job) -> None:
        if job.tries == 1:
            again = replace(job, due_at=background.clock.now() + SECOND)
            await background.store.transaction(lambda tx: tx.jobs.enqueue(again))

    await background.enqueue(1, does=is_enqueued_again)
    await background.worker().run_due()
    background.clock.move(SECOND)
    await background.worker().run_due()
    assert len(background.done) == 2
    assert not background.store.tables.jobs


async def test_a_backlog_is_worked_off_without_a_pause(background: Background) -> None:
    """The poll's pause is for idle times only: here it would outlast the test."""
    last = asyncio.Event()

    async def is_last(_job: Job) -> None:
        last.set()

    for number in range(1, 50):
        await background.enqueue(number)
    await background.enqueue(50, due_in=timedelta(0), does=is_last)
    running = asyncio.create_task(background.worker(poll=timedelta(hours=1)).run())
    async with asyncio.timeout(5):
        await last.wait()
    await _stopped(running)


async def test_a_gateway_that_does_not_answer_holds_up_no_other(background: Background) -> None:
    """However much waits for it: what is due at another gateway is done meanwhile, and again when more comes."""
    done = asyncio.Event()

    async def never_ends(_job: Job) -> None:
        await asyncio.Event().wait()

    async def is_done(_job: Job) -> None:
        done.set()

    for number in range(1, 41):
        await background.enqueue(number, does=never_ends, gateway="alipay")
    running = asyncio.create_task(background.worker().run())
    async with asyncio.timeout(5):
        for number in (41, 42):
            done.clear()
            await background.enqueue(number, does=is_done, gateway="wechat")
            await done.wait()
    await _stopped(running)
    assert {job.id for job in background.done} <= {an_id(41), an_id(42)}


@pytest.mark.parametrize("kind", sorted(FOLLOWING))
async def test_what_is_due_does_not_wait_for_a_list(background: Background, kind: JobKind) -> None:
    """Of a busy shop it is long. It is read once at a time, though its lease is over meanwhile, and again later."""
    begun, read, done = asyncio.Event(), asyncio.Event(), asyncio.Event()
    beginnings = 0

    async def is_read(_job: Job) -> None:
        nonlocal beginnings
        beginnings += 1
        begun.set()
        await read.wait()

    async def is_done(_job: Job) -> None:
        done.set()

    await background.enqueue(1, does=is_read, kind=kind)
    running = asyncio.create_task(background.worker().run())
    async with asyncio.timeout(5):
        await begun.wait()
        for number in (2, 3):
            done.clear()
            await background.enqueue(number, does=is_done)
            await done.wait()
            background.clock.move(LEASE)
        assert beginnings == 1
        read.set()
        begun.clear()
        background.clock.move(LEASE)
        await begun.wait()
    await _stopped(running)


async def test_a_bounded_number_of_lists_is_read_at_once(background: Background) -> None:
    """Of many merchants': the rest is left until some are read."""
    begun: list[Job] = []
    full, read, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def is_done(_job: Job) -> None:
        done.set()

    async def is_read(job: Job) -> None:
        begun.append(job)
        if len(begun) == 2 * 16:
            full.set()
        await read.wait()

    for number in range(1, 50):
        await background.enqueue(number, does=is_read, kind=JobKind.FOLLOW_PAYOUTS)
    running = asyncio.create_task(background.worker().run())
    async with asyncio.timeout(5):
        await full.wait()
        # Another gateway's work is looked for anew each time: so would more lists be.
        for number in range(50, 60):
            done.clear()
            await background.enqueue(number, does=is_done, gateway="wechat")
            await done.wait()
    assert len(begun) == 2 * 16
    await _stopped(running)


async def test_the_background_survives_a_list_that_cannot_be_put_back(
    background: Background, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The database is gone for a moment; other work goes on, and the lease ends."""
    done, lost = asyncio.Event(), asyncio.Event()

    async def is_done(_job: Job) -> None:
        done.set()

    async def gone(_job: Job) -> None:
        monkeypatch.setattr(background.store, "transaction", failing)
        raise RuntimeError

    transaction = background.store.transaction

    async def failing(_work: Callable[..., object]) -> object:
        monkeypatch.setattr(background.store, "transaction", transaction)
        lost.set()
        raise RuntimeError

    await background.enqueue(1, does=gone, kind=JobKind.FOLLOW_DISPUTES)
    running = asyncio.create_task(background.worker().run())
    async with asyncio.timeout(5):
        await lost.wait()
        await background.enqueue(2, does=is_done)
        await done.wait()
    await _stopped(running)
    assert caplog.records[-1].message == "cannot put back a job that failed"


async def test_the_background_survives_a_database_that_is_gone(
    background: Background, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It looks again after a while, and says what happened."""
    look_up, failures, done = background.store.look_up, [RuntimeError("gone")] * 3, asyncio.Event()

    async def failing_look_up(work: Callable[..., object]) -> object:
        if failures:
            raise failures.pop()
        return await look_up(work)

    async def is_done(_job: Job) -> None:
        done.set()

    monkeypatch.setattr(background.store, "look_up", failing_look_up)
    await background.enqueue(1, does=is_done)
    running = asyncio.create_task(background.worker().run())
    async with asyncio.timeout(5):
        await done.wait()
    await _stopped(running)
    assert [record.message for record in caplog.records] == ["cannot look for work that is due"] * 3


async def test_work_that_is_stopped_keeps_its_lease(background: Background) -> None:
    """As after a crash: what it had begun is taken over when the lease is over, and not before."""
    begun = asyncio.Event()

    async def never_ends(_job: Job) -> None:
        begun.set()
        await asyncio.Event().wait()

    await background.enqueue(1, does=never_ends)
    running = asyncio.create_task(background.worker().run())
    async with asyncio.timeout(5):
        await begun.wait()
    await _stopped(running)
    job = background.stored(1)
    assert job is not None
    assert job.due_at == NOON + LEASE


async def _stopped(running: asyncio.Task[None]) -> None:
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
