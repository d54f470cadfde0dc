"""The server serves a contract whose every RPC says how it is reached, who may call it and what it does."""

from collections.abc import Callable

import pytest
from google.api import annotations_pb2
from google.protobuf.descriptor_pb2 import FileDescriptorProto, MethodOptions

from server.domain.access import Role
from server.rpc.contract import offences
from server.rpc.reasons import Replay, read_reasons
from sycee.v1 import options_pb2
from tests.rpc import CONTRACT
from tests.unit.rpc.calls import an_rpc


def a_proto(
    name: str = "DoIt", change: Callable[[MethodOptions], None] = lambda options: None, comment: str = " Does it."
) -> FileDescriptorProto:
    """A file with one RPC that has everything, or not."""
    proto = FileDescriptorProto(package="test.v1")
    method = proto.service.add(name="Service").method.add(name=name)
    method.options.Extensions[annotations_pb2.http].get = "/api/v1/it"  # type: ignore[index, assignment]
    method.options.Extensions[options_pb2.access].scope = "it:read"
    change(method.options)
    if comment:
        proto.source_code_info.location.add(path=(6, 0, 2, 0), leading_comments=comment)
    return proto


def no_route(options: MethodOptions) -> None:
    options.ClearExtension(annotations_pb2.http)  # type: ignore[arg-type]


def no_access(options: MethodOptions) -> None:
    options.ClearExtension(options_pb2.access)


def public_and_scoped(options: MethodOptions) -> None:
    options.Extensions[options_pb2.access].public = True


def test_an_rpc_with_everything_is_served() -> None:
    """Nothing to object to."""
    assert offences([a_proto()]) == []


@pytest.mark.parametrize(
    ("proto", "lacks"),
    [
        (a_proto(change=no_route), "route"),
        (a_proto(change=no_access), "access"),
        (a_proto(change=public_and_scoped), "access"),
        (a_proto(comment=""), "comment"),
        (a_proto(comment=" \n "), "comment"),
    ],
)
def test_an_rpc_that_lacks_something_is_not(proto: FileDescriptorProto, lacks: str) -> None:
    """The start is refused, and the message names the RPC and what it lacks."""
    (offence,) = offences([proto])
    assert offence.startswith(f"test.v1.Service.DoIt has no {lacks}")


def test_every_offender_is_named_at_once() -> None:
    """Nobody mends a contract line by line."""
    protos = [a_proto("One", no_route, comment=""), a_proto("Two", no_access)]
    assert [offence.split()[0] for offence in offences(protos)] == [
        "test.v1.Service.One",
        "test.v1.Service.One",
        "test.v1.Service.Two",
    ]


def test_what_an_rpc_is_comes_from_its_options() -> None:
    """Access, side effects, classes, streams and comment."""
    rpc = an_rpc("GetPayment")
    assert (rpc.method, rpc.access.scope, rpc.is_mutation) == (
        "/sycee.v1.PaymentService/GetPayment",
        "payments:read",
        False,
    )
    assert rpc.request_class.DESCRIPTOR.name == "GetPaymentRequest"
    assert rpc.comment.startswith("Reads one payment.")
    assert an_rpc("CreatePayment").is_mutation
    assert an_rpc("ResolvePayment").access.roles == {Role.ADMIN}
    assert (an_rpc("UploadFile").request_streaming, an_rpc("WatchEvents").response_streaming) == (True, True)
    assert an_rpc("ReceiveCallback").access.public


def test_the_scopes_are_those_that_rpcs_ask_for() -> None:
    """What a restricted key can be given."""
    assert {"payments:read", "payments:write", "refunds:read"} <= CONTRACT.scopes
    assert "" not in CONTRACT.scopes


def test_reasons_say_what_becomes_of_a_key() -> None:
    """Declines are kept, refusals free the key, faults of ours resume."""
    reasons = read_reasons()
    assert {name: reasons[name].replay for name in ("CARD_DECLINED", "PAYMENT_NOT_FOUND", "INTERNAL")} == {
        "CARD_DECLINED": Replay.STORED,
        "PAYMENT_NOT_FOUND": Replay.RELEASED,
        "INTERNAL": Replay.RESUMED,
    }
