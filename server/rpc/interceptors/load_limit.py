"""Turns calls away while too many are under way, in words that tell the caller to come back: gRPC's own limit answers without a reason."""

from typing import Any

from server.domain.errors import RateLimited
from server.rpc.contract import Rpc
from server.rpc.exchange import Exchange, Handler


class LoadLimit:
    """At most `most` calls at a time, all RPCs together, and of those that anybody may make at most `most_public`: nobody without a credential keeps out those with one."""

    def __init__(self, most: int, most_public: int) -> None:
        self._most = most
        self._most_public = most_public
        self._under_way = 0
        self._public = 0

    def around(self, rpc: Rpc, inner: Handler) -> Handler:
        public = int(rpc.access.public)

        async def limited(exchange: Exchange, request: Any) -> bytes:
            if self._under_way >= self._most or (public and self._public >= self._most_public):
                raise RateLimited
            self._under_way += 1
            self._public += public
            try:
                return await inner(exchange, request)
            finally:
                self._under_way -= 1
                self._public -= public

        return limited
