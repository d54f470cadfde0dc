"""What the README lists as not served yet says so to those who may call it: UNIMPLEMENTED over gRPC, 501 over REST, in the shape of its API."""

import re

import grpc
import pytest
from google.protobuf.descriptor import MethodDescriptor

from scripts.imports import ROOT
from server.commands.dev import Development
from server.commands.rest_client import RestClient
from sycee.v1 import options_pb2
from sycee.v1.options_pb2 import REST_BODY_MULTIPART, ROLE_ADMIN, Access
from tests.contract.routes import VARIABLE, Route, routes
from tests.contract.sources import short_name
from tests.e2e.wishes import refusal
from tests.rpc import a_callers_metadata, answer_of

_LIST = re.compile(r"<!-- unimplemented -->(.*?)<!-- /unimplemented -->", re.DOTALL)
_LISTED = set(re.findall(r"`(\w+\.\w+)`", _LIST.findall((ROOT / "README.md").read_text(encoding="utf-8"))[0]))

NOT_SERVED = [route for route in routes() if short_name(route.rpc) in _LISTED]

_FORM = (
    b'--b\r\nContent-Disposition: form-data; name="purpose"\r\n\r\ndispute_evidence\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7\r\n--b--\r\n'
)


def allowed(service: Development, access: Access) -> str | None:
    """A credential that the call accepts."""
    if access.public:
        return None
    if access.scope:
        return service.secret_key
    return service.admin_token if ROLE_ADMIN in access.roles else service.user_token


@pytest.mark.parametrize("route", NOT_SERVED, ids=lambda route: f"{route.verb} {route.path}")
async def test_rest_answers_501(rest: RestClient, service: Development, route: Route) -> None:
    """NOT_IMPLEMENTED; the path is known and the caller is allowed."""
    body, content_type = b"{}" if route.body else None, "application/json"
    if route.rest.body == REST_BODY_MULTIPART:
        body, content_type = _FORM, "multipart/form-data; boundary=b"
    caller = rest.by(allowed(service, route.access))
    answer = await caller.send(route.verb, VARIABLE.sub("1", route.path), body, {"Content-Type": content_type})
    if route.is_mall:
        assert (answer.status, answer.json["code"], answer.json["data"]) == (501, 501, None)
    else:
        told = refusal(answer)
        assert (told.status, told.code, told.outcome, told.retry_safe) == (501, "NOT_IMPLEMENTED", "not_sent", False)


async def called(channel: grpc.aio.Channel, rpc: MethodDescriptor, metadata: grpc.aio.Metadata) -> None:
    """Calls it with an empty request, whatever its kind."""
    path = f"/{rpc.containing_service.full_name}/{rpc.name}"
    if rpc.client_streaming:
        await channel.stream_unary(path, bytes, bytes)(iter([b""]), metadata=metadata)
    elif rpc.server_streaming:
        async for _ in channel.unary_stream(path, bytes, bytes)(b"", metadata=metadata):
            pass
    else:
        await channel.unary_unary(path, bytes, bytes)(b"", metadata=metadata)


@pytest.mark.parametrize(
    "rpc", list({short_name(route.rpc): route.rpc for route in NOT_SERVED}.values()), ids=short_name
)
async def test_grpc_answers_unimplemented(
    channel: grpc.aio.Channel, service: Development, rpc: MethodDescriptor
) -> None:
    """With the reason, so that it can be told from a method that does not exist."""
    bearer = allowed(service, rpc.GetOptions().Extensions[options_pb2.access])
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await called(channel, rpc, a_callers_metadata(bearer) if bearer else grpc.aio.Metadata())
    told = answer_of(raised.value)
    assert (told.code.name, told.reason) == ("UNIMPLEMENTED", "NOT_IMPLEMENTED")


@pytest.mark.parametrize("path", ["/sycee.v1.PaymentService/Refund", "/sycee.v2.PaymentService/GetPayment", "/a.B/C"])
async def test_a_method_that_does_not_exist_is_unimplemented_without_a_reason(
    channel: grpc.aio.Channel, service: Development, path: str
) -> None:
    """What every gRPC server answers."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await channel.unary_unary(path, bytes, bytes)(b"", metadata=a_callers_metadata(service.secret_key))
    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED
