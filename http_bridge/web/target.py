"""The request target as it was sent: path and query, percent-encoded, never normalised."""

import string
from typing import Final
from urllib.parse import quote, urlsplit

_SENT_AS_IT_IS: Final = string.printable


def split_target(raw: str) -> tuple[str, str]:
    """Path and query. Bytes beyond ASCII, which a URL may not have but many callers send, are encoded; a proxy's absolute form loses its host."""
    if not raw.isascii():
        raw = quote(raw, safe=_SENT_AS_IT_IS, errors="surrogateescape")
    if not raw.startswith("/"):
        parts = urlsplit(raw)
        return parts.path or raw, parts.query
    path, _, query = raw.partition("?")
    return path, query
