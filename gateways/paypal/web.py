"""Reads what PayPal publishes and posts back what it sent, within bounds: beside the API, and without our credentials."""

import ssl

import aiohttp
import certifi

_LARGEST_BYTES = 64 * 1024
_CONNECTIONS = 8
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Unreachable(Exception):
    """No answer came, or none that says anything; another time one may. The message says what was in the way."""


class NotServed(Exception):
    """The other side has nothing to give there."""


class Web:
    """Follows no redirect, reads 64 KiB at most, and takes no longer than `timeout_seconds`."""

    def __init__(self, timeout_seconds: float) -> None:
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds, connect=timeout_seconds / 2)
        self._session: aiohttp.ClientSession | None = None

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def get(self, url: str) -> bytes:
        """Raises Unreachable or NotServed."""
        return await self._read("GET", url)

    async def post_form(self, url: str, body: bytes) -> bytes:
        """Raises Unreachable or NotServed."""
        return await self._read("POST", url, body)

    async def _read(self, method: str, url: str, body: bytes | None = None) -> bytes:
        # PayPal refuses a post-back that does not name its sender.
        headers = {"User-Agent": "sycee"} | ({} if body is None else _FORM)
        request = self._opened().request(method, url, data=body, headers=headers, allow_redirects=False)
        try:
            async with request as answer:
                if answer.status == 200:
                    return await _bounded(answer.content)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise Unreachable(type(error).__name__) from None
        raise (Unreachable if answer.status == 429 or answer.status >= 500 else NotServed)(f"answered {answer.status}")

    def _opened(self) -> aiohttp.ClientSession:
        """Made at the first call: a session belongs to the event loop that it is made in."""
        if self._session is None:
            trusted = ssl.create_default_context(cafile=certifi.where())
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(ssl=trusted, limit=_CONNECTIONS),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=self._timeout,
            )
        return self._session


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    read = bytearray()
    async for chunk in content.iter_any():
        read += chunk
        if len(read) > _LARGEST_BYTES:
            raise NotServed("answered too much")
    return bytes(read)
