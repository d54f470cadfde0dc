"""Reads the body of a call: a form, or a form of several parts with a file among them."""

from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlencode

from aiohttp import BodyPartReader, web

from sandbox.alipay.errors import Invalid

LARGEST_FILE_BYTES = 5 << 20
"""Source: alipay.merchant.image.upload, `image_content`; alipay.security.risk.complaint.file.upload, `file_content`."""

_FORM = "application/x-www-form-urlencoded"
_PARTS = "multipart/form-data"
_BEGINNINGS = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg"}


@dataclass(frozen=True)
class File:
    """A file as it came, but for its bytes: `kind` is what they begin like, `size` is one more than is allowed where they are more."""

    field: str
    name: str
    kind: str | None
    size: int
    sha256: str


async def read_body(request: web.Request) -> tuple[str, File | None]:
    """The parameters as one form, and the file, which no signature covers. Raises `Invalid`."""
    if request.method != "POST" or not request.can_read_body:
        return "", None
    if request.content_type == _PARTS:
        return await _parts(request)
    if request.content_type != _FORM:
        raise Invalid("isv.invalid-parameter", f"the body must be {_FORM}")
    try:
        return (await request.read()).decode("ascii"), None
    except UnicodeDecodeError:
        raise Invalid("isv.invalid-parameter", "the form is not encoded as such") from None


async def _parts(request: web.Request) -> tuple[str, File | None]:
    texts: list[tuple[str, str]] = []
    file: File | None = None
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise Invalid("isv.invalid-parameter", "a part of the form has no name")
            if part.filename is None:
                texts.append((part.name, await part.text()))
            elif file is not None:
                raise Invalid("isv.invalid-parameter", "the form has more than one file")
            else:
                file = await _file(part, part.name, part.filename)
    except (ValueError, AssertionError):
        raise Invalid("isv.invalid-parameter", "the form cannot be read") from None
    return urlencode(texts), file


async def _file(part: BodyPartReader, field: str, name: str) -> File:
    content = bytearray()
    while chunk := await part.read_chunk():
        # What is too large is read to its end and not kept.
        content += chunk[: LARGEST_FILE_BYTES + 1 - len(content)]
    kind = next((kind for start, kind in _BEGINNINGS.items() if content.startswith(start)), None)
    return File(field, name, kind, len(content), sha256(content).hexdigest())
