"""A merchant's own receiver of webhooks: a server on this machine that answers as a test wants it and remembers what came."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from server.domain.webhook_signing import signature

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Received:
    """One request."""

    path: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        told: dict[str, Any] = json.loads(self.body)
        return told

    def verifies(self, secret: str) -> bool:
        """As a receiver checks it, by the specification."""
        at = int(self.headers["webhook-timestamp"])
        expected = signature(self.headers["webhook-id"], at, self.body, secret)
        return expected in self.headers["webhook-signature"].split(" ")


class Receiver:
    """Answers 200 everywhere until a test says otherwise for a path."""

    def __init__(self) -> None:
        self.received: list[Received] = []
        self.answers: dict[str, Answer] = {}
        self.port = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def at(self, path: str) -> list[Received]:
        """What came there, in its order."""
        return [one for one in self.received if one.path == path]

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(Received(request.path, request.raw_path, headers, await request.read()))
        answer = self.answers.get(request.path)
        return web.Response() if answer is None else await answer(request)


def status(code: int, **headers: str) -> Answer:
    """Answers with a status."""

    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=code, headers={name.replace("_", "-"): value for name, value in headers.items()})

    return answer


async def never(_request: web.BaseRequest) -> web.StreamResponse:
    """Takes the request and does not answer."""
    await asyncio.Event().wait()
    raise AssertionError


async def dies(request: web.BaseRequest) -> web.StreamResponse:
    """Hangs up in the middle."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver for as long as the block runs."""
    receiver = Receiver()
    server = web.Server(receiver.handle)
    runner = web.ServerRunner(server, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        receiver.port = runner.addresses[0][1]
        yield receiver
    finally:
        await runner.cleanup()
