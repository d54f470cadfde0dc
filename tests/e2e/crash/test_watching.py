"""A watcher of events that goes on behind the last one it has seen, through deaths of the server and at every replica: nothing is left out, nothing comes twice."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import grpc

from server.domain.listing import EventFilter
from server.settings import read_settings
from sycee.v1 import webhook_service_pb2 as pb
from sycee.v1.webhook_service_pb2_grpc import WebhookServiceStub
from tests.e2e.crash.caller import Caller
from tests.e2e.crash.process import ServerProcess
from tests.e2e.crash.scenes import a_wish
from tests.e2e.crash.shop import Shop, Shops
from tests.e2e.polling import until
from tests.rpc import a_callers_metadata

_LIVES = 3
_AT_ONCE = 6
_PER_LIFE = 12
_TELLS_WITHIN_SECONDS = 20.0
_ALL = 10_000


class Watcher:
    """Keeps what it saw, and goes on behind the last of it wherever it is sent."""

    def __init__(self, secret_key: str) -> None:
        self._secret_key = secret_key
        self.seen: list[pb.Event] = []

    async def watch(self, channel: grpc.aio.Channel) -> None:
        """Watches until the server is gone."""
        wanted = pb.WatchEventsRequest(cursor=self.seen[-1].id if self.seen else "")
        if not self.seen:
            wanted.created_after.seconds = 1
        stub = WebhookServiceStub(channel)
        call = stub.WatchEvents(wanted, metadata=a_callers_metadata(self._secret_key))
        with suppress(grpc.aio.AioRpcError):
            async for event in call:
                self.seen.append(event)
        assert await call.code() is grpc.StatusCode.UNAVAILABLE

    async def until(self, count: int) -> None:
        """Waits until it has seen so many."""
        await until(lambda: asyncio.sleep(0, len(self.seen)), lambda seen: seen >= count, _TELLS_WITHIN_SECONDS)


@asynccontextmanager
async def watched(shop: Shop, watcher: Watcher) -> AsyncIterator[tuple[ServerProcess, Caller]]:
    """A server of the shop with the watcher at it."""
    async with shop.open() as (server, caller):
        target = read_settings(shop.environment).socket_target
        async with grpc.aio.insecure_channel(target) as channel:
            watching = asyncio.create_task(watcher.watch(channel))
            yield server, caller
            await server.kill()
            await watching


async def pay(caller: Caller, keys: Sequence[str]) -> None:
    """Payments, some at a time; what has no answer has none."""
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        await asyncio.gather(*(caller.create(key, a_wish(amount="59.49")) for key in some), return_exceptions=True)


async def stored_order(shop: Shop) -> list[str]:
    """All events, in the order of their positions, which has no gap."""
    async with shop.stored() as store:
        events = await store.read(lambda tx: tx.events.behind("default", 0, EventFilter(), _ALL))
    assert [event.position for event in events] == list(range(1, len(events) + 1))
    return [f"evt_{event.id.hex}" for event in events]


async def test_a_watcher_misses_nothing_over_deaths(shops: Shops) -> None:
    """SIGKILL in the middle of payments and of the stream, several times."""
    shop = shops()
    watcher = Watcher(shop.secret_key)
    for life in range(_LIVES):
        async with watched(shop, watcher) as (_server, caller):
            seen = len(watcher.seen)
            paying = asyncio.create_task(pay(caller, [f"life-{life}-{number}" for number in range(_PER_LIFE)]))
            # Killed while more is under way.
            await watcher.until(seen + _PER_LIFE)
        await paying
    async with watched(shop, watcher) as (_server, caller):
        await pay(caller, ["the-last-one"])
        order = await _until_numbered(shop)
        await watcher.until(len(order))
    assert [event.id for event in watcher.seen] == order
    assert_each_in_its_sequence(watcher.seen)


async def test_two_replicas_give_one_order(postgres_shops: Shops) -> None:
    """Payments at both, numbered by both; a watcher that changes over in the middle sees what one sees that stays."""
    shop = postgres_shops()
    stays, moves = Watcher(shop.secret_key), Watcher(shop.secret_key)
    other = shop.replica()
    async with watched(shop, stays) as (_first, here), other.open() as (_second, there):
        async with grpc.aio.insecure_channel(read_settings(other.environment).socket_target) as channel:
            moving = asyncio.create_task(moves.watch(channel))
            paying = asyncio.gather(
                pay(here, [f"here-{number}" for number in range(_PER_LIFE)]),
                pay(there, [f"there-{number}" for number in range(_PER_LIFE)]),
            )
            await moves.until(_PER_LIFE)
            moving.cancel()
            await asyncio.gather(moving, return_exceptions=True)
        async with grpc.aio.insecure_channel(read_settings(shop.environment).socket_target) as channel:
            moving = asyncio.create_task(moves.watch(channel))
            await paying
            order = await _until_numbered(shop)
            await asyncio.gather(stays.until(len(order)), moves.until(len(order)))
            moving.cancel()
            await asyncio.gather(moving, return_exceptions=True)
    assert [event.id for event in stays.seen] == [event.id for event in moves.seen] == order
    assert len(order) == 4 * _PER_LIFE
    assert_each_in_its_sequence(stays.seen)


def assert_each_in_its_sequence(seen: Sequence[pb.Event]) -> None:
    """Every payment's events, from the first on."""
    by_object: dict[str, list[int]] = {}
    for event in seen:
        by_object.setdefault(event.data.payment.id, []).append(event.sequence)
    for sequences in by_object.values():
        assert sequences == list(range(1, len(sequences) + 1))


async def _until_numbered(shop: Shop) -> list[str]:
    """All events, once each of them has its position."""
    async with shop.stored() as store:
        await until(
            lambda: store.read(lambda tx: tx.events.unnumbered()),
            lambda merchants: not merchants,
            _TELLS_WITHIN_SECONDS,
        )
    return await stored_order(shop)
