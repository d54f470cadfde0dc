"""`/healthz`, `/readyz` and `/metrics`: not of the contract, so neither of a dialect."""

from collections.abc import Awaitable, Callable
from typing import Final

from aiohttp import web
from aiohttp.hdrs import CONTENT_TYPE
from prometheus_client import CONTENT_TYPE_LATEST

from http_bridge.calls.exchange import Exchange
from http_bridge.dialects.dialect import Answer
from http_bridge.probes.metrics import BridgeMetrics
from http_bridge.probes.readiness import Readiness
from http_bridge.probes.server_metrics import ServerMetrics
from sycee.v1.options_pb2 import Rest


class Probe:
    """One question and how it is answered."""

    def __init__(self, label: str, respond: Callable[[Exchange], Awaitable[web.Response]]) -> None:
        self.label: Final = label
        self.rest: Final = Rest()
        self._respond = respond

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        return await self._respond(exchange)


async def live(exchange: Exchange) -> web.Response:
    """The process answers."""
    return exchange.respond(Answer(200, b'{"status":"ok"}'))


class Ready:
    """The server behind it answers too, and says that it is ready."""

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    async def __call__(self, exchange: Exchange) -> web.Response:
        if await self._readiness.is_ready():
            return exchange.respond(Answer(200, b'{"status":"ready"}'))
        return exchange.respond(Answer(503, b'{"status":"not_ready"}'))


class Metrics:
    """The bridge's own figures, then the server's."""

    def __init__(self, own: BridgeMetrics, server: ServerMetrics | None) -> None:
        self._own = own
        self._server = server

    async def __call__(self, exchange: Exchange) -> web.Response:
        body = self._own.exposition()
        if self._server is not None:
            body += await self._server.fetch()
        return web.Response(body=body, headers={**exchange.headers, CONTENT_TYPE: CONTENT_TYPE_LATEST})
