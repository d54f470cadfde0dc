"""aiohttp's low-level server with this bridge's limits: no router, no application, as both would do again what the contract's routes do."""

import asyncio
import logging
from typing import Final

from aiohttp import web

from http_bridge.settings import BridgeSettings
from http_bridge.web.bridge import Bridge

_LOG: Final = logging.getLogger(__name__)
# A caller whose body was refused gets this long to read why before the connection is closed.
_LINGERING_SECONDS: Final = 5.0
_MAX_HEADERS: Final = 100


class BridgeProtocol(web.RequestHandler):
    """One connection. What cannot be parsed gets the error shape too, and is not logged: its bytes may be anybody's secrets."""

    def __init__(self, server: "BridgeServer") -> None:
        settings = server.settings
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            # Runs from the start of the connection, so it also ends one whose headers never end.
            keepalive_timeout=settings.keepalive_timeout_seconds,
            max_line_size=settings.max_header_bytes,
            max_field_size=settings.max_header_bytes,
            max_headers=_MAX_HEADERS,
            lingering_time=_LINGERING_SECONDS,
            auto_decompress=False,
            access_log=None,  # type: ignore[arg-type]  # what aiohttp means by no access log; its annotation does not say so
            logger=_LOG,
        )
        self._bridge = server.bridge

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        response = self._bridge.unreadable(request)
        response.force_close()
        return response


class BridgeServer(web.Server):
    """Makes a protocol per connection; a caller who hangs up cancels what runs for them."""

    def __init__(self, bridge: Bridge, settings: BridgeSettings) -> None:
        super().__init__(bridge.handle, handler_cancellation=True)
        self.bridge: Final = bridge
        self.settings: Final = settings

    def __call__(self) -> BridgeProtocol:
        return BridgeProtocol(self)
