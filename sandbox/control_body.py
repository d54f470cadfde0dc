"""Reads the JSON bodies of control calls, strictly: a misspelt field is an error, not a surprise later."""

from collections.abc import Mapping, Sequence
from json import JSONDecodeError

from aiohttp import web

from sandbox.gateway import Amount, ControlRefused
from sandbox.json_types import Json


class Body:
    """The JSON object of a control call, read strictly."""

    def __init__(self, fields: Mapping[str, Json]) -> None:
        self._fields = fields

    @classmethod
    async def of(cls, request: web.Request) -> "Body":
        try:
            fields = await request.json()
        except (JSONDecodeError, UnicodeDecodeError):
            raise ControlRefused("the body is not JSON") from None
        if not isinstance(fields, dict):
            raise ControlRefused("the body is not a JSON object")
        return cls(fields)

    def names(self) -> Sequence[str]:
        return tuple(self._fields)

    def allow(self, *names: str) -> None:
        for name in self._fields:
            if name not in names:
                raise ControlRefused(f"unknown field {name}")

    def optional_text(self, name: str) -> str | None:
        value = self._fields.get(name)
        if value is not None and not isinstance(value, str):
            raise ControlRefused(f"{name} must be a string")
        return value

    def text(self, name: str) -> str:
        value = self.optional_text(name)
        if not value:
            raise ControlRefused(f"{name} is missing")
        return value

    def optional_amount(self, name: str) -> Amount | None:
        value = self._fields.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | str)):
            raise ControlRefused(f"{name} must be an integer in the smallest unit or a decimal string")
        return value

    def amount(self, name: str) -> Amount:
        value = self.optional_amount(name)
        if value is None:
            raise ControlRefused(f"{name} is missing")
        return value

    def one_of(self, name: str, words: Sequence[str]) -> str:
        word = self.text(name)
        if word not in words:
            raise ControlRefused(f"{name} must be one of {', '.join(words)}")
        return word

    def optional_integer(self, name: str, least: int) -> int | None:
        value = self._fields.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise ControlRefused(f"{name} must be an integer of at least {least}")
        return value

    def probability(self, name: str) -> float:
        value = self._fields.get(name, 1.0)
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= 1:
            raise ControlRefused(f"{name} must be above 0 and at most 1")
        return float(value)
