"""v1 through the bridge: bare resources, documented errors, statuses of the contract."""

import grpc
import pytest
from aiohttp import ClientSession
from google.protobuf.duration_pb2 import Duration
from google.protobuf.empty_pb2 import Empty
from google.protobuf.timestamp_pb2 import Timestamp
from google.rpc.error_details_pb2 import BadRequest, RetryInfo

from sycee.v1.common_pb2 import SORT_ORDER_ASC, Pagination
from sycee.v1.payment_method_service_pb2 import PAYMENT_METHOD_TYPE_CARD, CardInput, DeletePaymentMethodRequest
from sycee.v1.payment_service_pb2 import (
    PAYMENT_SORT_AMOUNT,
    PAYMENT_STATUS_SUCCEEDED,
    CapturePaymentRequest,
    CreatePaymentRequest,
    GetPaymentRequest,
    ListPaymentsRequest,
    ListPaymentsResponse,
    Payment,
    PaymentMethodInput,
)
from tests.integration.bridge.scripted_server import Context, ScriptedServer

CARD = {"type": "card", "card": {"number": "4242424242424242", "exp_month": 12, "exp_year": 2030, "cvc": "123"}}


async def test_creating_answers_201_with_the_bare_resource(server: ScriptedServer, http: ClientSession) -> None:
    """The documented body reaches the server as the contract's message."""
    server.answers("CreatePayment", Payment(id="p", status=PAYMENT_STATUS_SUCCEEDED))
    body = {"amount": "59.49", "currency": "USD", "payment_method": CARD, "metadata": {"order_number": "1001"}}
    async with http.post("/api/v1/payments", json=body) as response:
        shown = await response.json()
    assert (response.status, shown["id"], shown["status"]) == (201, "p", "succeeded")
    assert server.asked[0].request == CreatePaymentRequest(
        amount="59.49",
        currency="USD",
        payment_method=PaymentMethodInput(
            type=PAYMENT_METHOD_TYPE_CARD,
            card=CardInput(number="4242424242424242", exp_month=12, exp_year=2030, cvc="123"),
        ),
        metadata={"order_number": "1001"},
    )


async def test_reading_answers_200(server: ScriptedServer, http: ClientSession) -> None:
    """The id is the path's, percent-decoded."""
    server.answers("GetPayment", Payment(id="p"))
    async with http.get("/api/v1/payments/a%20b%2Fc") as response:
        assert response.status == 200
        assert response.content_type == "application/json"
    assert server.asked[0].request == GetPaymentRequest(id="a b/c")


async def test_lists_take_every_documented_filter(server: ScriptedServer, http: ClientSession) -> None:
    """Numbers, enums and times come as text."""
    server.answers(
        "ListPayments", ListPaymentsResponse(pagination=Pagination(page=2, per_page=5, total=7, total_pages=2))
    )
    query = "page=2&per_page=5&status=succeeded&sort=amount&order=asc&min_amount=1.5&created_after=2024-01-15T10:01:30Z&gateway=stripe"
    async with http.get(f"/api/v1/payments?{query}") as response:
        assert await response.json() == {
            "data": [],
            "pagination": {"page": 2, "per_page": 5, "total": 7, "total_pages": 2},
        }
    assert server.asked[0].request == ListPaymentsRequest(
        page=2,
        per_page=5,
        status=PAYMENT_STATUS_SUCCEEDED,
        sort=PAYMENT_SORT_AMOUNT,
        order=SORT_ORDER_ASC,
        min_amount="1.5",
        created_after=Timestamp(seconds=1705312890),
        gateway="stripe",
    )


async def test_a_plus_that_was_not_encoded_is_still_an_offset(server: ScriptedServer, http: ClientSession) -> None:
    """In a query a bare `+` means a space, which no time has there."""
    server.answers("ListPayments", ListPaymentsResponse())
    async with http.get("/api/v1/payments?created_after=2024-01-15T18:01:30+08:00") as response:
        assert response.status == 200
    assert server.asked[0].request.created_after.seconds == 1705312890


async def test_deleting_answers_204_without_a_body(server: ScriptedServer, http: ClientSession) -> None:
    """Both ids come from the path."""
    server.answers("DeletePaymentMethod", Empty())
    async with http.delete("/api/v1/customers/c/payment_methods/pm_1") as response:
        assert (response.status, await response.read()) == (204, b"")
        assert "Content-Type" not in response.headers
    assert server.asked[0].request == DeletePaymentMethodRequest(customer_id="c", payment_method_id="pm_1")


@pytest.mark.parametrize("body", [b"", b"{}", b' {"amount": null} '])
async def test_an_absent_body_is_an_empty_one(server: ScriptedServer, http: ClientSession, body: bytes) -> None:
    """A capture without an amount needs no body."""
    server.answers("CapturePayment", Payment())
    async with http.post(
        "/api/v1/payments/p/capture", data=body, headers={"Content-Type": "application/json"}
    ) as response:
        assert response.status == 200
    assert server.asked[0].request == CapturePaymentRequest(id="p")


async def test_a_decline_is_told_with_its_payment(server: ScriptedServer, http: ClientSession) -> None:
    """402 with the documented code; the details carry the payment that was kept."""
    server.refuses(
        "CreatePayment", grpc.StatusCode.FAILED_PRECONDITION, "CARD_DECLINED", "The card was declined.", payment_id="p"
    )
    async with http.post("/api/v1/payments", json={}, headers={"X-Request-Id": "r-1"}) as response:
        assert response.status == 402
        assert await response.json() == {
            "error": {
                "code": "CARD_DECLINED",
                "message": "The card was declined.",
                "outcome": "declined",
                "retry_safe": False,
                "details": [{"payment_id": "p"}],
                "request_id": "r-1",
            }
        }


async def test_field_violations_are_listed(server: ScriptedServer, http: ClientSession) -> None:
    """The server's BadRequest becomes `details`."""
    violations = [BadRequest.FieldViolation(field="per_page", description="must be at most 100")]
    server.refuses(
        "ListPayments",
        grpc.StatusCode.INVALID_ARGUMENT,
        "VALIDATION_ERROR",
        "per_page: must be at most 100",
        BadRequest(field_violations=violations),
    )
    async with http.get("/api/v1/payments?per_page=101") as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"]) == (400, "VALIDATION_ERROR")
    assert error["details"] == [{"field": "per_page", "message": "must be at most 100"}]


async def test_a_reason_with_another_code_in_v1_shows_that_code(server: ScriptedServer, http: ClientSession) -> None:
    """The contract says both."""
    server.refuses("CreatePayment", grpc.StatusCode.FAILED_PRECONDITION, "GATEWAY_NOT_ENABLED", "No.")
    async with http.post("/api/v1/payments", json={}) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (400, "NOT_SUPPORTED")


async def test_when_to_come_back_is_told(server: ScriptedServer, http: ClientSession) -> None:
    """RetryInfo becomes Retry-After, in whole seconds, rounded up."""
    retry = RetryInfo(retry_delay=Duration(seconds=2, nanos=1))
    server.refuses("GetPayment", grpc.StatusCode.RESOURCE_EXHAUSTED, "RATE_LIMITED", "Slow down.", retry)
    async with http.get("/api/v1/payments/p") as response:
        assert (response.status, response.headers["Retry-After"]) == (429, "3")


async def test_an_unauthenticated_caller_is_told_the_scheme(server: ScriptedServer, http: ClientSession) -> None:
    """401 comes with WWW-Authenticate, as HTTP asks."""
    server.refuses("GetPayment", grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED", "No.")
    async with http.get("/api/v1/payments/p") as response:
        assert (response.status, response.headers["WWW-Authenticate"]) == (401, "Bearer")


async def test_a_replayed_reply_says_so(server: ScriptedServer, http: ClientSession) -> None:
    """From the server's trailing metadata."""

    async def replay(_request: object, context: Context) -> Payment:
        context.set_trailing_metadata((("idempotent-replayed", "true"),))
        return Payment(id="p")

    server.replies["CreatePayment"] = replay
    async with http.post("/api/v1/payments", json={}, headers={"Idempotency-Key": "k"}) as response:
        assert (response.status, response.headers["Idempotent-Replayed"]) == (201, "true")
    server.answers("CreatePayment", Payment(id="p"))
    async with http.post("/api/v1/payments", json={}, headers={"Idempotency-Key": "k"}) as response:
        assert "Idempotent-Replayed" not in response.headers


async def test_a_replayed_error_keeps_its_first_request_id(server: ScriptedServer, http: ClientSession) -> None:
    """The body is the first one's, byte for byte; the header is this request's."""
    server.refuses(
        "CreatePayment", grpc.StatusCode.FAILED_PRECONDITION, "CARD_DECLINED", "No.", payment_id="p", request_id="first"
    )
    async with http.post("/api/v1/payments", json={}, headers={"X-Request-Id": "second"}) as response:
        error = (await response.json())["error"]
    assert error["request_id"] == "first"
    assert error["details"] == [{"payment_id": "p"}]
    assert response.headers["X-Request-Id"] == "second"
