"""Jobs: due, leased, taken over, and never lost."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import cast

from server.domain.jobs import Job, JobKind
from server.domain.ports import Store
from tests.integration.storage.builders import NOON, a_job, an_id

LEASE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)


async def enqueue(store: Store, job: Job) -> None:
    """Enqueue a job in a transaction of its own."""
    await store.transaction(lambda tx: tx.jobs.enqueue(job))


async def test_jobs_that_are_due_are_claimed_oldest_first(any_store: Store) -> None:
    """Not those of later, and no more than asked for."""
    for number, due_at in ((1, NOON), (2, NOON - SECOND), (3, NOON + SECOND), (4, NOON - 2 * SECOND)):
        await enqueue(any_store, a_job(number, due_at))
    assert await any_store.read(lambda tx: tx.jobs.gateways_due(NOON))
    first = await any_store.transaction(lambda tx: tx.jobs.claim("stripe", NOON, LEASE, 2))
    rest = await any_store.transaction(lambda tx: tx.jobs.claim("stripe", NOON, LEASE, 2))
    assert [job.id for job in (*first, *rest)] == [an_id(4), an_id(2), an_id(1)]
    assert {(job.tries, job.due_at) for job in first} == {(1, NOON + LEASE)}
    assert not await any_store.read(lambda tx: tx.jobs.gateways_due(NOON))


async def test_each_gateways_jobs_are_claimed_apart(any_store: Store) -> None:
    """However long those of another have been due."""
    for number, gateway in ((1, "alipay"), (2, "alipay"), (3, "wechat")):
        await enqueue(any_store, a_job(number, NOON + number * SECOND, gateway=gateway))
    later = NOON + 5 * SECOND
    assert sorted(await any_store.read(lambda tx: tx.jobs.gateways_due(later))) == ["alipay", "wechat"]
    (job,) = await any_store.transaction(lambda tx: tx.jobs.claim("wechat", later, LEASE, 9))
    assert (job.id, job.gateway) == (an_id(3), "wechat")
    assert await any_store.read(lambda tx: tx.jobs.gateways_due(later)) == ["alipay"]


async def test_jobs_of_a_later_version_are_left_to_it(any_store: Store) -> None:
    """They hold up none that this version knows, and are nobody's reason to look again."""

    class Later(StrEnum):
        WASH_UP = "wash_up"

    await enqueue(any_store, replace(a_job(1), kind=cast("JobKind", Later.WASH_UP)))
    assert await any_store.read(lambda tx: tx.jobs.gateways_due(NOON)) == []
    await enqueue(any_store, a_job(2))
    (job,) = await any_store.transaction(lambda tx: tx.jobs.claim("stripe", NOON, LEASE, 9))
    assert job.id == an_id(2)


async def test_a_job_has_one_claimer_at_a_time(any_store: Store) -> None:
    """However many replicas look at once."""
    for number in range(20):
        await enqueue(any_store, a_job(number))
    claims = [any_store.transaction(lambda tx: tx.jobs.claim("stripe", NOON, LEASE, 7)) for _ in range(6)]
    claimed = [job.id for jobs in await asyncio.gather(*claims) for job in jobs]
    assert sorted(claimed) == [an_id(number) for number in range(20)]


async def test_a_claim_that_lapsed_is_taken_over(any_store: Store) -> None:
    """The first claimer's word counts no more."""
    await enqueue(any_store, a_job(1))
    (first,) = await any_store.transaction(lambda tx: tx.jobs.claim("stripe", NOON, LEASE, 1))
    later = NOON + LEASE
    (second,) = await any_store.transaction(lambda tx: tx.jobs.claim("stripe", later, LEASE, 1))
    assert (second.id, second.tries) == (first.id, 2)
    assert not await any_store.transaction(lambda tx: tx.jobs.finish(first))
    assert not await any_store.transaction(lambda tx: tx.jobs.retry(first, NOON))
    assert await any_store.transaction(lambda tx: tx.jobs.finish(second))
    assert not await any_store.read(lambda tx: tx.jobs.gateways_due(later + 2 * LEASE))


async def test_a_job_that_is_put_back_is_due_again(any_store: Store) -> None:
    """At its new time, with its tries counted on."""
    await enqueue(any_store, a_job(1))
    (job,) = await any_store.transaction(lambda tx: tx.jobs.claim("stripe", NOON, LEASE, 1))
    assert await any_store.transaction(lambda tx: tx.jobs.retry(job, NOON + SECOND))
    assert not await any_store.read(lambda tx: tx.jobs.gateways_due(NOON))
    (again,) = await any_store.transaction(lambda tx: tx.jobs.claim("stripe", NOON + SECOND, LEASE, 1))
    assert again.tries == 2


async def test_enqueuing_again_moves_the_one_job(any_store: Store) -> None:
    """There is one of a kind and id; jobs of another kind are others."""
    await enqueue(any_store, a_job(1, NOON + LEASE))
    await enqueue(any_store, a_job(1, NOON))
    await enqueue(any_store, a_job(1, NOON, JobKind.EXPIRE_PAYMENT))
    assert len(await any_store.transaction(lambda tx: tx.jobs.claim("stripe", NOON, LEASE, 9))) == 2
    assert not await any_store.read(lambda tx: tx.jobs.gateways_due(NOON))


async def test_a_job_enqueued_while_it_is_worked_on_is_not_lost(any_store: Store) -> None:
    """The claimer has not seen what it was enqueued for, so its finish does not remove it."""
    await enqueue(any_store, a_job(1))
    (claimed,) = await any_store.transaction(lambda tx: tx.jobs.claim("stripe", NOON, LEASE, 1))
    await enqueue(any_store, a_job(1, NOON + SECOND))
    assert not await any_store.transaction(lambda tx: tx.jobs.finish(claimed))
    assert await any_store.read(lambda tx: tx.jobs.gateways_due(NOON + SECOND))


async def test_a_cancelled_job_is_gone(any_store: Store) -> None:
    """Claimed or not; cancelling one that is not there is no error."""
    await enqueue(any_store, a_job(1))
    for _ in range(2):
        await any_store.transaction(lambda tx: tx.jobs.cancel(JobKind.SETTLE_ATTEMPT, an_id(1)))
    assert not await any_store.read(lambda tx: tx.jobs.gateways_due(NOON + LEASE))
