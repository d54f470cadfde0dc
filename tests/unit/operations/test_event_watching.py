"""Watching: from where a watcher says, in one order, nothing twice and nothing left out, and not for more watchers than there is room for."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta

import pytest
import pytest_asyncio

from server.domain.access import DEFAULT_MERCHANT, Caller, KeyKind
from server.domain.errors import EventNotFound, RateLimited, Unauthenticated
from server.domain.events import Event, EventType
from server.operations.access import KeyAccess
from server.operations.api_keys import ApiKeyOperations
from server.operations.bell import Bell
from server.operations.event_sequencing import Sequencing
from server.operations.event_watching import EventWatching, Watch
from tests.builders import A_CALLER, NOON, an_id
from tests.webhook_post import Post


@pytest_asyncio.fixture
async def post() -> AsyncIterator[Post]:
    yield Post()


async def first(post: Post, count: int, wanted: Watch) -> list[Event]:
    """So many events, as a stream gives them."""
    found: list[Event] = []
    async with asyncio.timeout(5), aclosing(post.watching.watch(A_CALLER, wanted)) as events:
        async for event in events:
            found.append(event)
            if len(found) == count:
                return found
    raise AssertionError("the stream ended")


async def test_a_stream_goes_on_behind_its_cursor(post: Post) -> None:
    """Whatever was committed before the call has its place by then."""
    events = [await post.happens(number=number) for number in (1, 2, 3)]
    found = await first(post, 2, Watch(cursor=events[0].id))
    assert [event.id for event in found] == [event.id for event in events[1:]]


async def test_a_stream_resumed_anywhere_gives_each_event_once(post: Post) -> None:
    """However often it breaks."""
    events = [await post.happens(number=number) for number in range(1, 8)]
    seen = [(await first(post, 1, Watch(created_after=NOON - timedelta(1))))[0]]
    while len(seen) < len(events):
        seen += await first(post, min(2, len(events) - len(seen)), Watch(cursor=seen[-1].id))
    assert [event.id for event in seen] == [event.id for event in events]


async def test_a_stream_begins_after_a_time(post: Post) -> None:
    """The bound is exclusive."""
    await post.happens(number=1)
    post.clock.move(timedelta(seconds=1))
    later = await post.happens(number=2)
    assert [event.id for event in await first(post, 1, Watch(created_after=NOON))] == [later.id]


async def test_a_stream_without_a_beginning_tells_what_happens_from_now_on(post: Post) -> None:
    """As soon as it is numbered, in this process without waiting for the next look."""
    await post.happens(number=1)
    stream = asyncio.create_task(first(post, 1, Watch()))
    for _ in range(10):
        await asyncio.sleep(0)
    new = await post.happens(number=2)
    await post.events._sequencing.number()
    async with asyncio.timeout(0.5):
        assert [event.id for event in await stream] == [new.id]


async def test_only_some_types(post: Post) -> None:
    """The others are passed over."""
    await post.happens(number=1)
    wanted = await post.happens(EventType.PAYMENT_FAILED, number=1, sequence=2)
    await post.happens(number=2)
    beginning = Watch(created_after=NOON - timedelta(1), types=frozenset({"payment.failed"}))
    assert [event.id for event in await first(post, 1, beginning)] == [wanted.id]


async def test_a_cursor_that_is_none_is_not_found(post: Post) -> None:
    """Nor is another merchant's."""
    with pytest.raises(EventNotFound):
        await first(post, 1, Watch(cursor=an_id(404)))


async def test_a_credential_has_so_many_streams_and_no_more(post: Post) -> None:
    """One that ends makes room; others have their own."""
    await post.happens()
    beginning = Watch(created_after=NOON - timedelta(1))
    open_ones = [post.watching.watch(A_CALLER, beginning) for _ in range(20)]
    for stream in open_ones:
        await anext(stream)
    with pytest.raises(RateLimited):
        await first(post, 1, beginning)
    other = post.watching.watch(Caller(DEFAULT_MERCHANT, "sk_other"), beginning)
    await anext(other)
    await open_ones.pop().aclose()
    assert len(await first(post, 1, beginning)) == 1
    for stream in (*open_ones, other):
        await stream.aclose()


async def test_a_stream_ends_when_its_time_is_over(post: Post) -> None:
    """By itself and without an error, so that no credential is trusted for ever."""
    bell = Bell()
    sequencing = Sequencing(post.store, post.clock, post.ids, [bell])
    watching = EventWatching(post.store, sequencing, bell, lasts_seconds=0.05)
    await post.happens()
    async with asyncio.timeout(5):
        found = [event async for event in watching.watch(A_CALLER, Watch(created_after=NOON - timedelta(1)))]
    assert len(found) == 1


async def test_a_revoked_key_watches_no_longer(post: Post) -> None:
    """However long its stream has been open."""
    bell = Bell()
    watching = EventWatching(
        post.store, Sequencing(post.store, post.clock, post.ids, [bell]), bell, check_every_seconds=0.0
    )
    key, secret = await ApiKeyOperations(post.store, post.clock, post.ids).create(
        DEFAULT_MERCHANT, KeyKind.RESTRICTED, "watcher", frozenset({"events:read"})
    )
    caller = (await KeyAccess(post.store).verify(secret)).caller
    for number in (1, 2):
        await post.happens(number=number)
    stream = watching.watch(caller, Watch(created_after=NOON - timedelta(1)))
    await anext(stream)
    await anext(stream)
    await post.store.transaction(lambda tx: tx.api_keys.revoke(DEFAULT_MERCHANT, key.id, NOON))
    await post.happens(number=3)
    with pytest.raises(Unauthenticated):
        async with asyncio.timeout(5):
            await anext(stream)
