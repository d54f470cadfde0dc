"""Hypothesis strategies for any message of the contract, as REST can say it: what is gRPC's alone stays unset, times are whole seconds."""

from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from codec.facts import enum_words, is_map, map_value, rest_fields

_FD = FieldDescriptor
# Without the halves of surrogate pairs, which no protobuf string may hold.
_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
_SECONDS = st.integers(min_value=0, max_value=4_102_444_799)
_SCALARS: dict[int, SearchStrategy[Any]] = {
    _FD.CPPTYPE_INT32: st.integers(-(2**31), 2**31 - 1),
    _FD.CPPTYPE_INT64: st.integers(-(2**63), 2**63 - 1),
    _FD.CPPTYPE_UINT32: st.integers(0, 2**32 - 1),
    _FD.CPPTYPE_UINT64: st.integers(0, 2**64 - 1),
    _FD.CPPTYPE_BOOL: st.booleans(),
    _FD.CPPTYPE_FLOAT: st.floats(allow_nan=False, allow_infinity=False, width=32),
    _FD.CPPTYPE_DOUBLE: st.floats(allow_nan=False, allow_infinity=False),
}


def messages(descriptor: Descriptor) -> SearchStrategy[Message]:
    """Messages of one type, every field set or not."""
    message_class = GetMessageClass(descriptor)
    return _trees(descriptor).map(lambda tree: message_class(**tree))


def _trees(descriptor: Descriptor) -> SearchStrategy[dict[str, Any]]:
    # An `optional` field is a oneof of its own, made up by the compiler.
    choices = [oneof for oneof in descriptor.oneofs if len(oneof.fields) > 1]
    chosen = {field.name for oneof in choices for field in oneof.fields}
    plain = {field.name: _field(field) for field in rest_fields(descriptor) if field.name not in chosen}
    parts: list[SearchStrategy[dict[str, Any]]] = [st.fixed_dictionaries({}, optional=plain)]
    parts.extend(
        st.one_of(st.just({}), *(st.fixed_dictionaries({field.name: _field(field)}) for field in oneof.fields))
        for oneof in choices
    )
    return st.tuples(*parts).map(lambda trees: {name: value for tree in trees for name, value in tree.items()})


def _field(field: FieldDescriptor) -> SearchStrategy[Any]:
    if is_map(field):
        return st.dictionaries(_TEXT, _value(map_value(field)), max_size=3)
    return st.lists(_value(field), max_size=2) if field.is_repeated else _value(field)


def _value(field: FieldDescriptor) -> SearchStrategy[Any]:
    if field.message_type is not None:
        if field.message_type.full_name == "google.protobuf.Timestamp":
            return _SECONDS.map(lambda seconds: {"seconds": seconds})
        return _trees(field.message_type)
    if field.enum_type is not None:
        return st.sampled_from(sorted(enum_words(field.enum_type)))
    if field.type == _FD.TYPE_BYTES:
        return st.binary(max_size=12)
    return _SCALARS.get(field.cpp_type, _TEXT)
