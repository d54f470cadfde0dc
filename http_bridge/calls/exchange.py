"""One HTTP request on its way through the bridge, and what serves it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from aiohttp import web
from aiohttp.hdrs import CONTENT_TYPE

from http_bridge.dialects.dialect import Answer
from sycee.v1.options_pb2 import Rest


@dataclass(frozen=True, slots=True)
class Exchange:
    """`headers`: those of every response of this exchange; `variables`: the request fields that the path carries, as text."""

    request: web.BaseRequest
    request_id: str
    headers: Mapping[str, str]
    variables: Mapping[str, str]
    query: str

    def respond(self, answer: Answer, further_headers: Mapping[str, str] | None = None) -> web.Response:
        headers = {**self.headers, **(further_headers or {})}
        if answer.body:
            headers[CONTENT_TYPE] = "application/json"
        return web.Response(status=answer.status, body=answer.body or None, headers=headers)


class Endpoint(Protocol):
    """What serves one route: an RPC, or the bridge itself. Raises Failed."""

    @property
    def label(self) -> str:
        """Its name in metrics and logs."""

    @property
    def rest(self) -> Rest: ...

    async def serve(self, exchange: Exchange) -> web.StreamResponse: ...
