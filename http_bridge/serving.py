"""Runs a bridge: listens, serves, and on a stop ends what runs before it goes."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web

from http_bridge.app import create_app
from http_bridge.calls.streams import OpenStreams
from http_bridge.channel import connect
from http_bridge.settings import BridgeSettings

_BACKLOG: Final = 1024


@asynccontextmanager
async def running(settings: BridgeSettings) -> AsyncIterator[int]:
    """A bridge that listens while the block runs; yields its port.

    On leaving it takes no new connections, ends streams, lets requests that run end for `drain_timeout_seconds`, and cancels the rest.
    """
    open_streams = OpenStreams()
    async with connect(settings.grpc_target) as channel:
        runner = web.ServerRunner(
            create_app(settings, channel, open_streams), shutdown_timeout=settings.drain_timeout_seconds
        )
        await runner.setup()
        try:
            site = web.TCPSite(
                runner, settings.host, settings.port, backlog=_BACKLOG, reuse_port=settings.reuse_port or None
            )
            await site.start()
            yield _port(runner)
        finally:
            open_streams.end_all()
            await runner.cleanup()


async def serve(settings: BridgeSettings, ready: Callable[[], None]) -> None:
    """Serves until it is cancelled; `ready` is called once calls are taken. Signals and the kind of event loop are the caller's."""
    async with running(settings):
        ready()
        await asyncio.Event().wait()


def _port(runner: web.ServerRunner) -> int:
    """The one that was asked for, or the free one that was found."""
    address = runner.addresses[0]
    return int(address[1])
