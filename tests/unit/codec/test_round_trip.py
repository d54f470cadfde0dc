"""What is written can be read, for arbitrary messages of every type in the contract; and it is proto3 JSON where both say the same."""

import json
from zoneinfo import ZoneInfo

import pytest
from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given, settings
from hypothesis import strategies as st

from codec.codec import JsonCodec
from codec.facts import named_choice
from codec.times import LocalTimes, Rfc3339Times
from http_bridge.contract import SERVICES
from http_bridge.routing.routes import routes_of
from tests.unit.codec.arbitrary import messages

V1 = JsonCodec(Rfc3339Times())
MALL = JsonCodec(LocalTimes(ZoneInfo("Asia/Shanghai")))


def _has_a_form_both_ways(descriptor: Descriptor) -> bool:
    """Not so a named choice, which is for answers only, nor a body that is no JSON."""
    if descriptor.full_name.startswith("google."):
        return descriptor.full_name == "google.protobuf.Timestamp"
    return all(
        named_choice(field) is None and (field.message_type is None or _has_a_form_both_ways(field.message_type))
        for field in descriptor.fields
        if field.message_type is None or not field.message_type.GetOptions().map_entry
    )


def _types(*, of_the_mall: bool) -> list[Descriptor]:
    """What the methods of one API take and answer."""
    found = {
        descriptor.full_name: descriptor
        for route in routes_of(SERVICES)
        if route.path.startswith("/api/v1/") is not of_the_mall
        for descriptor in (route.method.input_type, route.method.output_type)
        if _has_a_form_both_ways(descriptor)
    }
    return [found[name] for name in sorted(found)]


V1_TYPES, MALL_TYPES = _types(of_the_mall=False), _types(of_the_mall=True)
CASES = [(V1, descriptor) for descriptor in V1_TYPES] + [(MALL, descriptor) for descriptor in MALL_TYPES]


@pytest.mark.parametrize(("codec", "descriptor"), CASES, ids=[descriptor.name for _, descriptor in CASES])
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_what_is_written_is_read_as_the_same_message(
    codec: JsonCodec, descriptor: Descriptor, data: st.DataObject
) -> None:
    """decode(encode(m)) == m, for every request and answer in its dialect."""
    message = data.draw(messages(descriptor))
    assert codec.decode(type(message), codec.encode(message)) == message


@pytest.mark.parametrize("descriptor", V1_TYPES, ids=[descriptor.name for descriptor in V1_TYPES])
@settings(max_examples=6, deadline=None)
@given(data=st.data())
def test_it_is_proto3_json_but_for_the_words_of_enums(descriptor: Descriptor, data: st.DataObject) -> None:
    """Protobuf's own library reads v1's JSON as the same message, once the enums' names are put back."""
    message = data.draw(messages(descriptor))
    shown = json.loads(V1.encode(message))
    _name_enums(descriptor, shown)
    assert json_format.ParseDict(shown, GetMessageClass(descriptor)()) == message


def _name_enums(descriptor: Descriptor, shown: dict[str, object]) -> None:
    for field in descriptor.fields:
        value = shown.get(field.name)
        if field.enum_type is not None:
            prefix = field.enum_type.values_by_number[0].name.removesuffix("UNSPECIFIED")
            if isinstance(value, str):
                shown[field.name] = prefix + value.upper()
            elif isinstance(value, list):
                shown[field.name] = [prefix + word.upper() for word in value]
        elif field.message_type is not None and not field.message_type.full_name.startswith("google."):
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, dict) and not field.message_type.GetOptions().map_entry:
                    _name_enums(field.message_type, part)
