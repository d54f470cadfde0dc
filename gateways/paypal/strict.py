"""Reads what came from outside as it is and not as someone might mean it: a field that stands there twice makes the whole unreadable."""

import codecs
from collections.abc import Mapping
from urllib.parse import parse_qsl

from server.domain.callback import Unreadable
from server.domain.strict_json import strict_object

_MOST_FIELDS = 200

# PayPal's default, and what it can be set to in an account's language encoding.
_CHARSETS = frozenset(codecs.lookup(name).name for name in ("windows-1252", "utf-8", "gb18030", "gbk", "big5"))
_DEFAULT_CHARSET = "windows-1252"


def read_json_object(body: bytes) -> Mapping[str, object]:
    """Raises Unreadable."""
    try:
        return strict_object(body)
    except ValueError as error:
        raise Unreadable(str(error)) from None


def read_form(body: bytes) -> Mapping[str, str]:
    """The fields of an IPN, in the charset that it names itself. Raises Unreadable."""
    charset = _parsed(body, "latin-1").get("charset", _DEFAULT_CHARSET)
    try:
        known = codecs.lookup(charset).name
    except LookupError:
        known = _DEFAULT_CHARSET
    return _parsed(body, known if known in _CHARSETS else _DEFAULT_CHARSET)


def _parsed(body: bytes, charset: str) -> Mapping[str, str]:
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            encoding=charset,
            errors="replace",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        raise Unreadable("is no form whose every field stands there once") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise Unreadable("is no form whose every field stands there once")
    return fields
