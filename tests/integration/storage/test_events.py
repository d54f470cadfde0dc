"""The order of events: given once they are committed, without gaps, to each once, an object's always in their sequence; and what is read by it."""

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from server.domain.errors import EventNotFound
from server.domain.events import Event, EventType
from server.domain.listing import Cursor, EventFilter, EventQuery
from server.domain.ports import Store, Transaction
from server.storage.repositories.event_list import _behind
from server.storage.repositories.events import _MERCHANTS, _UNNUMBERED
from server.storage.store import SqlStore
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, an_event, an_id
from tests.integration.storage.plans import plan_of

NOTHING = EventFilter()


def append(tx: Transaction, *events: Event) -> None:
    for event in events:
        tx.events.append(event)


async def numbered(store: Store, limit: int = 100, merchant_id: str = MERCHANT) -> list[tuple[int, int | None]]:
    """The numbers of the events' ids, with the positions that they are given now."""
    given = await store.transaction(lambda tx: tx.events.number(merchant_id, limit))
    return [(event.id.int >> 80, event.position) for event in given]


async def test_events_are_numbered_once(any_store: Store) -> None:
    """In the order of their ids, from 1, each merchant's by themselves."""
    written = [an_event(number, an_id(900 + number), 1) for number in (2, 1, 3)]
    await any_store.transaction(lambda tx: append(tx, *written, an_event(9, an_id(909), 1, OTHER_MERCHANT)))
    assert sorted(await any_store.read(lambda tx: tx.events.unnumbered())) == [MERCHANT, OTHER_MERCHANT]
    assert await numbered(any_store) == [(1, 1), (2, 2), (3, 3)]
    assert await numbered(any_store) == []
    assert await numbered(any_store, merchant_id=OTHER_MERCHANT) == [(9, 1)]
    assert await any_store.read(lambda tx: tx.events.unnumbered()) == []
    assert await any_store.read(lambda tx: tx.events.head(MERCHANT)) == 3


async def test_a_batch_is_bounded_and_the_next_goes_on(any_store: Store) -> None:
    """Behind what was numbered before."""
    await any_store.transaction(
        lambda tx: append(tx, *(an_event(number, an_id(900), number) for number in range(1, 6)))
    )
    assert await numbered(any_store, 2) == [(1, 1), (2, 2)]
    assert await numbered(any_store, 2) == [(3, 3), (4, 4)]
    assert await numbered(any_store, 2) == [(5, 5)]


async def test_an_objects_events_stay_in_their_sequence(any_store: Store) -> None:
    """Even where a machine with a slow clock made the later one's id, and however the batches fall."""
    first, second, third = (an_event(number, an_id(900), at) for number, at in ((30, 1), (10, 2), (20, 3)))
    other = an_event(15, an_id(901), 1)
    await any_store.transaction(lambda tx: append(tx, first, second, third, other))
    assert await numbered(any_store, 1) == [(15, 1)]
    assert [
        name for name, _ in await numbered(any_store, 1) + await numbered(any_store) + await numbered(any_store)
    ] == [*(30, 10, 20)]


async def test_what_waits_for_an_id_far_behind_is_found(any_store: Store) -> None:
    """A whole batch may wait for one event."""
    late = [an_event(number, an_id(900), number + 1) for number in range(1, 8)]
    await any_store.transaction(lambda tx: append(tx, an_event(99, an_id(900), 1), *late))
    found = [event for _ in range(8) for event in await numbered(any_store, 2)]
    assert [name for name, _ in found] == [99, *range(1, 8)]
    assert [position for _, position in found] == list(range(1, 9))


async def test_what_commits_late_is_numbered_behind_what_was_read(postgres_store: SqlStore) -> None:
    """Its id is the smaller one: a reader who goes on behind the last position sees it all the same."""
    go_on, written = threading.Event(), threading.Event()

    def slow(tx: Transaction) -> None:
        tx.events.append(an_event(1, an_id(901), 1))
        written.set()
        assert go_on.wait(10)

    under_way = asyncio.create_task(postgres_store.transaction(slow))
    await asyncio.to_thread(written.wait, 10)
    await postgres_store.transaction(lambda tx: tx.events.append(an_event(2, an_id(902), 1)))
    assert await numbered(postgres_store) == [(2, 1)]
    go_on.set()
    await under_way
    assert await numbered(postgres_store) == [(1, 2)]
    behind = await postgres_store.read(lambda tx: tx.events.behind(MERCHANT, 1, NOTHING, 10))
    assert [event.id for event in behind] == [an_id(1)]


async def test_a_reader_misses_nothing_while_many_write_and_several_number(store: SqlStore) -> None:
    """It sees 1, 2, 3 and so on, each event once, each object's in their sequence, whoever is interrupted by whom."""
    objects, each, seen, over = 30, 3, list[Event](), asyncio.Event()

    async def write(number: int) -> None:
        for at in range(1, each + 1):
            event = an_event(number * 10 + (at * 7) % 10, an_id(900 + number), at)
            await store.transaction(partial(append_one, event=event))

    async def number() -> None:
        while not over.is_set():
            await store.transaction(lambda tx: tx.events.number(MERCHANT, 4))

    async def read() -> None:
        while len(seen) < objects * each:
            place = seen[-1].position or 0 if seen else 0
            seen.extend(await store.read(lambda tx, place=place: tx.events.behind(MERCHANT, place, NOTHING, 5)))  # type: ignore[misc]

    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        numbering = [group.create_task(number()) for _ in range(2)]
        reading = group.create_task(read())
        await asyncio.gather(*(write(number) for number in range(objects)))
        await reading
        over.set()
        await asyncio.gather(*numbering)
    assert [event.position for event in seen] == list(range(1, objects * each + 1))
    for each_object in range(objects):
        assert [event.sequence for event in seen if event.object_id == an_id(900 + each_object)] == [1, 2, 3]


def append_one(tx: Transaction, event: Event) -> None:
    tx.events.append(event)


async def test_an_event_is_read_as_it_was_written(any_store: Store) -> None:
    """Numbered or not; another merchant's does not exist."""
    event = replace(an_event(1, an_id(901), 7), payload=b"\0\xff", type=EventType.PAYOUT_PAID)
    await any_store.transaction(lambda tx: tx.events.append(event))
    assert await any_store.read(lambda tx: tx.events.get(MERCHANT, an_id(1))) == event
    await numbered(any_store)
    assert await any_store.read(lambda tx: tx.events.get(MERCHANT, an_id(1))) == replace(event, position=1)
    for merchant_id, number in ((OTHER_MERCHANT, 1), (MERCHANT, 404)):
        with pytest.raises(EventNotFound):
            await any_store.read(lambda tx, m=merchant_id, n=number: tx.events.get(m, an_id(n)))  # type: ignore[misc]


async def test_a_list_is_newest_first_with_its_total(any_store: Store) -> None:
    """By page, and behind a cursor without the total; what has no number is in no list."""
    written = [an_event(number, an_id(900 + number), 1) for number in range(1, 6)]
    await any_store.transaction(lambda tx: append(tx, *written))
    await numbered(any_store)
    await any_store.transaction(lambda tx: tx.events.append(an_event(6, an_id(906), 1)))
    first = await any_store.read(lambda tx: tx.events.list(MERCHANT, EventQuery(NOTHING, per_page=2)))
    assert ([event.id for event in first.items], first.total) == ([an_id(5), an_id(4)], 5)
    third = await any_store.read(lambda tx: tx.events.list(MERCHANT, EventQuery(NOTHING, page=3, per_page=2)))
    assert ([event.id for event in third.items], third.next) == ([an_id(1)], None)
    behind = await any_store.read(
        lambda tx: tx.events.list(MERCHANT, EventQuery(NOTHING, per_page=2, after=Cursor(an_id(4))))
    )
    assert ([event.id for event in behind.items], behind.total) == ([an_id(3), an_id(2)], None)


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (EventFilter(type="refund.created"), [3]),
        (EventFilter(object_id=an_id(902)), [2]),
        (EventFilter(created_after=NOON + timedelta(seconds=1)), [2, 3]),
        (EventFilter(created_before=NOON + timedelta(seconds=2)), [1]),
        (EventFilter(created_after=NOON, created_before=NOON + timedelta(seconds=3), type="payment.created"), [1, 2]),
    ],
)
async def test_filters_hold_forwards_and_backwards(any_store: Store, wanted: EventFilter, found: list[int]) -> None:
    """Bounds on times are exclusive."""
    kinds = (EventType.PAYMENT_CREATED, EventType.PAYMENT_CREATED, EventType.REFUND_CREATED)
    for number, kind in enumerate(kinds, 1):
        event = replace(
            an_event(number, an_id(900 + number), 1), type=kind, created_at=NOON + timedelta(seconds=number)
        )
        await any_store.transaction(partial(append_one, event=event))
    await numbered(any_store)
    ahead = await any_store.read(lambda tx: tx.events.behind(MERCHANT, 0, wanted, 10))
    assert [event.id.int >> 80 for event in ahead] == found
    listed = await any_store.read(lambda tx: tx.events.list(MERCHANT, EventQuery(wanted)))
    assert [event.id.int >> 80 for event in listed.items] == found[::-1]
    assert listed.total == len(found)


async def test_looking_for_events_without_a_number_costs_next_to_nothing(sqlite_store: SqlStore) -> None:
    """It reads an index that is empty at rest; what is behind a position is read from its place."""
    for statement in (_MERCHANTS, _UNNUMBERED):
        assert "ix_events_unnumbered" in await plan_of(sqlite_store, statement)
    assert "uq_events_position" in await plan_of(sqlite_store, _behind(()))
