"""gRPC statuses without our reason: what gRPC itself or a fault says, told so that no money is called safe that may have moved."""

import grpc
import pytest
from aiohttp import ClientSession
from google.rpc.error_details_pb2 import ErrorInfo

from tests.integration.bridge.scripted_server import ScriptedServer


@pytest.mark.parametrize(
    ("code", "status", "shown", "outcome"),
    [
        ("UNIMPLEMENTED", 501, "NOT_IMPLEMENTED", "not_sent"),
        ("DEADLINE_EXCEEDED", 504, "TIMEOUT", "unknown"),
        ("UNAUTHENTICATED", 401, "UNAUTHENTICATED", "not_sent"),
        ("PERMISSION_DENIED", 403, "PERMISSION_DENIED", "not_sent"),
        ("INVALID_ARGUMENT", 400, "VALIDATION_ERROR", "not_sent"),
        ("NOT_FOUND", 404, "NOT_FOUND", "not_sent"),
        ("RESOURCE_EXHAUSTED", 429, "RATE_LIMITED", "not_sent"),
        ("UNAVAILABLE", 500, "INTERNAL", "unknown"),
        ("CANCELLED", 500, "INTERNAL", "unknown"),
        ("ABORTED", 500, "INTERNAL", "unknown"),
        ("ALREADY_EXISTS", 500, "INTERNAL", "unknown"),
        ("FAILED_PRECONDITION", 500, "INTERNAL", "unknown"),
        ("OUT_OF_RANGE", 500, "INTERNAL", "unknown"),
        ("DATA_LOSS", 500, "INTERNAL", "unknown"),
        ("INTERNAL", 500, "INTERNAL", "unknown"),
        ("UNKNOWN", 500, "INTERNAL", "unknown"),
    ],
)
async def test_a_bare_status_of_a_call_that_changes_something(
    server: ScriptedServer, http: ClientSession, code: str, status: int, shown: str, outcome: str
) -> None:
    """Only what is refused before our code runs is `not_sent`; the status' text is for operators and not repeated."""
    server.fails("CreatePayment", grpc.StatusCode[code], "psycopg.OperationalError: secret")
    async with http.post("/api/v1/payments", json={}) as response:
        text = await response.text()
        error = (await response.json())["error"]
    assert (response.status, error["code"], error["outcome"]) == (status, shown, outcome)
    assert "secret" not in text


async def test_a_read_that_met_an_unavailable_server_is_safe_to_repeat(
    server: ScriptedServer, http: ClientSession
) -> None:
    """Nothing is sent by a read."""
    server.fails("GetPayment", grpc.StatusCode.UNAVAILABLE)
    async with http.get("/api/v1/payments/p") as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"], error["retry_safe"]) == (503, "GATEWAY_UNAVAILABLE", True)
    assert response.headers["Retry-After"] == "1"


async def test_a_crash_in_the_server_is_internal(server: ScriptedServer, http: ClientSession) -> None:
    """The exception's text stays where it happened."""

    async def crash(_request: object, _context: object) -> None:
        raise RuntimeError("4242424242424242")

    server.replies["CreatePayment"] = crash  # type: ignore[assignment]
    async with http.post("/api/v1/payments", json={}) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (500, "INTERNAL")
        assert "4242" not in await response.text()


async def test_a_reason_that_is_not_ours_counts_as_none(server: ScriptedServer, http: ClientSession) -> None:
    """Proxies in between have reasons of their own."""
    server.fails(
        "CreatePayment", grpc.StatusCode.PERMISSION_DENIED, "no", ErrorInfo(reason="API_DISABLED", domain="example.com")
    )
    async with http.post("/api/v1/payments", json={}) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (403, "PERMISSION_DENIED")
