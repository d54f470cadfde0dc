"""Reads `biz_content` strictly: one JSON object, no name twice, no unknown field, every value in its documented form."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import orjson

from sandbox.alipay.errors import BusinessFailed, Invalid
from sandbox.alipay.money import fen_of

Value = object
_MERCHANT_NUMBER = re.compile(r"[0-9A-Za-z_]{1,64}")
_FORBIDDEN_IN_SUBJECT = "/=&"


@dataclass(frozen=True)
class Field:
    """`fits` says whether a value has the documented form."""

    fits: Callable[[Value], bool]
    required: bool = False


@dataclass(frozen=True)
class Schema:
    """The fields of one method. `refusal` is the business code of a wrong one; `unsimulated` are documented, but would
    need more than the sandbox has. `beside` may also stand beside `biz_content`, where Alipay's own SDKs have them; `file` is the form's field of the file that must come with the call.
    """

    fields: Mapping[str, Field]
    unsimulated: frozenset[str] = field(default=frozenset())
    refusal: str = "ACQ.INVALID_PARAMETER"
    beside: frozenset[str] = field(default=frozenset())
    file: str | None = None


class BizContent:
    """What a schema has let through."""

    def __init__(self, fields: Mapping[str, Value]) -> None:
        self._fields = fields

    def text(self, name: str) -> str | None:
        value = self._fields.get(name)
        return None if value is None else str(value)

    def need(self, name: str) -> str:
        """A field that the schema requires."""
        return str(self._fields[name])

    def fen(self, name: str) -> int:
        """An amount that the schema requires."""
        return fen_of(self.need(name))

    def whole(self, name: str, otherwise: int) -> int:
        value = self._fields.get(name)
        return value if isinstance(value, int) else otherwise

    def options(self, name: str) -> Sequence[object]:
        value = self._fields.get(name)
        return value if isinstance(value, list) else ()


def read_biz_content(text: str, schema: Schema, beside: Mapping[str, str]) -> BizContent:
    """With what stands beside it. Raises `Invalid` for what is no JSON object, and `BusinessFailed` for its fields."""
    inside = _parsed(text)
    if inside.keys() & beside.keys():
        raise BusinessFailed(schema.refusal, "参数重复")
    fields = {**inside, **beside}
    for name, value in fields.items():
        if name in schema.unsimulated:
            raise BusinessFailed(schema.refusal, f"The sandbox does not simulate the parameter {name}.")
        known = schema.fields.get(name)
        if known is None or not known.fits(value):
            raise BusinessFailed(schema.refusal, f"参数有误：{name}")
    for name, known in schema.fields.items():
        if known.required and name not in fields:
            raise BusinessFailed(schema.refusal, f"参数有误：{name} 不能为空")
    return BizContent(fields)


def text(longest: int, required: bool = False) -> Field:
    return Field(lambda value: isinstance(value, str) and 0 < len(value) <= longest, required)


def subject(required: bool = False) -> Field:
    """At most 256 characters, none of `/`, `=` and `&`. Source: alipay.trade.page.pay, `subject`."""

    def fits(value: Value) -> bool:
        return (
            isinstance(value, str)
            and 0 < len(value) <= 256
            and not any(sign in value for sign in _FORBIDDEN_IN_SUBJECT)
        )

    return Field(fits, required)


def merchant_number(required: bool = False) -> Field:
    """At most 64 letters, digits and underscores. Source: alipay.trade.page.pay, `out_trade_no`."""
    return Field(lambda value: isinstance(value, str) and _MERCHANT_NUMBER.fullmatch(value) is not None, required)


def amount(required: bool = False) -> Field:
    """A JSON string or number between 0.01 and 100000000 with at most two decimals."""
    return Field(_is_amount, required)


def whole(least: int, most: int) -> Field:
    """A JSON number without a fraction."""
    return Field(lambda value: isinstance(value, int) and not isinstance(value, bool) and least <= value <= most)


def one_of(*words: str, required: bool = False) -> Field:
    return Field(lambda value: value in words, required)


def structure() -> Field:
    """An object, or a list of them, that is accepted and not looked into."""
    return Field(lambda value: isinstance(value, dict | list))


def texts() -> Field:
    return Field(lambda value: isinstance(value, list) and all(isinstance(each, str) for each in value))


def numbers(required: bool = False) -> Field:
    """A list of JSON numbers without fractions, one at least."""

    def fits(value: Value) -> bool:
        return isinstance(value, list) and bool(value) and all(type(each) is int for each in value)

    return Field(fits, required)


def form(accepts: Callable[[str], object]) -> Field:
    """A string that a function accepts without a `ValueError`."""

    def fits(value: Value) -> bool:
        try:
            accepts(value if isinstance(value, str) else "")
        except ValueError:
            return False
        return True

    return Field(fits)


def _is_amount(value: Value) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return False
    try:
        fen_of(str(value))
    except ValueError:
        return False
    return True


def _parsed(text: str) -> Mapping[str, Value]:
    try:
        # It refuses what the library below lets pass: NaN, and halves of characters.
        orjson.loads(text)
        fields = json.loads(text, parse_float=Decimal, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise Invalid("isv.illegal-json", "biz_content 不是合法的 JSON") from None
    if not isinstance(fields, dict):
        raise Invalid("isv.illegal-json", "biz_content 不是 JSON 对象")
    return fields


def _unique(pairs: Sequence[tuple[str, Value]]) -> Mapping[str, Value]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError("a name stands twice")
    return fields
