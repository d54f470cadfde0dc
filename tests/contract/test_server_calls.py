"""What every call to the server gets beside its servicer's answer: an id, readable errors, metrics and a line of log."""

import asyncio
import json
from collections.abc import AsyncIterator

import grpc
import pytest
import pytest_asyncio
from prometheus_client import CollectorRegistry

from server.domain.errors import PaymentNotFound
from server.rpc.call import current_call
from sycee.v1 import payment_service_pb2 as pb
from sycee.v1 import webhook_service_pb2
from sycee.v1.payment_method_service_pb2 import PAYMENT_METHOD_TYPE_CARD
from sycee.v1.payment_service_pb2_grpc import PaymentServiceServicer
from sycee.v1.webhook_service_pb2_grpc import WebhookServiceServicer, WebhookServiceStub
from tests.rpc import Running, refused, serving, trailing

GET = "/sycee.v1.PaymentService/GetPayment"


class Payments(PaymentServiceServicer):
    """Does what the id says."""

    async def CreatePayment(self, _request: pb.CreatePaymentRequest, _context: object) -> pb.Payment:  # noqa: N802
        return pb.Payment()

    async def ListPayments(self, _request: pb.ListPaymentsRequest, _context: object) -> pb.ListPaymentsResponse:  # noqa: N802
        return pb.ListPaymentsResponse()

    async def GetPayment(self, request: pb.GetPaymentRequest, _context: object) -> pb.Payment:  # noqa: N802
        match request.id:
            case "missing":
                raise PaymentNotFound
            case "bug":
                raise RuntimeError("4242424242424242")
            case "endless":
                await asyncio.Event().wait()
            case _:
                pass
        return pb.Payment(id=request.id, reference=current_call().caller.credential)


class Webhooks(WebhookServiceServicer):
    """Streams three events; the third fails where the cursor says so."""

    async def WatchEvents(  # noqa: N802
        self, request: webhook_service_pb2.WatchEventsRequest, _context: object
    ) -> AsyncIterator[webhook_service_pb2.Event]:
        for number in range(3):
            if number == 2 and request.cursor == "breaks":
                raise PaymentNotFound
            yield webhook_service_pb2.Event(id=f"evt_{number}", type=current_call().caller.merchant_id)


@pytest_asyncio.fixture(scope="module")
async def running() -> AsyncIterator[Running]:
    async with serving(Payments(), Webhooks()) as running:
        yield running


def get(
    running: Running, id: str = "p1", **metadata: str
) -> "grpc.aio.UnaryUnaryCall[pb.GetPaymentRequest, pb.Payment]":
    """A call to GetPayment."""
    return running.payments.GetPayment(pb.GetPaymentRequest(id=id), metadata=running.metadata(**metadata))


def counted(metrics: CollectorRegistry, code: str) -> float:
    """How many calls to GetPayment ended so."""
    labels = {"method": GET, "code": code}
    return metrics.get_sample_value("sycee_rpc_seconds_count", labels) or 0.0


async def until(metrics: CollectorRegistry, code: str, count: float) -> None:
    """Waits until the server has noticed how calls ended, which their caller may know before it."""
    async with asyncio.timeout(5):
        while counted(metrics, code) < count:  # noqa: ASYNC110  (a metric tells nobody when it changes)
            await asyncio.sleep(0.005)


async def test_a_servicer_knows_its_call(running: Running) -> None:
    """Who calls stands in the call's context."""
    assert (await get(running)).reference.startswith("key:")


async def test_a_callers_request_id_comes_back(running: Running) -> None:
    """With the answer, and in the error."""
    call = get(running, x_request_id="till-7/42")
    await call
    assert trailing(await call.trailing_metadata())["x-request-id"] == "till-7/42"
    assert (await refused(get(running, "missing", x_request_id="till-8"))).facts["request_id"] == "till-8"


@pytest.mark.parametrize("sent", ["", "two words", "x" * 129])
async def test_an_odd_request_id_is_replaced(running: Running, sent: str) -> None:
    """As is one that is missing."""
    call = get(running, x_request_id=sent)
    await call
    request_id = str(trailing(await call.trailing_metadata())["x-request-id"])
    assert request_id.startswith("req_")
    assert len(request_id) == 36


async def test_an_error_carries_code_reason_and_request_id(running: Running) -> None:
    """As a google.rpc.Status beside the code."""
    found = await refused(get(running, "missing"))
    assert (found.code, found.reason) == (grpc.StatusCode.NOT_FOUND, "PAYMENT_NOT_FOUND")
    assert found.facts.keys() == {"request_id"}


async def test_a_bug_is_not_told(running: Running, caplog: pytest.LogCaptureFixture) -> None:
    """Neither to the caller nor to the log."""
    found = await refused(get(running, "bug", x_request_id="req-bug"))
    assert (found.code, found.reason) == (grpc.StatusCode.INTERNAL, "INTERNAL")
    assert "4242" not in found.message + caplog.text + str([vars(record) for record in caplog.records])
    assert "req-bug" in found.message


async def test_every_broken_rule_is_told_at_once(running: Running) -> None:
    """Under the first field's reason, each with its path and never with its value."""
    request = pb.CreatePaymentRequest(amount="42.42424242", currency="usd", receipt_email="nobody.at.all")
    request.payment_method.type = PAYMENT_METHOD_TYPE_CARD
    request.payment_method.card.number = "4242x4242"
    request.metadata["k" * 41] = "v"
    found = await refused(running.payments.CreatePayment(request, metadata=running.metadata()))
    assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_AMOUNT")
    fields = [field for field, _ in found.violations]
    assert fields[:3] == ["amount", "currency", "payment_method.card.number"]
    assert {"receipt_email", "metadata"} <= set(fields)
    assert not any(value in str(found) for value in ("42.4", "usd", "nobody", "4242x", "kkk"))


async def test_a_rule_without_a_reason_is_a_validation_error(running: Running) -> None:
    """As most are."""
    request = pb.ListPaymentsRequest(per_page=101)
    found = await refused(running.payments.ListPayments(request, metadata=running.metadata()))
    assert (found.reason, [field for field, _ in found.violations]) == ("VALIDATION_ERROR", ["per_page"])


async def test_bytes_that_are_no_request_are_refused(running: Running) -> None:
    """With a reason like everything else, and without the parser's words."""
    found = await refused(running.unary(GET)(b"\xff\xff", metadata=running.metadata()))
    assert (found.code, found.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "VALIDATION_ERROR")
    assert found.violations == [("", "is not a sycee.v1.GetPaymentRequest")]


async def test_a_message_above_one_mebibyte_and_headers_is_refused(running: Running) -> None:
    """Before it is read; the bridge passes a body of 1 MiB on with the headers that came with it."""
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await get(running, "x" * ((1 << 20) + (64 << 10)))
    assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_calls_are_counted_by_how_they_end(running: Running) -> None:
    """A caller that hangs up and a deadline that passes are told apart."""
    before = {code: counted(running.metrics, code) for code in ("OK", "NOT_FOUND", "CANCELLED", "DEADLINE_EXCEEDED")}
    await get(running)
    await refused(get(running, "missing"))
    hung_up = get(running, "endless")
    await asyncio.sleep(0.05)
    hung_up.cancel()
    with pytest.raises(grpc.aio.AioRpcError):
        await running.payments.GetPayment(pb.GetPaymentRequest(id="endless"), metadata=running.metadata(), timeout=0.05)
    for code, count in before.items():
        await until(running.metrics, code, count + 1)
    assert running.metrics.get_sample_value("sycee_rpc_running", {"method": GET}) == 0


async def test_a_call_is_one_line_of_log(caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    """With how it went and who called, and nothing of what it carried."""
    caplog.set_level("INFO", logger="server")
    async with serving(Payments()) as running:
        await refused(get(running, "missing", x_request_id="logged"))
        await running.server.stop(0)
        key = running.secret_key
    (line,) = [json.loads(line) for line in capsys.readouterr().err.splitlines() if '"logged"' in line]
    assert line["credential"].startswith("key:")
    assert (line["method"], line["code"], line["level"], line["message"]) == (GET, "NOT_FOUND", "INFO", "call")
    assert line["ms"] > 0
    assert key not in str(line)


async def test_events_are_streamed(running: Running) -> None:
    """A stream passes the same interceptors; its request id comes at once."""
    call = WebhookServiceStub(running.channel).WatchEvents(
        webhook_service_pb2.WatchEventsRequest(), metadata=running.metadata(x_request_id="watch")
    )
    assert trailing(await call.initial_metadata())["x-request-id"] == "watch"
    assert [event.id async for event in call] == ["evt_0", "evt_1", "evt_2"]


async def test_a_stream_can_end_in_an_error(running: Running) -> None:
    """What came before stays; the reason comes at the end."""
    request = webhook_service_pb2.WatchEventsRequest(cursor="breaks")
    call = WebhookServiceStub(running.channel).WatchEvents(request, metadata=running.metadata())
    seen: list[str] = []

    async def noted() -> AsyncIterator[webhook_service_pb2.Event]:
        async for event in call:
            seen.append(event.id)
            yield event

    assert (await refused(noted())).reason == "PAYMENT_NOT_FOUND"
    assert seen == ["evt_0", "evt_1"]
