"""Ways in which a gateway loses an answer: the line stays silent, or is cut."""

import asyncio
import socket
import struct
from typing import Any

from aiohttp import web

HANG_SECONDS = 60.0
_LOOK_SECONDS = 0.1
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Hangings:
    """Silent lines end when the caller gives up, when their time is over, or when the sandbox stops."""

    def __init__(self) -> None:
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        self._stopping.set()

    async def silence(self, request: web.Request, seconds: float) -> web.Response:
        """Says nothing for that long and then cuts the line."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while loop.time() < until and not self._stopping.is_set():
            if request.transport is None or request.transport.is_closing():
                break
            await self.pause(min(_LOOK_SECONDS, until - loop.time()))
        return cut(request)

    async def pause(self, seconds: float) -> None:
        """Waits, but not beyond the end of the sandbox."""
        try:
            await asyncio.wait_for(self._stopping.wait(), max(0.0, seconds))
        except TimeoutError:
            return


def cut(request: web.Request) -> web.Response:
    """Resets the connection; the response that aiohttp wants is never sent."""
    transport = request.transport
    if transport is not None:
        connection: Any = transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()
    return web.Response(status=500)
