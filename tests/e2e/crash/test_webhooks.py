"""Webhooks of a server that is killed: what was sent and not written down is sent again, under the same id, and nothing is forgotten."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import grpc

from server.settings import read_settings
from sycee.v1 import webhook_service_pb2 as pb
from sycee.v1.webhook_service_pb2_grpc import WebhookServiceStub
from tests.e2e.crash.scenes import a_wish
from tests.e2e.crash.shop import Shop, Shops
from tests.e2e.polling import until
from tests.e2e.receiver import Received, Receiver, never, receiving
from tests.rpc import a_callers_metadata

if TYPE_CHECKING:
    # In the types only: at run time one class serves both kinds of channel.
    from sycee.v1.webhook_service_pb2_grpc import WebhookServiceAsyncStub

_WITHIN_SECONDS = 20.0
# Longer than a try's lease.
_LONGER = timedelta(minutes=2)


async def test_what_was_sent_and_not_written_down_is_sent_again(shops: Shops) -> None:
    """SIGKILL while the receiver has the webhook in its hands; the next server finds it when its lease is over."""
    shop = shops()
    async with receiving() as receiver:
        receiver.answers["/hook"] = never
        async with shop.open() as (server, caller):
            secret = await _endpoint(shop, receiver)
            await caller.create("one", a_wish(amount="59.49"))
            before = await _received(receiver, 2)
            await server.kill()
        receiver.answers.clear()
        async with shop.open(_LONGER):
            after = (await _received(receiver, 4))[2:]
    assert {one.headers["webhook-id"]: one.body for one in before} == {
        one.headers["webhook-id"]: one.body for one in after
    }
    assert len({one.headers["webhook-id"] for one in before}) == 2
    assert all(one.verifies(secret) for one in (*before, *after))


async def test_what_was_not_sent_yet_is_sent_by_the_next_server(shops: Shops) -> None:
    """Payments that were answered a moment before the death are told of."""
    shop = shops()
    async with receiving() as receiver:
        async with shop.open() as (server, caller):
            await _endpoint(shop, receiver)
            keys = [f"payment-{number}" for number in range(6)]
            answers = await asyncio.gather(*(caller.create(key, a_wish(amount="59.49")) for key in keys))
            await server.kill()
        async with shop.open(_LONGER):
            told = await until(lambda: asyncio.sleep(0, _told(receiver)), lambda ids: len(ids) == 12, _WITHIN_SECONDS)
    paid = {answer.payment_id for answer in answers}
    assert {payment for payment, _ in told} == paid
    assert {sequence for _, sequence in told} == {1, 2}


def _told(receiver: Receiver) -> set[tuple[str, int]]:
    """The payments that were told of, and which of their events."""
    events = [one.event for one in receiver.received]
    return {(event["data"]["object"]["id"], event["sequence"]) for event in events}


async def _received(receiver: Receiver, count: int) -> list[Received]:
    return await until(lambda: asyncio.sleep(0, receiver.at("/hook")), lambda got: len(got) >= count, _WITHIN_SECONDS)


async def _endpoint(shop: Shop, receiver: Receiver) -> str:
    """A new endpoint's secret."""
    async with _webhooks(shop) as stub:
        made = await stub.CreateWebhookEndpoint(
            pb.CreateWebhookEndpointRequest(url=receiver.url("/hook"), events=["*"]),
            metadata=a_callers_metadata(shop.secret_key),
        )
    return str(made.secret)


@asynccontextmanager
async def _webhooks(shop: Shop) -> AsyncIterator["WebhookServiceAsyncStub"]:
    async with grpc.aio.insecure_channel(read_settings(shop.environment).socket_target) as channel:
        yield WebhookServiceStub(channel)
