"""A multipart form's parts, out of a body that is in memory already: RFC 7578, which is less than e-mail's multipart."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from typing import Final

from aiohttp import web
from aiohttp.hdrs import CONTENT_TYPE

from http_bridge.failures.failure import invalid
from http_bridge.requests.body import require_uncompressed, unsupported

MAX_PARTS: Final = 20
_MAX_HEADER_BYTES: Final = 8192
_FORM: Final = "multipart/form-data"
_DISPOSITION: Final = "Content-Disposition"


@dataclass(frozen=True, slots=True, repr=False)
class Part:
    """`filename`: None for a field that is no file."""

    name: str
    filename: str | None
    content: memoryview


def boundary_of(request: web.BaseRequest) -> bytes:
    """Raises Failed when the body is declared to be anything but a form."""
    require_uncompressed(request)
    header = _header(CONTENT_TYPE, request.headers.get(CONTENT_TYPE, ""))
    boundary = header.get_boundary()
    if header.get_content_type() != _FORM or not boundary or len(boundary) > 70 or not boundary.isascii():
        raise unsupported(f"The body must be a form, sent as Content-Type: {_FORM} with a boundary.")
    return boundary.encode()


def read_form(body: bytes, boundary: bytes) -> Iterator[Part]:
    """The parts in their order, as views of the body. Raises Failed for a form that is cut or cannot be read."""
    delimiter = b"\r\n--" + boundary
    # The first delimiter may stand at the very start, without a line before it.
    start = 0 if body.startswith(delimiter[2:]) else body.find(delimiter) + 2
    at = start + len(delimiter) - 2
    for _ in range(MAX_PARTS):
        end = body.find(delimiter, at)
        if body.startswith(b"--", at):
            return
        if start == 1 or not body.startswith(b"\r\n", at) or end < 0:
            raise invalid("body", "not a complete multipart form")
        yield _part(memoryview(body), body.find(b"\r\n\r\n", at, min(end, at + _MAX_HEADER_BYTES)), at + 2, end)
        at = end + len(delimiter)
    raise invalid("body", f"more than {MAX_PARTS} parts")


def _part(body: memoryview, headers_end: int, start: int, end: int) -> Part:
    if headers_end < 0:
        raise invalid("body", "a part of the form has no headers")
    lines = bytes(body[start:headers_end]).decode(errors="replace").split("\r\n")
    for name, _, value in (line.partition(":") for line in lines):
        if name.strip().lower() == _DISPOSITION.lower():
            header = _header(_DISPOSITION, value.strip())
            field = header.get_param("name", header=_DISPOSITION)
            if isinstance(field, str):
                return Part(field, header.get_filename(), body[headers_end + 4 : end])
    raise invalid("body", "a part of the form has no name")


def _header(name: str, value: str) -> "Message[str, str]":
    message: Message[str, str] = Message()
    message[name] = value
    return message
