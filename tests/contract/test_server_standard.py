"""What every gRPC tool expects of a server: health, reflection, an address of its own and an orderly end."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import grpc
import pytest
import pytest_asyncio
from google.protobuf.descriptor_pb2 import FileDescriptorProto
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2
from prometheus_client import CollectorRegistry

from server.rpc.server import ServerOptions, build_server
from server.system import SystemClock, Uuid7
from sycee.v1 import payment_service_pb2 as pb
from sycee.v1.payment_service_pb2_grpc import PaymentServiceServicer
from tests.memory import MemoryStore
from tests.rpc import CONTRACT, OPTIONS, Running, refused, serving

VERSIONS = ("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")


@pytest_asyncio.fixture(scope="module")
async def running() -> AsyncIterator[Running]:
    async with serving() as running:
        yield running


async def reflected(
    running: Running, version: str, request: reflection_pb2.ServerReflectionRequest
) -> reflection_pb2.ServerReflectionResponse:
    """One answer of a version of the reflection service, whose messages are the same in both."""
    call = running.channel.stream_stream(
        f"/{version}/ServerReflectionInfo",
        request_serializer=reflection_pb2.ServerReflectionRequest.SerializeToString,
        response_deserializer=reflection_pb2.ServerReflectionResponse.FromString,
    )
    responses = [response async for response in call(iter([request]))]
    return responses[0]


async def health(channel: grpc.aio.Channel, service: str) -> int:
    """What the health service says of a service."""
    check = channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
        response_deserializer=health_pb2.HealthCheckResponse.FromString,
    )
    return (await check(health_pb2.HealthCheckRequest(service=service))).status


@pytest.mark.parametrize("version", VERSIONS)
async def test_every_service_is_listed(running: Running, version: str) -> None:
    """Those that nothing serves yet as well: they are part of the contract."""
    answer = await reflected(running, version, reflection_pb2.ServerReflectionRequest(list_services=""))
    names = {service.name for service in answer.list_services_response.service}
    assert names == {*CONTRACT.services, *VERSIONS, "grpc.health.v1.Health"}


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_service_is_described(running: Running, version: str) -> None:
    """A tool finds the file of a service by its name."""
    request = reflection_pb2.ServerReflectionRequest(file_containing_symbol="sycee.v1.PayoutService")
    answer = await reflected(running, version, request)
    files = [FileDescriptorProto.FromString(file) for file in answer.file_descriptor_response.file_descriptor_proto]
    assert "sycee/v1/payout_service.proto" in [file.name for file in files]


async def test_reflection_can_be_switched_off() -> None:
    """It is a setting."""
    async with serving(options=ServerOptions(hash_key=OPTIONS.hash_key, reflection=False)) as running:
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await reflected(running, VERSIONS[0], reflection_pb2.ServerReflectionRequest(list_services=""))
    assert raised.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_health_follows_readiness(running: Running) -> None:
    """For the server as a whole and for each service; the check itself needs no credential."""
    for ready, expected in (
        (False, health_pb2.HealthCheckResponse.NOT_SERVING),
        (True, health_pb2.HealthCheckResponse.SERVING),
    ):
        await running.server.tell_ready(ready)
        for name in ("", "sycee.v1.PaymentService"):
            assert await health(running.channel, name) == expected


async def test_a_taken_port_is_refused(running: Running) -> None:
    """A second server on it would silently get half of the calls."""
    server = build_server(
        contract=CONTRACT,
        servicers=[],
        store=MemoryStore(),
        clock=SystemClock(),
        ids=Uuid7(),
        tokens=None,
        options=OPTIONS,
        metrics=CollectorRegistry(),
    )
    port = server.listen("127.0.0.1:0")
    with pytest.raises(RuntimeError):
        running.server.listen(f"127.0.0.1:{port}")


async def test_a_unix_socket_is_an_address(tmp_path: Path) -> None:
    """The bridge beside the server uses one."""
    socket = tmp_path / "s"
    async with serving(addresses=(f"unix:{socket}",)), grpc.aio.insecure_channel(f"unix:{socket}") as channel:
        found = await health(channel, "")
    assert found == health_pb2.HealthCheckResponse.SERVING


class Slow(PaymentServiceServicer):
    """Cancels when the test lets it."""

    def __init__(self) -> None:
        self.begun, self.may_end = asyncio.Event(), asyncio.Event()

    async def CancelPayment(self, request: pb.CancelPaymentRequest, _context: object) -> pb.Payment:  # noqa: N802
        self.begun.set()
        await self.may_end.wait()
        return pb.Payment(id=request.id)


async def test_a_stop_lets_mutations_end_and_answers_them() -> None:
    """A caller whose payment is on its way when the server is told to stop gets its answer; new calls are refused."""
    slow = Slow()
    async with serving(slow) as running:
        cancel = running.payments.CancelPayment
        call = cancel(pb.CancelPaymentRequest(id="p1"), metadata=running.metadata("key"))
        answered = asyncio.ensure_future(call)
        await slow.begun.wait()
        stopping = asyncio.create_task(running.server.stop(5))
        await asyncio.sleep(0.05)
        with pytest.raises(grpc.aio.AioRpcError):
            await cancel(pb.CancelPaymentRequest(id="p2"), metadata=running.metadata(), timeout=1)
        slow.may_end.set()
        assert (await answered).id == "p1"
        assert await stopping == 0


async def test_a_stop_does_not_wait_for_ever() -> None:
    """What has not ended in time is cut off, counted, and resumed by the next call under its key."""
    slow = Slow()
    async with serving(slow) as running:
        call = running.payments.CancelPayment(pb.CancelPaymentRequest(id="p1"), metadata=running.metadata("key"))
        waiting = asyncio.ensure_future(call)
        await slow.begun.wait()
        assert await running.server.stop(0.05) == 1
        with pytest.raises(grpc.aio.AioRpcError):
            await waiting


async def test_what_is_not_served_yet_is_said_to_be_so(running: Running) -> None:
    """With a reason, as every refusal has one."""
    found = await refused(running.payments.GetPayment(pb.GetPaymentRequest(id="p1"), metadata=running.metadata()))
    assert (found.code, found.reason) == (grpc.StatusCode.UNIMPLEMENTED, "NOT_IMPLEMENTED")
