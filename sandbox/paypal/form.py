"""Reads a multipart form as the fields of a call: texts as they are, and of each file its name, type and size with a digest of its bytes."""

from hashlib import sha256

from aiohttp import BodyPartReader, web

from sandbox.json_types import Json
from sandbox.paypal.calls.disputes import FILES
from sandbox.paypal.errors import InvalidRequest, Problem, UnsupportedMediaType

_FORM = "multipart/form-data"


async def read_form(request: web.Request) -> Json:
    """Raises `PaypalError` for what is no form."""
    if request.content_type != _FORM:
        raise UnsupportedMediaType
    fields: dict[str, Json] = {}
    files: list[Json] = []
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise InvalidRequest(Problem("MALFORMED_REQUEST_JSON", "/"))
            if part.filename is None:
                fields[part.name] = await part.text()
            else:
                content = bytes(await part.read())
                kind = part.headers.get("Content-Type", "")
                files.append(
                    {"name": part.filename, "type": kind, "size": len(content), "sha256": sha256(content).hexdigest()}
                )
    except (ValueError, AssertionError):
        raise InvalidRequest(Problem("MALFORMED_REQUEST_JSON", "/")) from None
    return {**fields, FILES: files}
