"""Reads what came from outside as it is and not as someone might mean it: a field that stands there twice makes the whole unreadable."""

import codecs
import json
from collections.abc import Iterable, Mapping
from typing import TypeVar
from urllib.parse import parse_qsl

from server.domain.callback import Unreadable

T = TypeVar("T")

_MOST_FIELDS = 200

# PayPal's default, and what it can be set to in an account's language encoding.
_CHARSETS = frozenset(codecs.lookup(name).name for name in ("windows-1252", "utf-8", "gb18030", "gbk", "big5"))
_DEFAULT_CHARSET = "windows-1252"


def read_json_object(body: bytes) -> Mapping[str, object]:
    """Raises Unreadable."""
    try:
        value = json.loads(body.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Unreadable("is no JSON in UTF-8 whose every name stands there once") from None
    if not isinstance(value, dict):
        raise Unreadable("is no JSON object")
    return value


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
        return _once(pairs)
    except ValueError:
        raise Unreadable("is no form whose every field stands there once") from None


def _once(pairs: Iterable[tuple[str, T]]) -> dict[str, T]:
    fields: dict[str, T] = {}
    for name, value in pairs:
        if name in fields:
            raise ValueError("a name stands there twice")
        fields[name] = value
    return fields


def _no_constant(_: str) -> object:
    raise ValueError("no JSON")
