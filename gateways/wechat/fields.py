"""Reads single fields of WeChat Pay's answers and notifications; what is missing or of another type raises Malformed."""

import re
from collections.abc import Mapping

from gateways.wechat.amounts import CURRENCY
from server.domain.errors import InvalidCurrency
from server.domain.money import exponent_of
from server.domain.strict_json import strict_object

# Longer ones are no amount of money, and Python takes its time over very long ones.
_FEN = re.compile(r"[0-9]{1,15}", re.ASCII)


class Malformed(ValueError):
    """A message that does not say what it should, or says it in another form; the message names the field and quotes nothing."""


def json_object(text: str) -> Mapping[str, object]:
    """A JSON object. One that names a key twice, anywhere inside, says two things at once and is refused. Raises Malformed."""
    try:
        return strict_object(text)
    except ValueError as error:
        raise Malformed(str(error)) from None


def text_in(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise Malformed(f"{name} is no text")
    return value


def optional_text_in(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value else None


def group_in(fields: Mapping[str, object], name: str) -> Mapping[str, object]:
    value = fields.get(name)
    if not isinstance(value, dict):
        raise Malformed(f"{name} is no object")
    return value


def integer_in(fields: Mapping[str, object], name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(f"{name} is no integer")
    return value


def currency_in(fields: Mapping[str, object], name: str) -> str:
    """The currency of an amount, which WeChat Pay names only where it is not its own."""
    currency = fields.get(name) or CURRENCY
    try:
        exponent_of(currency if isinstance(currency, str) else "")
    except InvalidCurrency:
        raise Malformed(f"{name} is no currency") from None
    return str(currency)


def fen_in(fields: Mapping[str, str], name: str) -> int:
    """An amount of API v2: digits alone."""
    value = fields.get(name, "")
    if _FEN.fullmatch(value) is None:
        raise Malformed(f"{name} is no amount")
    return int(value)
