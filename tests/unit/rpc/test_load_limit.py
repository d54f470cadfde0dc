"""The server does no more at a time than it was told to."""

import asyncio
from typing import Any

import pytest

from server.domain.errors import RateLimited
from server.rpc.contract import load_contract
from server.rpc.exchange import Exchange
from server.rpc.interceptors.load_limit import LoadLimit

RPCS = load_contract().rpcs
RPC = next(rpc for rpc in RPCS if not rpc.access.public)
PUBLIC = next(rpc for rpc in RPCS if rpc.access.public)


async def test_a_call_too_many_is_turned_away_and_the_next_is_served() -> None:
    """However a call ends, its place is free again."""
    release = asyncio.Event()

    async def inner(_exchange: Exchange, request: Any) -> bytes:
        await release.wait()
        if request == "fails":
            raise ValueError
        return b"served"

    handler = LoadLimit(2, most_public=1).around(RPC, inner)
    exchange: Any = None
    under_way = [asyncio.ensure_future(handler(exchange, request)) for request in ("ends", "fails")]
    await asyncio.sleep(0)
    with pytest.raises(RateLimited):
        await handler(exchange, "one too many")
    release.set()
    assert [type(ended) for ended in await asyncio.gather(*under_way, return_exceptions=True)] == [bytes, ValueError]
    assert await handler(exchange, "the next") == b"served"


async def test_callers_without_a_credential_keep_out_nobody_with_one() -> None:
    """However many callbacks anybody makes us work on, places are left for the callers who belong here."""
    release = asyncio.Event()

    async def inner(_exchange: Exchange, _request: Any) -> bytes:
        await release.wait()
        return b"served"

    limit = LoadLimit(3, most_public=2)
    anybody, caller = limit.around(PUBLIC, inner), limit.around(RPC, inner)
    exchange: Any = None
    under_way = [asyncio.ensure_future(anybody(exchange, None)) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(RateLimited):
        await anybody(exchange, None)
    under_way.append(asyncio.ensure_future(caller(exchange, None)))
    await asyncio.sleep(0)
    release.set()
    assert await asyncio.gather(*under_way) == [b"served"] * 3
    assert await anybody(exchange, None) == b"served"
