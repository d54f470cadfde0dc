"""Page tokens: where a list ended, opaque to callers and tied to the list's filters and order."""

import base64
import hashlib
from uuid import UUID

from google.protobuf.message import Message

from server.domain.errors import ValidationError
from server.domain.listing import Cursor

_LIST_HASH_BYTES = 8


def page_token(cursor: Cursor | None, request: Message) -> str:
    """The token that goes on behind a cursor; empty at the end of the list."""
    if cursor is None:
        return ""
    amount = b"" if cursor.common_units is None else cursor.common_units.to_bytes(16, signed=True)
    return base64.urlsafe_b64encode(_list_hash(request) + cursor.id.bytes + amount).rstrip(b"=").decode()


def cursor_of(token: str, request: Message) -> Cursor:
    """Where a token goes on. Raises ValidationError for a token that is not ours or belongs to another list."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raise ValidationError("page_token", "is not a token of this service") from None
    start, body = raw[:_LIST_HASH_BYTES], raw[_LIST_HASH_BYTES:]
    if len(body) not in (16, 32) or start != _list_hash(request):
        raise ValidationError("page_token", "belongs to another list; filters and order must stay the same")
    amount = int.from_bytes(body[16:], signed=True) if len(body) == 32 else None
    return Cursor(UUID(bytes=body[:16]), amount)


def _list_hash(request: Message) -> bytes:
    """Names the list: the request without what only says which page of it."""
    listed = type(request)()
    listed.CopyFrom(request)
    for field in ("page", "per_page", "page_token"):
        listed.ClearField(field)
    return hashlib.sha256(listed.SerializeToString(deterministic=True)).digest()[:_LIST_HASH_BYTES]
