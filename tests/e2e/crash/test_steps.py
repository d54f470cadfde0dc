"""Wherever the server dies, the gateway's truth, the payments and the ledger agree after its restart, and nobody is charged twice."""

import asyncio
import os
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest

from tests.e2e.crash.books import Books
from tests.e2e.crash.errands import Errand, Retry, cut_off, every_errand, prepared, retried
from tests.e2e.crash.gateway import SimulatedGateway
from tests.e2e.crash.process import ServerProcess
from tests.e2e.crash.scenes import EVERY_SCENE, ONE_OF_EACH_CALL, Scene
from tests.e2e.crash.shop import Shop, Shops
from tests.e2e.crash.steps import GATEWAY_ANSWERED, Step

pytestmark = pytest.mark.everywhere

# Longer than every lease, and than the time after which an attempt is taken for lost.
_LONGER = timedelta(minutes=2)

# A step before and one behind each of: claim, tokenise, record, authorise, settle, conclude.
_STEPS_OF_CREATE = 12

# Claim, resume, settle, conclude.
_STEPS_OF_RETRY = 8

# Claim the job, resume, settle.
_STEPS_OF_JOB = 6


@dataclass(frozen=True, slots=True)
class Played:
    """The steps that were taken until the death that the story is about, and what was stored when all was over."""

    steps: Sequence[Step]
    books: Books


Story = Callable[[int], Awaitable[Played]]
"""Plays a story in which the server dies at a step, or at 0 when nothing is left to do."""


@pytest.mark.parametrize(
    ("shops", "scenes"),
    [("sqlite", EVERY_SCENE), ("postgres", ONE_OF_EACH_CALL)],
    indirect=["shops"],
    ids=["sqlite", "postgres"],
)
async def test_a_death_between_any_two_steps_costs_nobody_anything(
    shops: Shops, scenes: Sequence[Scene], gateway: SimulatedGateway
) -> None:
    """Calls that pay, capture, cancel, refund, keep a card and confirm an intent, killed before and after each of their commits and gateway calls, end as if they had not been."""

    async def story(at: int) -> Played:
        shop, errands = shops(), every_errand(*Retry, scenes=scenes)
        async with shop.open() as (server, caller):
            await prepared(errands, caller, gateway)
            await cut_off(server, caller, errands, at)
        return Played(server.steps, await _in_the_end(shop, errands, _LONGER))

    assert await _with_a_death_everywhere(story, gateway) >= _STEPS_OF_CREATE


async def test_a_second_death_in_a_retry_costs_nobody_anything(sqlite_shops: Shops, gateway: SimulatedGateway) -> None:
    """Retries that are killed at any of their own steps leave the call to the next retry."""

    async def story(at: int) -> Played:
        shop, errands = sqlite_shops(), every_errand(Retry.FIRST)
        async with shop.open() as (server, caller):
            await prepared(errands, caller, gateway)
            await cut_off(server, caller, errands, GATEWAY_ANSWERED)
        async with shop.open(_LONGER) as (server, caller):
            await cut_off(server, caller, errands, at)
        return Played(server.steps, await _in_the_end(shop, errands, 2 * _LONGER))

    assert await _with_a_death_everywhere(story, gateway) >= _STEPS_OF_RETRY


async def test_a_second_death_in_a_job_costs_nobody_anything(postgres_shops: Shops, gateway: SimulatedGateway) -> None:
    """Jobs that are killed at any of their own steps are done by the next server."""

    async def story(at: int) -> Played:
        shop, errands = postgres_shops(), every_errand(Retry.LAST)
        async with shop.open() as (server, caller):
            await prepared(errands, caller, gateway)
            await cut_off(server, caller, errands, GATEWAY_ANSWERED)
        async with shop.open(_LONGER) as (server, caller):
            await _background_cut_off(shop, server, at)
        return Played(server.steps, await _in_the_end(shop, errands, 2 * _LONGER))

    assert await _with_a_death_everywhere(story, gateway) >= _STEPS_OF_JOB


async def _with_a_death_everywhere(story: Story, gateway: SimulatedGateway) -> int:
    """Plays a story without a death and then with one at each of its steps; says how many steps there are. The gateway must know of no payment that nobody stored."""
    before = {held.reference for held in await gateway.held()}
    slots = asyncio.Semaphore((os.cpu_count() or 1) + 1)
    undisturbed = await story(0)
    steps = max(step.number for step in undisturbed.steps)

    async def with_death(at: int) -> Played:
        async with slots:
            played = await story(at)
        assert any(step.stands for step in played.steps), f"nobody stood at step {at}"
        return played

    async with asyncio.TaskGroup() as group:
        disturbed = [group.create_task(with_death(at)) for at in range(1, steps + 1)]
    all_played = [undisturbed, *(task.result() for task in disturbed)]
    stored = {reference for played in all_played for reference in played.books.references}
    assert {held.reference for held in await gateway.held()} - before <= stored
    return steps


async def _background_cut_off(shop: Shop, server: ServerProcess, at: int) -> None:
    """Lets the background work, and kills it when a job stands at its step number `at`, or at 0 when it has nothing left to do."""
    server.stop_at(at)
    server.begin_background()
    if not at:
        await shop.at_rest(server)
    while server.under_way if not at else not server.standing:
        await server.news()
    await server.kill()


async def _in_the_end(shop: Shop, errands: Sequence[Errand], ahead: timedelta) -> Books:
    """A last server, where everybody does what they do after a restart; everything is in order each time that it comes to rest."""
    async with shop.open(ahead) as (server, caller):
        await retried(errands, caller, Retry.FIRST)
        server.begin_background()
        await retried(errands, caller, Retry.AT_ONCE)
        books = await shop.at_rest(server)
        await shop.assert_in_order(books, {errand.key for errand in errands if errand.answer is not None})
        await retried(errands, caller, Retry.LAST)
        await retried(errands, caller, *Retry)
        books = await shop.books()
        await shop.assert_in_order(books, {errand.key for errand in errands})
    return books
