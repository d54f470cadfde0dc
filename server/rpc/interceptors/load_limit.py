"""Turns calls away while too many are under way, in words that tell the caller to come back: gRPC's own limit answers without a reason."""

from typing import Any

from server.domain.errors import RateLimited
from server.rpc.contract import Rpc
from server.rpc.exchange import Exchange, Handler


class LoadLimit:
    """At most `most` calls at a time, all RPCs together."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._under_way = 0

    def around(self, _rpc: Rpc, inner: Handler) -> Handler:
        async def limited(exchange: Exchange, request: Any) -> bytes:
            if self._under_way >= self._most:
                raise RateLimited
            self._under_way += 1
            try:
                return await inner(exchange, request)
            finally:
                self._under_way -= 1

        return limited
