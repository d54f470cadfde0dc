"""The server does no more at a time than it was told to."""

import asyncio
from typing import Any

import pytest

from server.domain.errors import RateLimited
from server.rpc.contract import load_contract
from server.rpc.exchange import Exchange
from server.rpc.interceptors.load_limit import LoadLimit

RPC = load_contract().rpcs[0]


async def test_a_call_too_many_is_turned_away_and_the_next_is_served() -> None:
    """However a call ends, its place is free again."""
    release = asyncio.Event()

    async def inner(_exchange: Exchange, request: Any) -> bytes:
        await release.wait()
        if request == "fails":
            raise ValueError
        return b"served"

    handler = LoadLimit(2).around(RPC, inner)
    exchange: Any = None
    under_way = [asyncio.ensure_future(handler(exchange, request)) for request in ("ends", "fails")]
    await asyncio.sleep(0)
    with pytest.raises(RateLimited):
        await handler(exchange, "one too many")
    release.set()
    assert [type(ended) for ended in await asyncio.gather(*under_way, return_exceptions=True)] == [bytes, ValueError]
    assert await handler(exchange, "the next") == b"served"
