"""The gRPC server's own metrics, fetched from where it shows them, so that one scrape sees both processes."""

from typing import Final

from aiohttp import ClientError, ClientSession, ClientTimeout

_TIMEOUT: Final = ClientTimeout(total=2.0)
_MAX_BYTES: Final = 4 * 1024 * 1024


class ServerMetrics:
    def __init__(self, url: str) -> None:
        self._url = url

    async def fetch(self) -> bytes:
        """Prometheus' text format; nothing when the server does not answer, which must not cost the bridge's own figures."""
        try:
            async with (
                ClientSession(timeout=_TIMEOUT) as session,
                session.get(self._url, raise_for_status=True) as response,
            ):
                return await response.content.read(_MAX_BYTES)
        except (ClientError, TimeoutError, OSError):
            return b""
