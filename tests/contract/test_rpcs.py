"""Every RPC says in the proto what it does, where REST finds it, who may call it and how it fails."""

import re

import pytest
from google.protobuf.descriptor import MethodDescriptor

from sycee.v1 import options_pb2
from sycee.v1.errors_pb2 import ErrorReason
from tests.contract.routes import routes
from tests.contract.sources import comments, is_read, methods, short_name

RPCS = list(methods())
every_rpc = pytest.mark.parametrize("rpc", RPCS, ids=short_name)

REASON_WORDS = re.compile(r"\b[A-Z]+_[A-Z_]+\b")


def access_of(rpc: MethodDescriptor) -> options_pb2.Access:
    return rpc.GetOptions().Extensions[options_pb2.access]


def test_there_are_all_services() -> None:
    """The walk below meets every service: none of its tests passes because it saw nothing."""
    assert {rpc.containing_service.name.removesuffix("Service") for rpc in RPCS} == {
        *("Payment", "Refund", "Dispute", "Payout", "Config", "PaymentIntent", "PaymentMethod"),
        *("Balance", "Order", "Callback", "Webhook", "File"),
    }


@every_rpc
def test_an_rpc_has_a_comment(rpc: MethodDescriptor) -> None:
    """The comment says what changes, and the image with it travels with the generated code."""
    assert len(comments()[rpc.full_name].split()) > 3


@every_rpc
def test_a_comment_names_errors_that_exist(rpc: MethodDescriptor) -> None:
    """An error that a comment promises is one of the reasons, letter by letter."""
    reasons = set(ErrorReason.keys())
    assert [
        word for word in REASON_WORDS.findall(comments()[rpc.full_name]) if f"ERROR_REASON_{word}" not in reasons
    ] == []


@every_rpc
def test_an_rpc_that_names_an_object_says_when_there_is_none(rpc: MethodDescriptor) -> None:
    """A call that takes an object's id fails with that object's own NOT_FOUND."""
    if any("id" in route.variables for route in routes() if route.rpc == rpc):
        assert "_NOT_FOUND" in comments()[rpc.full_name]


@every_rpc
def test_an_rpc_has_a_route(rpc: MethodDescriptor) -> None:
    """Whatever gRPC can do REST can do, too."""
    assert any(route.rpc == rpc for route in routes())


@every_rpc
def test_an_rpc_says_who_may_call_it(rpc: MethodDescriptor) -> None:
    """Either anybody, or an API key with a scope, or bearers of a role, or both of these."""
    access = access_of(rpc)
    assert access.public is not bool(access.scope or access.roles)
    assert options_pb2.ROLE_UNSPECIFIED not in access.roles
    assert len(access.roles) == len(set(access.roles))


@every_rpc
def test_a_read_only_key_can_read_everything_a_key_can_and_change_nothing(rpc: MethodDescriptor) -> None:
    """Scopes that end in `:read` are exactly those of reads: a read-only key has all of them and no other."""
    if scope := access_of(rpc).scope:
        assert re.fullmatch(r"[a-z_]+:[a-z]+", scope)
        assert scope.endswith(":read") is is_read(rpc)


@every_rpc
def test_a_face_of_its_own_is_for_a_reason_and_complete(rpc: MethodDescriptor) -> None:
    """Where a reason looks different for one RPC, the RPC says status and message, once a reason."""
    faces = rpc.GetOptions().Extensions[options_pb2.rest].reasons
    assert all(face.reason and face.mall_status >= 400 and face.mall_message for face in faces)
    assert len({face.reason for face in faces}) == len(faces)


def test_only_the_gateways_call_without_a_credential() -> None:
    """The callback is the one public RPC."""
    assert [short_name(rpc) for rpc in RPCS if access_of(rpc).public] == ["CallbackService.ReceiveCallback"]


def test_the_administrators_calls_are_closed_to_users() -> None:
    """Configuration and fulfilment are the administrator's alone, as the mall's document says."""
    closed = {short_name(rpc) for rpc in RPCS if list(access_of(rpc).roles) == [options_pb2.ROLE_ADMIN]}
    assert {
        "ConfigService.ListPaymentConfigs",
        "ConfigService.SavePaymentConfig",
        "OrderService.ShipOrder",
        "OrderService.CompleteOrder",
    } <= closed
