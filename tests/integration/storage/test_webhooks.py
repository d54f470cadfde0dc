"""Endpoints and deliveries as the ports promise them: claimed by one at a time, fenced, listed, and gone with their endpoint."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import pytest

from server.domain.errors import WebhookEndpointNotFound
from server.domain.listing import Cursor, DeliveryQuery
from server.domain.ports import Store, Transaction
from server.domain.vault import DataKey
from server.domain.webhook import (
    Answered,
    DeliveryStatus,
    EndpointStatus,
    Sealed,
    WebhookDelivery,
    WebhookEndpoint,
    WebhookStanding,
)
from server.storage.repositories.webhook_deliveries import _DUE
from server.storage.repositories.webhook_endpoints import _DUE as _ENDPOINTS_DUE
from server.storage.store import SqlStore
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, an_id
from tests.integration.storage.plans import plan_of

LEASE = timedelta(seconds=60)


def an_endpoint(number: int, merchant_id: str = MERCHANT) -> WebhookEndpoint:
    return WebhookEndpoint(
        id=an_id(number),
        merchant_id=merchant_id,
        url=f"https://shop.example/{number}",
        events=("payment.created", "refund.failed"),
        sealed=Sealed(an_id(700 + number), b"sealed\0"),
        created_at=NOON,
    )


def a_delivery(number: int, endpoint: int = 1, due_at: timedelta = timedelta(0)) -> WebhookDelivery:
    return WebhookDelivery(
        id=an_id(number),
        merchant_id=MERCHANT,
        endpoint_id=an_id(endpoint),
        event_id=an_id(800 + number),
        event_type="payment.created",
        created_at=NOON,
        due_at=NOON + due_at,
    )


def open_endpoint(tx: Transaction, endpoint: WebhookEndpoint) -> None:
    tx.data_keys.insert(DataKey(endpoint.sealed.data_key_id, endpoint.merchant_id, "0", b"wrapped", NOON))
    tx.webhook_endpoints.insert(endpoint)


async def opened(store: Store, *numbers: int) -> None:
    for number in numbers:
        await store.transaction(partial(open_endpoint, endpoint=an_endpoint(number)))


async def claimed(store: Store, endpoint: int = 1, after: timedelta = timedelta(0), limit: int = 8) -> list[UUID]:
    """The deliveries that a claimer gets then."""
    found = await store.transaction(
        lambda tx: tx.webhook_deliveries.claim(an_endpoint(endpoint), NOON + after, LEASE, limit)
    )
    return [one.id for one in found]


async def test_an_endpoint_is_read_as_it_was_written(any_store: Store) -> None:
    """Another merchant's does not exist."""
    await opened(any_store, 1, 2)
    await any_store.transaction(partial(open_endpoint, endpoint=an_endpoint(3, OTHER_MERCHANT)))
    assert await any_store.read(lambda tx: tx.webhook_endpoints.get(MERCHANT, an_id(1))) == an_endpoint(1)
    assert await any_store.read(lambda tx: tx.webhook_endpoints.list(MERCHANT)) == [an_endpoint(2), an_endpoint(1)]
    assert await any_store.transaction(lambda tx: tx.webhook_endpoints.held(MERCHANT)) == [
        an_endpoint(2),
        an_endpoint(1),
    ]
    with pytest.raises(WebhookEndpointNotFound):
        await any_store.transaction(lambda tx: tx.webhook_endpoints.lock(MERCHANT, an_id(3)))


async def test_an_update_leaves_since_when_an_endpoint_fails(any_store: Store) -> None:
    """That is stored when it is not known yet, and taken back by a success."""
    await opened(any_store, 1)
    endpoint = an_endpoint(1)
    for hours in (1, 2):
        since = NOON + timedelta(hours=hours)
        await any_store.transaction(partial(_fails, endpoint=endpoint, since=since))
    changed = replace(endpoint, url="https://new.example/", events=("*",), status=EndpointStatus.DISABLED)
    await any_store.transaction(lambda tx: tx.webhook_endpoints.update(changed))
    stored = await any_store.read(lambda tx: tx.webhook_endpoints.get(MERCHANT, an_id(1)))
    assert stored == replace(changed, failing_since=NOON + timedelta(hours=1))
    await any_store.transaction(partial(_fails, endpoint=endpoint, since=None))
    assert await any_store.read(lambda tx: tx.webhook_endpoints.get(MERCHANT, an_id(1))) == changed


async def test_deliveries_are_claimed_when_they_are_due_longest_first(any_store: Store) -> None:
    """By endpoint, bounded; until the lease is over nobody else gets them."""
    await opened(any_store, 1, 2)
    deliveries = [
        a_delivery(1, due_at=timedelta(seconds=2)),
        a_delivery(2, due_at=timedelta(seconds=1)),
        a_delivery(3, due_at=timedelta(seconds=9)),
        a_delivery(4, endpoint=2),
    ]
    await any_store.transaction(lambda tx: tx.webhook_deliveries.insert(deliveries))
    assert await claimed(any_store, after=timedelta(seconds=3), limit=1) == [an_id(2)]
    assert await claimed(any_store, after=timedelta(seconds=3)) == [an_id(1)]
    assert await claimed(any_store, after=timedelta(seconds=3)) == []
    assert await claimed(any_store, after=timedelta(seconds=63)) == [an_id(3), an_id(1), an_id(2)]


async def test_two_claimers_never_get_one_delivery(store: SqlStore) -> None:
    """However they meet."""
    await opened(store, 1)
    await store.transaction(lambda tx: tx.webhook_deliveries.insert([a_delivery(number) for number in range(1, 41)]))
    found = await asyncio.gather(*(claimed(store, limit=7) for _ in range(8)))
    names = [name for one in found for name in one]
    assert len(names) == len(set(names))


async def test_what_is_said_after_another_try_began_is_not_heard(any_store: Store) -> None:
    """Nor what is said twice."""
    await opened(any_store, 1)
    await any_store.transaction(lambda tx: tx.webhook_deliveries.insert([a_delivery(1)]))
    begun = a_delivery(1).begun(NOON, NOON + LEASE)
    taken = begun.answered(Answered(200), NOON, lambda: 0.0)
    assert await claimed(any_store) == [an_id(1)]
    assert await claimed(any_store, after=LEASE) == [an_id(1)]
    assert not await any_store.transaction(lambda tx: tx.webhook_deliveries.settle(taken))
    second = replace(taken, attempts=2)
    assert await any_store.transaction(lambda tx: tx.webhook_deliveries.settle(second))
    assert not await any_store.transaction(lambda tx: tx.webhook_deliveries.settle(second))
    stored = await any_store.read(lambda tx: tx.webhook_deliveries.find(MERCHANT, an_id(1)))
    assert stored is not None
    assert (stored.status, stored.attempts, stored.response_status) == (DeliveryStatus.SUCCEEDED, 2, 200)


async def test_endpoints_are_due_when_they_are_on_and_something_is(any_store: Store) -> None:
    """Whoever's they are."""
    await opened(any_store, 1, 2, 3)
    deliveries = [a_delivery(1, 1), a_delivery(2, 2, timedelta(seconds=5)), a_delivery(3, 3)]
    await any_store.transaction(lambda tx: tx.webhook_deliveries.insert(deliveries))
    await any_store.transaction(lambda tx: tx.webhook_endpoints.update(an_endpoint(3).disabled()))
    for seconds, expected in ((-1, []), (0, [1]), (5, [1, 2])):
        now = NOON + timedelta(seconds=seconds)
        due = await any_store.read(lambda tx, now=now: tx.webhook_endpoints.due(now))  # type: ignore[misc]
        assert sorted(endpoint.id for endpoint in due) == [an_id(number) for number in expected]


async def test_an_endpoint_takes_what_is_due_with_it(any_store: Store) -> None:
    """What is over stays in the log."""
    await opened(any_store, 1, 2)
    over = replace(a_delivery(2), status=DeliveryStatus.FAILED)
    await any_store.transaction(lambda tx: tx.webhook_deliveries.insert([a_delivery(1), over, a_delivery(3, 2)]))
    assert await any_store.transaction(lambda tx: tx.webhook_endpoints.delete(MERCHANT, an_id(1)))
    assert not await any_store.transaction(lambda tx: tx.webhook_endpoints.delete(MERCHANT, an_id(1)))
    for number, there in ((1, False), (2, True), (3, True)):
        found = await any_store.read(lambda tx, n=number: tx.webhook_deliveries.find(MERCHANT, an_id(n)))  # type: ignore[misc]
        assert (found is not None) == there


async def test_a_delivery_is_made_out_once(any_store: Store) -> None:
    """A second one of its id changes nothing; an event knows whom it has reached or will."""
    await opened(any_store, 1)
    await any_store.transaction(lambda tx: tx.webhook_deliveries.insert([a_delivery(1), a_delivery(1)]))
    await any_store.transaction(
        lambda tx: tx.webhook_deliveries.insert([replace(a_delivery(1), status=DeliveryStatus.FAILED)])
    )
    assert await any_store.read(lambda tx: tx.webhook_deliveries.find(MERCHANT, an_id(1))) == a_delivery(1)
    assert set(await any_store.read(lambda tx: tx.webhook_deliveries.under_way(MERCHANT, an_id(801)))) == {an_id(1)}
    assert set(await any_store.read(lambda tx: tx.webhook_deliveries.under_way(MERCHANT, an_id(802)))) == set()


async def test_the_log_is_newest_first(any_store: Store) -> None:
    """Of one endpoint, filtered by status and event."""
    await opened(any_store, 1)
    deliveries = [replace(a_delivery(1), status=DeliveryStatus.FAILED), a_delivery(2), a_delivery(3), a_delivery(4, 2)]
    await any_store.transaction(lambda tx: tx.webhook_deliveries.insert(deliveries))
    first = await any_store.read(lambda tx: tx.webhook_deliveries.list(MERCHANT, DeliveryQuery(an_id(1), per_page=2)))
    assert ([one.id for one in first.items], first.total, first.next) == ([an_id(3), an_id(2)], 3, Cursor(an_id(2)))
    behind = DeliveryQuery(an_id(1), per_page=2, after=first.next)
    rest = await any_store.read(lambda tx: tx.webhook_deliveries.list(MERCHANT, behind))
    assert ([one.id for one in rest.items], rest.total, rest.next) == ([an_id(1)], None, None)
    failed = DeliveryQuery(an_id(1), DeliveryStatus.FAILED, an_id(801))
    assert (await any_store.read(lambda tx: tx.webhook_deliveries.list(MERCHANT, failed))).total == 1


async def test_old_deliveries_that_are_over_are_forgotten(any_store: Store) -> None:
    """In small steps; what is still to be sent is not."""
    over = [replace(a_delivery(number), status=DeliveryStatus.SUCCEEDED) for number in (1, 2, 3)]
    young = replace(a_delivery(5), status=DeliveryStatus.FAILED, created_at=NOON + timedelta(days=1))
    await any_store.transaction(lambda tx: tx.webhook_deliveries.insert([*over, a_delivery(4), young]))
    before = NOON + timedelta(days=1)
    assert await any_store.transaction(lambda tx: tx.webhook_deliveries.forget(before, 2)) == 2
    assert await any_store.transaction(lambda tx: tx.webhook_deliveries.forget(before, 2)) == 1
    assert await any_store.transaction(lambda tx: tx.webhook_deliveries.forget(before, 2)) == 0


async def test_looking_for_what_is_due_reads_an_index(sqlite_store: SqlStore) -> None:
    """However long a dead endpoint's backlog is."""
    for statement in (_DUE, _ENDPOINTS_DUE):
        assert "ix_webhook_deliveries_due" in await plan_of(sqlite_store, statement)


def _fails(tx: Transaction, endpoint: WebhookEndpoint, since: datetime | None) -> None:
    tx.webhook_endpoints.fails(endpoint, since)


async def test_the_standing_is_that_of_all_merchants(any_store: Store) -> None:
    """What waits for endpoints that are on, and since when; none where nothing does."""
    assert await any_store.read(lambda tx: tx.webhook_endpoints.standing()) == WebhookStanding({}, 0, None)
    await opened(any_store, 1)
    await any_store.transaction(partial(open_endpoint, endpoint=an_endpoint(2, OTHER_MERCHANT)))
    off = replace(an_endpoint(3), status=EndpointStatus.DISABLED)
    await any_store.transaction(partial(open_endpoint, endpoint=off))
    oldest = NOON + timedelta(seconds=5)
    rows = [
        replace(a_delivery(1), created_at=NOON + timedelta(seconds=9)),
        replace(a_delivery(2, endpoint=2), merchant_id=OTHER_MERCHANT, created_at=oldest),
        a_delivery(3, endpoint=3),
        replace(a_delivery(4), status=DeliveryStatus.FAILED),
        a_delivery(5, endpoint=2),
    ]
    await any_store.transaction(lambda tx: tx.webhook_deliveries.insert(rows))
    standing = await any_store.read(lambda tx: tx.webhook_endpoints.standing())
    endpoints = {EndpointStatus.ENABLED: 2, EndpointStatus.DISABLED: 1}
    assert (dict(standing.endpoints), standing.pending, standing.oldest_pending) == (endpoints, 2, oldest)
