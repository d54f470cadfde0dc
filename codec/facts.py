"""What the descriptors say of a field beyond its type: its options, and the documented words of its enum."""

from collections.abc import Iterator
from typing import cast

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, OneofDescriptor
from google.protobuf.message import Message

from sycee.v1.errors_pb2 import ERROR_REASON_UNSPECIFIED, ERROR_REASON_VALIDATION_ERROR, ErrorReason
from sycee.v1.options_pb2 import FieldFacts, choice
from sycee.v1.options_pb2 import field as field_facts


def descriptor_of(message: Message | type[Message]) -> Descriptor:
    """The stubs tell the C implementation's descriptors from the Python ones; they are alike."""
    return cast("Descriptor", message.DESCRIPTOR)


def facts_of(field: FieldDescriptor) -> FieldFacts:
    return field.GetOptions().Extensions[field_facts]


def violation_of(field: FieldDescriptor) -> ErrorReason.ValueType:
    """The reason that a wrong value of this field raises."""
    violation = facts_of(field).violation
    return ERROR_REASON_VALIDATION_ERROR if violation == ERROR_REASON_UNSPECIFIED else violation


def named_choice(field: FieldDescriptor) -> OneofDescriptor | None:
    """The oneof under whose own name REST shows the field, if the field is a part of such a one."""
    oneof = field.containing_oneof
    return oneof if oneof is not None and oneof.GetOptions().Extensions[choice].named_by_choice else None


def rest_fields(message: Descriptor) -> Iterator[FieldDescriptor]:
    """The fields that REST knows, in the order in which they are declared."""
    return (field for field in message.fields if not facts_of(field).grpc_only)


def enum_words(enum: EnumDescriptor) -> dict[int, str]:
    """The documented word of each value: `PAYMENT_STATUS_SUCCEEDED` is `succeeded`. The unspecified value has none."""
    prefix = enum.values_by_number[0].name.removesuffix("UNSPECIFIED")
    return {value.number: value.name.removeprefix(prefix).lower() for value in enum.values if value.number != 0}


def is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and field.message_type.GetOptions().map_entry


def map_value(field: FieldDescriptor) -> FieldDescriptor:
    """The field that holds a map's values."""
    assert field.message_type is not None
    return field.message_type.fields_by_name["value"]
