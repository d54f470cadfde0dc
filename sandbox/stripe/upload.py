"""Reads a file that is uploaded to Stripe: a multipart form, as the same tree that other calls' forms become."""

from base64 import b64encode

from aiohttp import BodyPartReader, web

from sandbox.stripe.errors import InvalidParameter, InvalidRequest
from sandbox.stripe.form import Tree

_FORM = "multipart/form-data"
FILE = "file"
FILENAME = "filename"


async def read_upload(request: web.Request) -> dict[str, Tree]:
    """The form's fields; the file's bytes in base64, and beside them the name that the part gives it."""
    if request.content_type != _FORM:
        raise InvalidRequest(f"Invalid request: the file must be sent as {_FORM}.")
    tree: dict[str, Tree] = {}
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise InvalidParameter("Invalid request: a part of the form has no name.")
            if part.name == FILE:
                tree[FILE] = b64encode(await part.read()).decode()
                tree[FILENAME] = part.filename or FILE
            else:
                tree[part.name] = await part.text()
    except (ValueError, AssertionError):
        raise InvalidParameter("Invalid request: the form could not be read.") from None
    return tree
