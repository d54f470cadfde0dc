"""A body's bytes: of a type that is taken, within the limit whatever the headers promise, and within the time."""

import asyncio
from typing import Final

from aiohttp import web
from aiohttp.hdrs import CONTENT_ENCODING, CONTENT_TYPE, EXPECT

from http_bridge.failures.failure import Failed, Failure, invalid
from sycee.v1.errors_pb2 import ERROR_REASON_PAYLOAD_TOO_LARGE, ERROR_REASON_UNSUPPORTED_MEDIA_TYPE

_JSON: Final = "application/json"


class BodyReader:
    """`max_bytes`: of the body as it travels; `timeout_seconds`: for all of it."""

    def __init__(self, max_bytes: int, timeout_seconds: float) -> None:
        self.max_bytes: Final = max_bytes
        self._timeout_seconds = timeout_seconds

    async def read(self, request: web.BaseRequest) -> bytes:
        """Raises Failed for a body that is too large, too slow or broken."""
        if not request.body_exists:
            return b""
        await self.admit(request)
        content = request.content
        if content.is_eof():
            body = content.read_nowait(-1)
            self._check(len(body))
            return body
        try:
            async with asyncio.timeout(self._timeout_seconds):
                return await self._collect(request)
        except TimeoutError:
            raise invalid("body", "it did not arrive in time") from None
        except web.RequestPayloadError:
            raise invalid("body", "its transfer encoding is broken") from None

    async def admit(self, request: web.BaseRequest) -> None:
        """Refuses by the headers, before anything is read; then asks a caller who waits for that to go on."""
        self._check(request.content_length or 0)
        if request.headers.get(EXPECT, "").lower() == "100-continue":
            await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            # What was written is no part of the answer; the count of an answer's bytes starts after it.
            request.writer.output_size = 0

    async def _collect(self, request: web.BaseRequest) -> bytes:
        body = bytearray()
        while chunk := await request.content.readany():
            body += chunk
            self._check(len(body))
        return bytes(body)

    def _check(self, size: int) -> None:
        if size > self.max_bytes:
            raise too_large(self.max_bytes)


def require_json(request: web.BaseRequest) -> None:
    """A body without a content type is taken for JSON."""
    require_uncompressed(request)
    declared = request.headers.get(CONTENT_TYPE)
    if declared is None:
        return
    media_type, _, parameters = declared.partition(";")
    charset = parameters.replace(" ", "").lower()
    if media_type.strip().lower() != _JSON or charset not in {"", "charset=utf-8", 'charset="utf-8"'}:
        raise unsupported("The body must be JSON in UTF-8, sent as Content-Type: application/json.")


def require_uncompressed(request: web.BaseRequest) -> None:
    if request.headers.get(CONTENT_ENCODING, "identity").lower() != "identity":
        raise unsupported("The body must not be compressed.")


def unsupported(message: str) -> Failed:
    return Failed(Failure(ERROR_REASON_UNSUPPORTED_MEDIA_TYPE, message))


def too_large(max_bytes: int) -> Failed:
    return Failed(Failure(ERROR_REASON_PAYLOAD_TOO_LARGE, f"The body is larger than {max_bytes} bytes."))
