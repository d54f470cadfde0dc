"""Lanes: an endpoint that does not answer holds up nobody but itself."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta

import pytest
import pytest_asyncio

from server.domain.webhook import Answered, DeliveryStatus, Reply
from server.operations.bell import Bell
from server.work.webhook_lanes import WebhookLanes
from tests.e2e.polling import until
from tests.webhook_post import HOOK, Post

DEAD = "https://dead.example/"
SOON = 5.0


class Silence:
    """The endpoint of which nothing is heard, in front of a courier that answers for the others; counts who waits."""

    def __init__(self, post: Post) -> None:
        self._carry = post.courier.carry
        self.waiting = 0
        post.courier.carry = self.carry  # type: ignore[method-assign]

    async def carry(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        if url != DEAD:
            return await self._carry(url, headers, body)
        self.waiting += 1
        try:
            await asyncio.Event().wait()
        finally:
            self.waiting -= 1
        raise AssertionError


@pytest_asyncio.fixture
async def post() -> AsyncIterator[Post]:
    yield Post()


async def until_sent(post: Post, count: int) -> None:
    """Waits until so many requests were answered."""
    await until(lambda: asyncio.sleep(0, len(post.courier.carried)), lambda sent: sent >= count, SOON)


@pytest.mark.parametrize("most_lanes", [2, 200])
async def test_a_dead_endpoint_holds_up_nobody(post: Post, most_lanes: int) -> None:
    """What is due to others is sent while it is waited for; what is under way to it is bounded."""
    silence = Silence(post)
    await post.open(DEAD)
    await post.open(HOOK)
    lanes = WebhookLanes(post.sending, bell := Bell(), timedelta(seconds=0.05), most_lanes)
    for number in range(30):
        await post.happens(number=number + 1)
    await post.events._sequencing.number()
    running = asyncio.create_task(lanes.run())
    await until_sent(post, 30)
    assert silence.waiting == 8
    for number in range(30, 40):
        await post.happens(number=number + 1)
    await post.events._sequencing.number()
    bell.ring()
    await until_sent(post, 40)
    assert silence.waiting == 8
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert silence.waiting == 0
    taken = [one for one in post.deliveries() if one.status is DeliveryStatus.SUCCEEDED]
    assert len(taken) == 40


async def test_more_endpoints_than_lanes_take_turns(post: Post) -> None:
    """Whoever waits for a lane gets one, also behind those that always have something."""
    for number in range(5):
        await post.open(f"https://shop{number}.example/")
    for number in range(20):
        await post.happens(number=number + 1)
    await post.events._sequencing.number()
    lanes = WebhookLanes(post.sending, Bell(), timedelta(seconds=0.01), most_lanes=2)
    running = asyncio.create_task(lanes.run())
    await until_sent(post, 100)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_an_endpoint_that_fails_is_tried_with_one_at_a_time(post: Post) -> None:
    """From its first failure on, until it takes one."""
    at_once, seen = 0, list[int]()
    carry = post.courier.carry

    async def counted(url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        nonlocal at_once
        at_once += 1
        seen.append(at_once)
        await asyncio.sleep(0)
        at_once -= 1
        return await carry(url, headers, body)

    post.courier.carry = counted  # type: ignore[method-assign]
    await post.open(HOOK)
    post.courier.replies[HOOK] = Answered(500)
    for number in range(30):
        await post.happens(number=number + 1)
    await post.events._sequencing.number()
    running = asyncio.create_task(WebhookLanes(post.sending, Bell(), timedelta(seconds=0.01)).run())
    await until_sent(post, 30)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert seen == [*range(1, 9), *(1 for _ in range(22))]
