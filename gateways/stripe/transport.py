"""Carries the SDK's requests: one session of ours, so that every answer is read or closed and every error says what happened to the connection."""

import ssl
from collections.abc import Mapping

import aiohttp
import stripe

# Stripe takes about a hundred calls a second of an account; more at once would only wait there instead of here. A call that waits here for half its time is not sent.
_MOST_CONNECTIONS = 100


class Transport(stripe.HTTPClient):
    """The SDK's own transport leaves connections open whose answer was cut off, and hides whether one was made at all. Errors of aiohttp pass through unchanged."""

    name = "aiohttp"

    def __init__(self, timeout_seconds: float) -> None:
        super().__init__()
        # Connecting has less time than the whole, so that a call which never left is told from one whose answer is lost.
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds, connect=timeout_seconds / 2)
        self._session: aiohttp.ClientSession | None = None

    async def request_async(
        self, method: str, url: str, headers: Mapping[str, str], post_data: str | bytes | None = None
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Sends one request and reads the whole answer, within the time-out."""
        request = self._opened().request(method, url, headers=headers, data=post_data, allow_redirects=False)
        async with request as reply:
            return await reply.read(), reply.status, reply.headers

    async def close_async(self) -> None:
        if self._session is not None:
            await self._session.close()

    def _opened(self) -> aiohttp.ClientSession:
        """Made at the first call: a session belongs to the event loop that it is made in."""
        if self._session is None:
            trusted = ssl.create_default_context(cafile=stripe.ca_bundle_path)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=trusted, limit=_MOST_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
            )
        return self._session
