"""Whatever JSON comes, a request type reads it or says what is wrong with it, and never repeats a value."""

import json

import pytest
from google.protobuf.descriptor import Descriptor
from google.protobuf.message_factory import GetMessageClass
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from codec.codec import JsonCodec
from codec.problem import Refused
from codec.times import Rfc3339Times
from http_bridge.contract import SERVICES
from http_bridge.routing.routes import routes_of

CODEC = JsonCodec(Rfc3339Times())
CANARY = "canary"
TYPES = {
    route.method.input_type.full_name: route.method.input_type
    for route in routes_of(SERVICES)
    if route.rule.body == "*"
}

_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5).map(lambda text: CANARY + text),
    st.just("\ud800" + CANARY),
)


def _json(descriptor: Descriptor) -> SearchStrategy[object]:
    """Objects whose keys are mostly known ones, at any depth, so that the reading gets far."""
    names = {"id"} | {field.name for field in descriptor.fields}
    names |= {below.name for field in descriptor.fields if field.message_type for below in field.message_type.fields}
    keys = st.one_of(st.sampled_from(sorted(names)), st.text(max_size=8))
    return st.recursive(
        _SCALARS,
        lambda below: st.one_of(st.lists(below, max_size=3), st.dictionaries(keys, below, max_size=5)),
        max_leaves=12,
    )


@pytest.mark.parametrize("descriptor", TYPES.values(), ids=[descriptor.name for descriptor in TYPES.values()])
@settings(max_examples=8, deadline=None)
@given(data=st.data())
def test_any_json_is_read_or_refused_without_its_values(descriptor: Descriptor, data: st.DataObject) -> None:
    """No exception, no echo."""
    body = data.draw(_json(descriptor))
    read = CODEC.decode(GetMessageClass(descriptor), json.dumps(body).encode())
    if isinstance(read, Refused):
        assert read.problems
        assert CANARY not in str(read.problems)
