"""A message of any type with every field filled in, and the HTTP request that should arrive as that message."""

import base64
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import quote, urlencode

import orjson
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.descriptor import Descriptor, EnumValueDescriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.timestamp_pb2 import Timestamp

from sycee.v1 import options_pb2
from tests.contract.routes import Route

Word = Callable[[EnumValueDescriptor], str]

INSTANT = Timestamp(seconds=1705312890)
WRITTEN_INSTANT = "2024-01-15T10:01:30Z"
RAW = HttpBody(content_type="application/x-www-form-urlencoded", data=b"a=1&b=%E9%87%91")

MULTIPART_HEADERS = {"Content-Type": "multipart/form-data; boundary=part"}

_NUMBERS = {FieldDescriptor.CPPTYPE_INT32, FieldDescriptor.CPPTYPE_INT64}


@dataclass(frozen=True)
class Sample:
    """A request message and how it travels over HTTP."""

    message: Message
    url: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


def sample(route: Route, word: Word) -> Sample:
    """Every field of the route's request that REST knows, spoken with the given words for enum values."""
    message = filled(route.rpc.input_type)
    in_path = {name: quote(str(getattr(message, name)), safe="") for name in route.variables}
    path = route.path.format(**in_path)
    if route.rest.body == options_pb2.REST_BODY_RAW:
        return _raw_sample(route, message, path)
    tree = {name: value for name, value in _tree(message, word).items() if name not in in_path}
    if not route.body:
        return Sample(message, f"{path}?{urlencode(tree, doseq=True, quote_via=quote)}" if tree else path)
    content = [tree] if route.rpc.client_streaming else tree
    return Sample(message, path, orjson.dumps(content), {"Content-Type": "application/json"})


def multipart(fields: dict[str, str]) -> bytes:
    """A form with these fields; the one named `file` is a file."""
    parts = [
        f'--part\r\nContent-Disposition: form-data; name="{name}"{"; filename=a.pdf" * (name == "file")}\r\n\r\n{value}'
        for name, value in fields.items()
    ]
    return "\r\n".join([*parts, "--part--", ""]).encode()


def filled(described: Descriptor) -> Message:
    """Every field that REST knows has a value that is not its default; of a oneof it is the first."""
    message = GetMessageClass(described)()
    for described_field in described.fields:
        choice = described_field.containing_oneof
        chosen = choice is None or choice.fields[0] == described_field
        if chosen and not described_field.GetOptions().Extensions[options_pb2.field].grpc_only:
            _fill(message, described_field)
    return message


def _fill(message: Message, described: FieldDescriptor) -> None:
    inner = described.message_type
    if inner is not None and inner.GetOptions().map_entry:
        getattr(message, described.name)["key"] = "value of it"
    elif described.is_repeated:
        getattr(message, described.name).append(_value(described))
    elif inner is not None:
        getattr(message, described.name).CopyFrom(_value(described))
    else:
        setattr(message, described.name, _value(described))


def _value(described: FieldDescriptor) -> object:
    if described.message_type is not None:
        special = {"google.protobuf.Timestamp": INSTANT, "google.api.HttpBody": RAW}
        return special.get(described.message_type.full_name) or filled(described.message_type)
    if described.enum_type is not None:
        return described.enum_type.values[-1].number
    if described.cpp_type in _NUMBERS:
        # An HTTP status is a number, too: one of success.
        return 200 + described.number
    return {
        FieldDescriptor.TYPE_STRING: f"{described.name} é+&% 银",
        FieldDescriptor.TYPE_BYTES: described.name.encode(),
        FieldDescriptor.TYPE_BOOL: True,
    }[described.type]


def _raw_sample(route: Route, message: Message, path: str) -> Sample:
    """What travels raw is the body; the rest of the message is what the path says, and what a bridge adds."""
    for described in route.rpc.input_type.fields:
        if described.name not in {*route.variables, route.body}:
            message.ClearField(described.name)
    return Sample(message, path, RAW.data, {"Content-Type": RAW.content_type})


def _tree(message: Message, word: Word) -> dict[str, object]:
    return {described.name: _json(described, value, word) for described, value in message.ListFields()}


def _json(described: FieldDescriptor, value: object, word: Word) -> object:
    if described.message_type is not None and described.message_type.GetOptions().map_entry:
        return dict(cast("dict[str, str]", value))
    if described.is_repeated:
        return [_json_of_one(described, one, word) for one in cast("list[object]", value)]
    return _json_of_one(described, value, word)


def _json_of_one(described: FieldDescriptor, value: object, word: Word) -> object:
    match value:
        case Timestamp():
            return WRITTEN_INSTANT
        case Message():
            return _tree(value, word)
        case bytes():
            return base64.b64encode(value).decode()
        case int() if described.enum_type is not None:
            return word(described.enum_type.values_by_number[value])
        case _:
            return value
