"""What operators and their machines ask: is it alive, is it ready, what did it do, what can it do."""

import re
from typing import TYPE_CHECKING

import grpc
import pytest
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

from server.commands.rest_client import RestClient
from server.commands.running import Development
from server.rpc.contract import load_contract
from sycee.v1 import payment_service_pb2 as pb
from tests.e2e.polling import until
from tests.e2e.wishes import PAYMENTS, paid, refusal
from tests.rpc import a_callers_metadata, refused, trailing

if TYPE_CHECKING:
    from sycee.v1.payment_service_pb2_grpc import PaymentServiceAsyncStub

SERVICES = load_contract().services


@pytest.mark.parametrize(("path", "status"), [("/healthz", "ok"), ("/readyz", "ready")])
async def test_probes_need_no_credential(rest: RestClient, path: str, status: str) -> None:
    """200 while it lives and is ready."""
    answer = await rest.by(None).get(path)
    assert (answer.status, answer.json) == (200, {"status": status})
    assert (await rest.by(None).send("HEAD", path)).status == 200


async def samples(rest: RestClient) -> dict[str, float]:
    """Every sample of the metrics page by its name and labels."""
    answer = await rest.by(None).get("/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    lines = [line for line in answer.body.decode().splitlines() if line and not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


async def test_metrics_count_what_was_served(rest: RestClient) -> None:
    """One page for both processes: requests by call and status at the bridge, times by method and code at the server."""
    before = await samples(rest)
    await paid(rest)
    refusal(await rest.post(PAYMENTS, {}))
    after = await samples(rest)

    def grown(sample: str) -> float:
        return after[sample] - before.get(sample, 0)

    assert grown('sycee_bridge_requests_total{rpc="PaymentService.CreatePayment",status="201"}') == 1
    assert grown('sycee_bridge_requests_total{rpc="PaymentService.CreatePayment",status="400"}') == 1
    method = 'method="/sycee.v1.PaymentService/CreatePayment"'
    assert grown(f'sycee_rpc_seconds_count{{code="OK",{method}}}') == 1
    assert grown(f'sycee_rpc_seconds_count{{code="INVALID_ARGUMENT",{method}}}') == 1


async def test_metrics_tell_how_webhooks_stand(rest: RestClient) -> None:
    """From the start: what is pending, for how long, and how tries ended."""
    seen = await until(
        lambda: samples(rest),
        lambda seen: "sycee_webhook_pending" in seen and 'sycee_webhook_endpoints{status="disabled"}' in seen,
        15,
    )
    assert {name for name in seen if name.startswith("sycee_webhook_")} >= {
        "sycee_webhook_oldest_pending_seconds",
        'sycee_webhook_endpoints{status="enabled"}',
        *(f'sycee_webhook_tries_total{{outcome="{outcome}"}}' for outcome in ("taken", "refused", "gone", "no_answer")),
    }


async def test_metrics_have_bounded_labels(rest: RestClient) -> None:
    """Whatever paths, methods and ids callers make up, the page does not grow with them."""
    await rest.get("/metrics")
    for number in range(20):
        await rest.get(f"/made/up/{number}")
        await rest.get(f"{PAYMENTS}/made-up-{number}")
        await rest.send(f"X{number}", PAYMENTS)
    assert not [sample for sample in await samples(rest) if re.search(r"made|X1", sample)]


async def health(channel: grpc.aio.Channel, service: str) -> health_pb2.HealthCheckResponse:
    check = channel.unary_unary(
        "/grpc.health.v1.Health/Check",
        health_pb2.HealthCheckRequest.SerializeToString,
        health_pb2.HealthCheckResponse.FromString,
    )
    return await check(health_pb2.HealthCheckRequest(service=service))


@pytest.mark.parametrize("name", ["", *SERVICES])
async def test_the_standard_health_service_says_serving(channel: grpc.aio.Channel, name: str) -> None:
    """For the server as a whole, and for each service."""
    assert (await health(channel, name)).status == health_pb2.HealthCheckResponse.SERVING


async def test_the_health_of_nothing_is_not_found(channel: grpc.aio.Channel) -> None:
    """As the health protocol says."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await health(channel, "sycee.v1.Nothing")
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND


@pytest.mark.parametrize("version", ["v1alpha", "v1"])
async def test_the_server_describes_itself(channel: grpc.aio.Channel, version: str) -> None:
    """Both versions of reflection list every service, and know its messages."""
    ask = channel.stream_stream(
        f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
        reflection_pb2.ServerReflectionRequest.SerializeToString,
        reflection_pb2.ServerReflectionResponse.FromString,
    )
    asked = [
        reflection_pb2.ServerReflectionRequest(list_services=""),
        reflection_pb2.ServerReflectionRequest(file_containing_symbol="sycee.v1.CreatePaymentRequest"),
    ]
    listed, described = [answer async for answer in ask(iter(asked))]
    names = {service.name for service in listed.list_services_response.service}
    assert {*SERVICES, "grpc.health.v1.Health", f"grpc.reflection.{version}.ServerReflection"} <= names
    assert described.file_descriptor_response.file_descriptor_proto


async def test_grpc_calls_have_request_ids(payments: "PaymentServiceAsyncStub", service: Development) -> None:
    """The caller's own if it is sane, else a new one; in the trailing metadata and in the error."""
    for sent, kept in (("order-1001", True), ("two words", False), ("x" * 129, False)):
        caller = a_callers_metadata(service.secret_key, x_request_id=sent)
        call = payments.GetPayment(pb.GetPaymentRequest(id="1"), metadata=caller)
        told = await refused(call)
        shown = trailing(await call.trailing_metadata())["x-request-id"]
        assert told.facts["request_id"] == shown
        assert (shown == sent) is kept


async def test_a_message_of_two_mebibytes_is_refused(payments: "PaymentServiceAsyncStub", service: Development) -> None:
    """RESOURCE_EXHAUSTED, before anything reads it."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await payments.CreatePayment(
            pb.CreatePaymentRequest(description="x" * (1 << 21)), metadata=a_callers_metadata(service.secret_key)
        )
    assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_a_deadline_that_has_passed_is_told(
    payments: "PaymentServiceAsyncStub", rest: RestClient, service: Development
) -> None:
    """DEADLINE_EXCEEDED, by whoever notices it first."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await payments.ListPayments(
            pb.ListPaymentsRequest(), metadata=a_callers_metadata(service.secret_key), timeout=0.0001
        )
    assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
