"""JSON from outside, read as it is and not as someone might mean it: what one reader checks, another must not read differently."""

import json
from collections.abc import Mapping
from typing import Any


def strict_object(text: bytes | str) -> Mapping[str, Any]:
    """The object that a text in UTF-8 is. Raises ValueError for everything else, saying why and quoting nothing: a name that stands twice in one object, say, anywhere inside."""
    try:
        plain = text.decode() if isinstance(text, bytes) else text
        value = json.loads(plain, object_pairs_hook=_once, parse_constant=_no_constant)
    except _NotStrict as error:
        raise ValueError(str(error)) from None
    except (ValueError, RecursionError):
        raise ValueError("is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise ValueError("is not a JSON object")  # noqa: TRY004 - a text, not an argument
    return value


class _NotStrict(Exception):
    """JSON that says two things at once, or that JSON does not know."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise _NotStrict("has a name that stands twice")
    return fields


def _no_constant(_text: str) -> Any:
    raise _NotStrict("has a number that JSON does not know")
