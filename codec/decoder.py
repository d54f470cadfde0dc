"""The documented JSON as the tree of arguments that makes a message, compiled into one closure per field."""

from collections.abc import Mapping

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from codec.facts import is_map, map_value, named_choice, rest_fields, violation_of
from codec.json_text import JsonValue
from codec.problem import Problems, shown_name
from codec.scalars import Read, scalar_reader
from codec.times import Times
from sycee.v1.errors_pb2 import ERROR_REASON_VALIDATION_ERROR, ErrorReason


class MessageDecoder:
    """Turns JSON values into trees of constructor arguments, which nest as deep as the message types do and no deeper; what is compiled is kept."""

    def __init__(self, times: Times) -> None:
        self._times = times
        self._readers: dict[tuple[str, frozenset[str], ErrorReason.ValueType], Read] = {}

    def reader(
        self,
        message: Descriptor,
        without: frozenset[str] = frozenset(),
        reason: ErrorReason.ValueType = ERROR_REASON_VALIDATION_ERROR,
    ) -> Read:
        """The function that reads a message of this type.

        `without`: dotted paths that the JSON may not carry, as a route's path says them; `reason`: what a value that is no object raises.
        """
        key = (message.full_name, without, reason)
        if key not in self._readers:
            fields = {
                field.name: self._field(field, _below(field.name, without))
                for field in rest_fields(message)
                if field.name not in without and named_choice(field) is None
            }
            self._readers[key] = _object_reader(fields, reason)
        return self._readers[key]

    def _field(self, field: FieldDescriptor, without: frozenset[str]) -> Read:
        if is_map(field):
            return _map_reader(self._value(map_value(field), frozenset()), violation_of(field))
        read_one = self._value(field, without)
        return _list_reader(read_one, violation_of(field)) if field.is_repeated else read_one

    def _value(self, field: FieldDescriptor, without: frozenset[str]) -> Read:
        if field.message_type is None or field.message_type.full_name == "google.protobuf.Timestamp":
            return scalar_reader(field, self._times, from_text=False)
        return self.reader(field.message_type, without, violation_of(field))


def _below(name: str, paths: frozenset[str]) -> frozenset[str]:
    prefix = f"{name}."
    return frozenset(path.removeprefix(prefix) for path in paths if path.startswith(prefix))


def _object_reader(fields: Mapping[str, Read], reason: ErrorReason.ValueType) -> Read:
    def read(value: JsonValue, path: str, problems: Problems) -> object:
        if type(value) is not dict:
            problems.add(path, "expected an object", reason)
            return None
        prefix = f"{path}." if path else ""
        tree: dict[str, object] = {}
        for name, item in value.items():
            read_field = fields.get(name)
            if read_field is None:
                problems.add(prefix + shown_name(name), "unknown field")
            elif item is not None:
                tree[name] = read_field(item, prefix + name, problems)
        return tree

    return read


def _list_reader(read_item: Read, reason: ErrorReason.ValueType) -> Read:
    def read(value: JsonValue, path: str, problems: Problems) -> object:
        if type(value) is not list:
            problems.add(path, "expected a list", reason)
            return None
        return [read_item(item, f"{path}[{index}]", problems) for index, item in enumerate(value)]

    return read


def _map_reader(read_value: Read, reason: ErrorReason.ValueType) -> Read:
    def read(value: JsonValue, path: str, problems: Problems) -> object:
        if type(value) is not dict:
            problems.add(path, "expected an object", reason)
            return None
        return {key: read_value(item, f"{path}.{shown_name(key)}", problems) for key, item in value.items()}

    return read
