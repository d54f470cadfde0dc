"""The gRPC server's own metrics, fetched from where it shows them, so that one scrape sees both processes."""

from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout, UnixConnector

_UNIX: Final = "unix:"
_TIMEOUT: Final = ClientTimeout(total=2.0)
_MAX_BYTES: Final = 4 * 1024 * 1024


class ServerMetrics:
    """`address`: `unix:/path/to.sock`, where `/metrics` is asked for over HTTP, or a URL."""

    def __init__(self, address: str) -> None:
        self._url = "http://server/metrics" if address.startswith(_UNIX) else address
        self._socket = address.removeprefix(_UNIX) if address.startswith(_UNIX) else None

    async def fetch(self) -> bytes | None:
        """Prometheus' text format; None when the server does not answer, which must not cost the bridge's own figures."""
        connector = UnixConnector(self._socket) if self._socket else None
        try:
            async with (
                ClientSession(connector=connector, timeout=_TIMEOUT) as session,
                session.get(self._url, raise_for_status=True) as response,
            ):
                return await response.content.read(_MAX_BYTES)
        except (ClientError, TimeoutError, OSError):
            return None
