"""A message as the documented JSON: every field present, absent ones null, compiled into one closure per field."""

import base64
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any, Final, TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor, OneofDescriptor

from codec.facts import enum_words, facts_of, is_map, map_value, named_choice, rest_fields
from codec.times import Times

# A message's attributes are known to its descriptor only, at run time; hence `Any` for messages and their values.
Write: TypeAlias = Callable[[Any], object]
_Get: TypeAlias = Callable[[Any], Any]

_INT64: Final = frozenset({FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64})
_LEFT_OUT: Final = object()


class MessageEncoder:
    """Turns messages into what a JSON library writes; one compiled writer per message type, kept."""

    def __init__(self, times: Times) -> None:
        self._times = times
        self._writers: dict[str, Write] = {}

    def writer(self, message: Descriptor) -> Write:
        """The function that turns a message of this type into its JSON value."""
        name = message.full_name
        if name not in self._writers:
            self._writers[name] = self._compile(message)
        return self._writers[name]

    def field_writer(self, message: Descriptor, field_name: str) -> Write:
        """The function that turns a message of this type into the JSON value of one of its fields."""
        return self._field(message.fields_by_name[field_name])

    def _compile(self, message: Descriptor) -> Write:
        if message.full_name == "google.protobuf.Timestamp":
            write_time = self._times.write
            return lambda value: write_time(value.seconds)
        members = tuple(self._members(message))

        def write_object(value: object) -> object:
            return {name: shown for name, write in members if (shown := write(value)) is not _LEFT_OUT}

        return write_object

    def _members(self, message: Descriptor) -> Iterator[tuple[str, Write]]:
        seen: set[str] = set()
        for field in rest_fields(message):
            oneof = named_choice(field)
            if oneof is None:
                yield field.name, self._field(field)
            elif oneof.name not in seen:
                seen.add(oneof.name)
                yield oneof.name, self._choice(oneof)

    def _field(self, field: FieldDescriptor) -> Write:
        """From the message that has the field to the field's JSON value."""
        get = attrgetter(field.name)
        omit_absent = facts_of(field).omit_absent
        if is_map(field):
            write = _map_writer(get, self._value(map_value(field)))
            return _unless_empty(get, write) if omit_absent else write
        write_one = self._value(field)
        if field.is_repeated:
            write = _list_writer(get, write_one)
            return _unless_empty(get, write) if omit_absent else write
        if field.has_presence:
            return _optional_writer(field.name, get, write_one, _LEFT_OUT if omit_absent else None)
        return get if write_one is None else lambda message: write_one(get(message))

    def _choice(self, oneof: OneofDescriptor) -> Write:
        writers: dict[str | None, Write] = {field.name: self._field(field) for field in oneof.fields}
        writers[None] = lambda _message: None
        name = oneof.name
        return lambda message: writers[message.WhichOneof(name)](message)

    def _value(self, field: FieldDescriptor) -> Write | None:
        """From one value of the field to its JSON; None where they are the same."""
        if field.message_type is not None:
            return self.writer(field.message_type)
        if field.enum_type is not None:
            return _word_writer(enum_words(field.enum_type))
        if field.cpp_type in _INT64 and not facts_of(field).json_number:
            return str
        if field.type == FieldDescriptor.TYPE_BYTES:
            return lambda value: base64.b64encode(value).decode()
        return None


def _optional_writer(name: str, get: _Get, write_one: Write | None, absent: object) -> Write:
    if write_one is None:
        return lambda message: get(message) if message.HasField(name) else absent
    return lambda message: write_one(get(message)) if message.HasField(name) else absent


def _list_writer(get: _Get, write_one: Write | None) -> Write:
    if write_one is None:
        return lambda message: list(get(message))
    return lambda message: [write_one(item) for item in get(message)]


def _map_writer(get: _Get, write_one: Write | None) -> Write:
    """Sorted by key, as protobuf's own order differs from process to process, and a replayed reply may not."""
    if write_one is None:
        return lambda message: {str(key): item for key, item in sorted(get(message).items())}
    return lambda message: {str(key): write_one(item) for key, item in sorted(get(message).items())}


def _unless_empty(get: _Get, write: Write) -> Write:
    return lambda message: write(message) if get(message) else _LEFT_OUT


def _word_writer(words: Mapping[int, str]) -> Write:
    """Null for the unspecified value; a number that a newer server knows and we don't stays a number, as in proto3 JSON."""
    return lambda number: words.get(number, number or None)
