"""What passes through the bridge by headers: request ids, credentials, idempotency keys, addresses, origins."""

import re

import pytest
from aiohttp import ClientSession

from sycee.v1.payment_service_pb2 import Payment
from tests.integration.bridge.conftest import SHOP
from tests.integration.bridge.raw_http import exchange
from tests.integration.bridge.scripted_server import ScriptedServer


@pytest.mark.parametrize("path", ["/api/v1/payments/p", "/api/orders/1", "/nowhere", "/healthz", "/metrics", "/readyz"])
async def test_every_response_names_its_request(http: ClientSession, path: str) -> None:
    """The caller's own name, if it sent a sane one."""
    async with http.get(path, headers={"X-Request-Id": "order-7/try-1"}) as response:
        assert response.headers["X-Request-Id"] == "order-7/try-1"


@pytest.mark.parametrize("given", ["", "a b", "x" * 129, "é"])
async def test_an_odd_request_id_is_replaced(server: ScriptedServer, http: ClientSession, given: str) -> None:
    """1 to 128 visible characters of ASCII are sane; the server is told the same name as the caller."""
    server.answers("GetPayment", Payment())
    async with http.get("/api/v1/payments/p", headers={"X-Request-Id": given}) as response:
        named = response.headers["X-Request-Id"]
    assert re.fullmatch("[0-9a-f]{32}", named)
    assert server.asked[0].metadata["x-request-id"] == named


async def test_credentials_and_keys_go_on_to_the_server(server: ScriptedServer, http: ClientSession) -> None:
    """As gRPC metadata, with the caller's address."""
    server.answers("CreatePayment", Payment())
    headers = {
        "Authorization": "Bearer sk_1",
        "Idempotency-Key": "k-1",
        "X-Request-Id": "r-1",
        "X-Forwarded-For": "6.6.6.6",
        "Cookie": "a=b",
    }
    async with http.post("/api/v1/payments", json={}, headers=headers) as response:
        assert response.status == 201
    metadata = {name: value for name, value in server.asked[0].metadata.items() if name != "user-agent"}
    assert metadata == {
        "authorization": "Bearer sk_1",
        "idempotency-key": "k-1",
        "x-request-id": "r-1",
        "x-forwarded-for": "127.0.0.1",
    }


async def test_reads_take_no_key(server: ScriptedServer, http: ClientSession) -> None:
    """There is nothing to replay; an odd key does no harm."""
    server.answers("GetPayment", Payment())
    async with http.get("/api/v1/payments/p", headers={"Idempotency-Key": "k" * 300}) as response:
        assert response.status == 200
    assert "idempotency-key" not in server.asked[0].metadata


@pytest.mark.parametrize("key", ["", "a b", "k" * 256, "ключ"])
async def test_an_odd_idempotency_key_is_refused(server: ScriptedServer, http: ClientSession, key: str) -> None:
    """1 to 255 visible characters; the error names the header and not its value."""
    async with http.post("/api/v1/payments", json={}, headers={"Idempotency-Key": key}) as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"]) == (400, "VALIDATION_ERROR")
    assert error["details"] == [{"field": "Idempotency-Key", "message": "expected 1 to 255 visible characters"}]
    assert server.asked == []


async def test_two_keys_are_none(bridge_port: int, server: ScriptedServer) -> None:
    """Nobody could say which one counts."""
    head = b"POST /api/v1/payments HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n"
    [response] = await exchange(bridge_port, head + b"Idempotency-Key: a\r\nIdempotency-Key: b\r\n\r\n")
    assert (response.status, response.json["error"]["details"][0]["field"]) == (400, "Idempotency-Key")
    [response] = await exchange(bridge_port, head + b"Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n")
    assert response.status in {400, 401}
    assert server.asked == []


async def test_a_credential_that_cannot_be_one_is_401(server: ScriptedServer, http: ClientSession) -> None:
    """GRPC could not even carry it."""
    for path, code in (("/api/v1/payments/p", "UNAUTHENTICATED"), ("/api/orders/1", None)):
        async with http.get(path, headers={"Authorization": "Bearer ключ"}) as response:
            shown = await response.json()
        assert response.status == 401
        assert shown["error"]["code"] == code if code else shown == {"code": 401, "message": "未授权访问", "data": None}
    assert server.asked == []


@pytest.mark.parametrize("path", ["/api/v1/payments/p", "/api/v1/nowhere", "/api/orders/1", "/healthz"])
async def test_pages_of_an_allowed_origin_may_read_every_answer(
    server: ScriptedServer, http: ClientSession, path: str
) -> None:
    """Errors included, with the headers that a page needs."""
    server.answers("GetPayment", Payment())
    async with http.get(path, headers={"Origin": SHOP}) as response:
        assert response.headers["Access-Control-Allow-Origin"] == SHOP
        assert "X-Request-Id" in response.headers["Access-Control-Expose-Headers"]
        assert response.headers["Vary"] == "Origin"


async def test_pages_of_other_origins_may_read_none(http: ClientSession) -> None:
    """Caches are told that answers differ by origin all the same."""
    for headers in ({"Origin": "https://evil.example"}, {"Origin": SHOP + ".evil.example"}, {"Origin": "null"}, {}):
        async with http.get("/healthz", headers=headers) as response:
            assert "Access-Control-Allow-Origin" not in response.headers
            assert response.headers["Vary"] == "Origin"


async def test_a_preflight_is_answered(server: ScriptedServer, http: ClientSession) -> None:
    """Which methods and headers a page may use; the server is not asked."""
    headers = {
        "Origin": SHOP,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "idempotency-key",
    }
    async with http.options("/api/v1/payments", headers=headers) as response:
        assert response.status == 204
        assert response.headers["Access-Control-Allow-Origin"] == SHOP
        assert response.headers["Access-Control-Allow-Methods"] == "GET, HEAD, POST, OPTIONS"
        assert "Idempotency-Key" in response.headers["Access-Control-Allow-Headers"]
        assert response.headers["Access-Control-Max-Age"] == "600"
    async with http.options("/api/v1/payments", headers={**headers, "Origin": "https://evil.example"}) as response:
        assert "Access-Control-Allow-Methods" not in response.headers
    assert server.asked == []


async def test_answers_are_kept_by_no_cache(http: ClientSession) -> None:
    """They carry payments; and nothing is told of what serves them."""
    async with http.get("/api/v1/payments/p") as response:
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Server"] == "sycee"
