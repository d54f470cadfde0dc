"""Page tokens: where a list ended, opaque to callers and tied to the list's filters and order."""

import base64
import hashlib
from uuid import UUID

from google.protobuf.message import Message

from server.domain.errors import ValidationError
from server.domain.listing import Cursor

_LIST_HASH_BYTES = 8
_ID_BYTES = 16
# As wide as the database's column, so that no token holds an amount that a query cannot take.
_AMOUNT_BYTES = 8


def page_token(cursor: Cursor | None, request: Message) -> str:
    """The token that goes on behind a cursor; empty at the end of the list."""
    if cursor is None:
        return ""
    amount = b"" if cursor.common_units is None else cursor.common_units.to_bytes(_AMOUNT_BYTES, signed=True)
    return base64.urlsafe_b64encode(_list_hash(request) + cursor.id.bytes + amount).rstrip(b"=").decode()


def cursor_of(token: str, request: Message) -> Cursor:
    """Where a token goes on. Raises ValidationError for a token that is not ours or belongs to another list."""
    try:
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raise ValidationError("page_token", "is not a token of this service") from None
    start, body = raw[:_LIST_HASH_BYTES], raw[_LIST_HASH_BYTES:]
    if len(body) not in (_ID_BYTES, _ID_BYTES + _AMOUNT_BYTES) or start != _list_hash(request):
        raise ValidationError("page_token", "belongs to another list; filters and order must stay the same")
    amount = body[_ID_BYTES:]
    return Cursor(UUID(bytes=body[:_ID_BYTES]), int.from_bytes(amount, signed=True) if amount else None)


def _list_hash(request: Message) -> bytes:
    """Names the list: the request without what only says which page of it."""
    listed = type(request)()
    listed.CopyFrom(request)
    for field in ("page", "per_page", "page_token"):
        listed.ClearField(field)
    return hashlib.sha256(listed.SerializeToString(deterministic=True)).digest()[:_LIST_HASH_BYTES]
