"""Checks a JSON body against what a call may contain, and names everything that is wrong with it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlsplit

from sandbox.json_types import Json
from sandbox.paypal.errors import Problem

_MONEY_VALUE = r"-?[0-9]+|-?[0-9]*[.][0-9]+"
_LONGEST_SHOWN = 100
UNKNOWN_FIELD = "NOT_SUPPORTED"


class Shape(Protocol):
    def problems(self, value: Json, place: str) -> Iterator[Problem]:
        """What is wrong with the value at this JSON pointer."""


def _wrong_type(value: Json, place: str) -> Problem:
    return Problem("INVALID_PARAMETER_SYNTAX", place, _shown(value))


def _shown(value: Json) -> str | None:
    return str(value)[:_LONGEST_SHOWN] if isinstance(value, str | int | float) else None


@dataclass(frozen=True)
class Text:
    """`words` are the only values allowed, if there are any."""

    least: int = 0
    most: int = 1000
    pattern: str | None = None
    words: Sequence[str] = ()

    def problems(self, value: Json, place: str) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield _wrong_type(value, place)
        elif not self.least <= len(value) <= self.most:
            yield Problem("INVALID_STRING_LENGTH", place, _shown(value))
        elif self.words and value not in self.words:
            yield Problem("INVALID_PARAMETER_VALUE", place, _shown(value))
        elif self.pattern is not None and re.fullmatch(self.pattern, value, re.DOTALL) is None:
            yield Problem("INVALID_PARAMETER_SYNTAX", place, _shown(value))


@dataclass(frozen=True)
class Url:
    """An absolute http or https address."""

    most: int = 2048

    def problems(self, value: Json, place: str) -> Iterator[Problem]:
        if not isinstance(value, str) or len(value) > self.most or not _is_address(value):
            yield _wrong_type(value, place)


@dataclass(frozen=True)
class Flag:
    def problems(self, value: Json, place: str) -> Iterator[Problem]:
        if not isinstance(value, bool):
            yield _wrong_type(value, place)


@dataclass(frozen=True)
class Anything:
    """Accepted, and shown again, but without a meaning here."""

    def problems(self, value: Json, place: str) -> Iterator[Problem]:
        return iter(())


@dataclass(frozen=True)
class Items:
    each: Shape
    least: int = 0
    most: int = 500

    def problems(self, value: Json, place: str) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield _wrong_type(value, place)
        elif len(value) < self.least:
            yield Problem("INVALID_ARRAY_MIN_ITEMS", place)
        elif len(value) > self.most:
            yield Problem("INVALID_ARRAY_MAX_ITEMS", place)
        else:
            for index, item in enumerate(value):
                yield from self.each.problems(item, f"{place}/{index}")


@dataclass(frozen=True)
class Fields:
    """An object. A field that is not among `known` is refused: it is unknown to PayPal, or the sandbox would have to model it."""

    known: Mapping[str, Shape]
    required: frozenset[str] = field(default_factory=frozenset)

    def problems(self, value: Json, place: str) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield _wrong_type(value, place or "/")
            return
        for name in sorted(self.required - value.keys()):
            yield Problem("MISSING_REQUIRED_PARAMETER", f"{place}/{name}")
        for name, item in value.items():
            shape = self.known.get(name)
            if shape is None:
                yield Problem(UNKNOWN_FIELD, f"{place}/{name}")
            else:
                yield from shape.problems(item, f"{place}/{name}")


MONEY = Fields({"currency_code": Text(3, 3), "value": Text(0, 32, _MONEY_VALUE)}, frozenset({"currency_code", "value"}))


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(map(str.isspace, value))
