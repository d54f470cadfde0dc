"""Many calls under one idempotency key, over both faces and several servers at once, charge once."""

import asyncio
from collections.abc import Sequence

from tests.e2e.crash.caller import Answer
from tests.e2e.crash.faces import Faces, served
from tests.e2e.crash.gateway import SimulatedGateway
from tests.e2e.crash.shop import Shop, Shops

_CALLS = 40
_IN_USE = "IDEMPOTENCY_KEY_IN_USE"


async def test_forty_calls_with_one_key_make_one_charge(sqlite_shops: Shops, gateway: SimulatedGateway) -> None:
    """Half of them come over REST and half over gRPC: it is the same call under the same key."""
    shop = sqlite_shops()
    async with served(shop) as (_, faces):
        await _call_all_at_once("one-key", [faces], shop, gateway)


async def test_forty_calls_with_one_key_to_two_servers_make_one_charge(
    postgres_shops: Shops, gateway: SimulatedGateway
) -> None:
    """The key is claimed in the database that the servers share."""
    shop = postgres_shops()
    async with served(shop) as (_, first), served(shop.replica()) as (_, second):
        await _call_all_at_once("one-key", [first], shop, gateway)
        await _call_all_at_once("another-key", [first, second], shop, gateway)


async def _call_all_at_once(key: str, servers: Sequence[Faces], shop: Shop, gateway: SimulatedGateway) -> None:
    before = await gateway.held()
    ways = [(faces, rest) for faces in servers for rest in (True, False)]
    calls = [ways[number % len(ways)] for number in range(_CALLS)]
    answers = await asyncio.gather(*(faces.pay(key, rest=rest) for faces, rest in calls))
    told = [answer for answer in answers if answer.outcome != _IN_USE]
    assert {answer.outcome for answer in told} == {"succeeded 59.49"}
    assert sum(not answer.replayed for answer in told) == 1
    charged = [held for held in await gateway.held() if held not in before]
    assert [held.captured_minor for held in charged] == [5949]
    again = await asyncio.gather(*(faces.pay(key, rest=rest) for faces, rest in ways))
    assert all(answer.replayed for answer in again)
    _assert_equal([answer for answer, (_, rest) in zip(answers, calls, strict=True) if rest], again[0])
    _assert_equal([answer for answer, (_, rest) in zip(answers, calls, strict=True) if not rest], again[1])
    assert again[0].payment_id == again[1].payment_id
    books = await shop.books()
    assert books.references >= {held.reference for held in charged}
    await shop.assert_in_order(books, {key})


def _assert_equal(answers: Sequence[Answer], kept: Answer) -> None:
    """Whoever was told anything was told the same, byte for byte."""
    assert {answer.reply for answer in answers if answer.outcome != _IN_USE} <= {kept.reply}
