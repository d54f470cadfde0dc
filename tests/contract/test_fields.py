"""Resources have the documented fields in the documented order, and `null` exactly where the documents allow it."""

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor

from sycee.v1 import options_pb2
from tests.contract.documented_fields import NULLABLE, PARAMETERS, RESOURCES
from tests.contract.sources import message, messages, methods

SECRETS = {"number", "cvc", "secret", "config"}


def facts(field: FieldDescriptor) -> options_pb2.FieldFacts:
    return field.GetOptions().Extensions[options_pb2.field]


def rest_names(described: Descriptor) -> list[str]:
    return [field.name for field in described.fields if not facts(field).grpc_only]


@pytest.mark.parametrize("name", RESOURCES)
def test_a_resource_has_the_documented_fields_in_order(name: str) -> None:
    """JSON shows fields as the proto declares them: the documented ones, in their order, and no others."""
    assert rest_names(message(name)) == RESOURCES[name].split()


@pytest.mark.parametrize("name", NULLABLE)
def test_what_may_be_absent_is_optional(name: str) -> None:
    """`null` is told from empty: what may be absent is `optional`, what is always there is not."""
    told = {field.name for field in message(name).fields if field.has_presence and is_declared_optional(field)}
    assert told == set(NULLABLE[name].split())


def is_declared_optional(field: FieldDescriptor) -> bool:
    """Messages have presence anyway; the word in the proto is what says that they may be absent."""
    return field.containing_oneof is not None and field.containing_oneof.name == f"_{field.name}"


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_request_takes_the_documented_parameters(name: str) -> None:
    """What a document sends or filters by, the request takes under that name."""
    assert set(PARAMETERS[name].split()) - set(rest_names(message(name))) == set()


def test_every_response_is_documented() -> None:
    """No resource escapes the table: each RPC's answer, and what it is made of, stands in it."""
    seen: set[str] = set()
    waiting = [method.output_type for method in methods()]
    while waiting:
        described = waiting.pop()
        if described.file.package != "sycee.v1" or described.name in seen or described.GetOptions().map_entry:
            continue
        seen.add(described.name)
        waiting += [field.message_type for field in described.fields if field.message_type is not None]
    assert seen == set(RESOURCES)
    assert seen == set(NULLABLE)


LISTS = [m for m in methods() if m.name.startswith("List") and "page" in m.input_type.fields_by_name]


@pytest.mark.parametrize("method", LISTS, ids=lambda method: method.name)
def test_a_list_pages_by_number_in_rest_and_by_token_in_grpc(method: MethodDescriptor) -> None:
    """`page` and `per_page` are documented; tokens exist in gRPC alone."""
    asked, told = method.input_type.fields_by_name, method.output_type.fields_by_name
    assert asked["page"].has_presence
    assert asked["per_page"].has_presence
    assert facts(asked["page_token"]).grpc_only
    assert facts(told["next_page_token"]).grpc_only


def test_int64_is_a_json_number() -> None:
    """Proto's JSON would make strings of int64; every one that REST shows is said to be a number."""
    wide = [
        f for m in messages() for f in m.fields if f.type in {FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_UINT64}
    ]
    assert wide
    assert [f.full_name for f in wide if not facts(f).json_number] == []


def test_nothing_is_a_float() -> None:
    """Money and everything beside it is whole numbers or decimal strings."""
    floats = {FieldDescriptor.TYPE_FLOAT, FieldDescriptor.TYPE_DOUBLE}
    assert [f.full_name for m in messages() for f in m.fields if f.type in floats] == []


def test_secrets_are_marked() -> None:
    """A field that holds a secret says so, whoever prints the message."""
    secret = [field for described in messages() for field in described.fields if field.name in SECRETS]
    assert {field.name for field in secret} == SECRETS
    assert [field.full_name for field in secret if not field.GetOptions().debug_redact] == []
