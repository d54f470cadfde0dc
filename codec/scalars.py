"""One value of a field from JSON, or from the text of a path or a query: what does not fit is a problem that names the field."""

import base64
import binascii
import math
import re
from collections.abc import Callable
from typing import Final, TypeAlias

from google.protobuf.descriptor import FieldDescriptor

from codec.facts import enum_words, violation_of
from codec.json_text import JsonValue
from codec.problem import Problems
from codec.times import Moment, Times

# From a value and its path to what a message's constructor takes. After a problem the result is of no use to anybody.
Read: TypeAlias = Callable[[JsonValue, str, Problems], object]

_INTEGER: Final = re.compile(r"-?(0|[1-9][0-9]*)")
_RANGES: Final = {
    FieldDescriptor.CPPTYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.CPPTYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.CPPTYPE_INT64: (-(2**63), 2**63 - 1),
    FieldDescriptor.CPPTYPE_UINT64: (0, 2**64 - 1),
}
_INT64: Final = frozenset({FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64})
_FLOATS: Final = frozenset({FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE})
_BOOLEANS: Final = {"true": True, "false": False}
_NO_MATCH: Final = object()


def scalar_reader(field: FieldDescriptor, times: Times, *, from_text: bool) -> Read:
    """Reads one value of a field that is no message, or is a timestamp; `from_text`: out of a path or a query, where all is text."""
    expected, convert = _conversion(field, times, from_text=from_text)
    reason = violation_of(field)

    def read(value: JsonValue, path: str, problems: Problems) -> object:
        converted = convert(value)
        if converted is _NO_MATCH:
            problems.add(path, f"expected {expected}", reason)
        return converted

    return read


_Convert: TypeAlias = Callable[[JsonValue], object]


def _conversion(field: FieldDescriptor, times: Times, *, from_text: bool) -> tuple[str, _Convert]:
    if field.message_type is not None:
        return times.form, _moment_text(times.read) if from_text else _moment(times.read)
    if field.enum_type is not None:
        numbers = {word: number for number, word in enum_words(field.enum_type).items()}
        return (
            f"one of {', '.join(numbers)}",
            lambda value: numbers.get(value, _NO_MATCH) if type(value) is str else _NO_MATCH,
        )
    if field.cpp_type in _RANGES:
        low, high = _RANGES[field.cpp_type]
        return f"an integer from {low} to {high}", _integer(low, high, text=from_text or field.cpp_type in _INT64)
    if field.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return "true or false", _boolean_text if from_text else _boolean
    if field.cpp_type in _FLOATS:
        return "a number", _number_text if from_text else _number
    if field.type == FieldDescriptor.TYPE_BYTES:
        return "base64", _bytes
    return "a string", lambda value: value if type(value) is str else _NO_MATCH


def _integer(low: int, high: int, *, text: bool) -> _Convert:
    """`text`: 64 bits travel as strings too, as proto3 JSON writes them, since not every JSON library keeps them whole as numbers."""

    def convert(value: JsonValue) -> object:
        if type(value) is int:
            number = value
        elif text and type(value) is str and len(value) <= 20 and _INTEGER.fullmatch(value):
            number = int(value)
        else:
            return _NO_MATCH
        return number if low <= number <= high else _NO_MATCH

    return convert


def _moment(read: Callable[[str], Moment | None]) -> _Convert:
    def convert(value: JsonValue) -> object:
        moment = read(value) if type(value) is str else None
        return _NO_MATCH if moment is None else {"seconds": moment.seconds, "nanos": moment.nanos}

    return convert


def _moment_text(read: Callable[[str], Moment | None]) -> _Convert:
    """A `+` that a caller did not encode reaches us as the space that it stands for in a query."""
    convert = _moment(read)

    def convert_text(value: JsonValue) -> object:
        moment = convert(value)
        return moment if moment is not _NO_MATCH or type(value) is not str else convert("+".join(value.rsplit(" ", 1)))

    return convert_text


def _boolean(value: JsonValue) -> object:
    return value if type(value) is bool else _NO_MATCH


def _boolean_text(value: JsonValue) -> object:
    return _BOOLEANS.get(value, _NO_MATCH) if type(value) is str else _NO_MATCH


def _number(value: JsonValue) -> object:
    return value if type(value) is int or (type(value) is float and math.isfinite(value)) else _NO_MATCH


def _number_text(value: JsonValue) -> object:
    try:
        return _number(float(value)) if type(value) is str else _NO_MATCH
    except ValueError:
        return _NO_MATCH


def _bytes(value: JsonValue) -> object:
    """Both alphabets, with or without padding, as proto3 JSON reads them."""
    if type(value) is not str:
        return _NO_MATCH
    try:
        standard = value.replace("-", "+").replace("_", "/").rstrip("=")
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError):
        return _NO_MATCH
