"""HTTP itself: what is no call of the contract is refused in the error shape of its API, and costs the server nothing."""

import asyncio
from functools import reduce
from operator import getitem

import pytest
from aiohttp import ClientSession

from sycee.v1.payment_service_pb2 import Payment
from tests.integration.bridge.raw_http import exchange
from tests.integration.bridge.scripted_server import ScriptedServer

JSON = {"Content-Type": "application/json"}
MEBIBYTE = 1024 * 1024


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/api",
        "/api/v1",
        "/api/v1/",
        "/api/v1/payment",
        "/api/v1/payments/",
        "/api/v1/payments/p/refunds/r/x",
        "/api/v1/payments/%ff",
        "/api/v1/events:unwatch",
        "/favicon.ico",
        "/../etc/passwd",
    ],
)
async def test_an_unknown_path_is_404_in_v1s_shape(http: ClientSession, path: str) -> None:
    """Everything outside the mall speaks v1."""
    async with http.get(path) as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"], error["outcome"], error["details"]) == (404, "NOT_FOUND", "not_sent", [])
    assert error["request_id"] == response.headers["X-Request-Id"]


@pytest.mark.parametrize(
    "path", ["/api/", "/api/payment-config", "/api/payments/", "/api/v2/payments", "/api/v1x", "/api/orders/1/pay"]
)
async def test_an_unknown_path_under_api_is_404_in_the_malls_envelope(http: ClientSession, path: str) -> None:
    """The HTTP status equals `code`."""
    async with http.get(path) as response:
        assert (response.status, await response.json()) == (404, {"code": 404, "message": "资源不存在", "data": None})


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/v1/payments", "GET, HEAD, POST, OPTIONS"),
        ("DELETE", "/api/v1/payments/p", "GET, HEAD, OPTIONS"),
        ("GET", "/api/v1/payments/p/capture", "POST, OPTIONS"),
        ("POST", "/api/v1/events:watch", "GET, OPTIONS"),
        ("HEAD", "/api/v1/events:watch", "GET, OPTIONS"),
        ("PATCH", "/healthz", "GET, HEAD, OPTIONS"),
    ],
)
async def test_a_wrong_method_is_405_with_allow(http: ClientSession, method: str, path: str, allowed: str) -> None:
    """`Allow` lists what the path takes."""
    async with http.request(method, path) as response:
        assert (response.status, response.headers["Allow"]) == (405, allowed)
        if method != "HEAD":
            assert (await response.json())["error"]["code"] == "METHOD_NOT_ALLOWED"


async def test_a_wrong_method_of_the_mall_comes_in_the_envelope(http: ClientSession) -> None:
    """405 is told as everything else is."""
    async with http.delete("/api/payments") as response:
        assert (response.status, response.headers["Allow"]) == (405, "POST, OPTIONS")
        assert await response.json() == {"code": 405, "message": "不支持的请求方法", "data": None}


async def test_options_tells_what_a_path_takes(http: ClientSession) -> None:
    """Without a browser's question there is no answer for one."""
    async with http.options("/api/v1/payments") as response:
        assert (response.status, response.headers["Allow"], await response.read()) == (
            204,
            "GET, HEAD, POST, OPTIONS",
            b"",
        )
    async with http.options("/api/v1/nothing") as response:
        assert response.status == 404


async def test_head_answers_as_get_without_a_body(server: ScriptedServer, http: ClientSession) -> None:
    """The length is that of the body that GET would send."""
    server.answers("GetPayment", Payment(id="p"))
    async with http.get("/api/v1/payments/p") as response:
        length = response.headers["Content-Length"]
    async with http.head("/api/v1/payments/p") as response:
        assert (response.status, response.headers["Content-Length"], await response.read()) == (200, length, b"")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"amount": ', "the body is not valid JSON: line 1, column 12"),
        (b"[]", "the body must be a JSON object"),
        (b'"x"', "the body must be a JSON object"),
        (b'{"amount": "\xff"}', "the body is not valid UTF-8"),
        (b'{"amount": "1", "amount": "2"}', "amount: appears twice"),
        (b'{"payment_method": {"card": {"numbr": "4242424242424242"}}}', "payment_method.card.numbr: unknown field"),
    ],
)
async def test_a_body_that_cannot_be_read_is_400(
    server: ScriptedServer, http: ClientSession, body: bytes, message: str
) -> None:
    """The message says where, in both dialects; the server is not asked."""
    async with http.post("/api/v1/payments", data=body, headers=JSON) as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"], error["message"], error["outcome"]) == (
        400,
        "VALIDATION_ERROR",
        message,
        "not_sent",
    )
    if not message.startswith("the body"):
        field, _, problem = message.partition(": ")
        assert error["details"] == [{"field": field, "message": problem}]
    async with http.post(
        "/api/orders",
        data=body.replace(b"amount", b"total_amount").replace(b"payment_method", b"unknown"),
        headers=JSON,
    ) as response:
        shown = await response.json()
    assert (response.status, shown["code"], shown["data"]) == (400, 400, None)
    assert server.asked == []


async def test_a_number_for_an_amount_is_an_invalid_amount(http: ClientSession) -> None:
    """A JSON number may have lost digits on its way; the field's own reason says so."""
    async with http.post("/api/v1/payments", data=b'{"amount": 59.49}', headers=JSON) as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"], error["message"]) == (400, "INVALID_AMOUNT", "amount: expected a string")


@pytest.mark.parametrize(
    ("query", "field", "problem"),
    [
        ("colour=red", "colour", "unknown parameter"),
        ("page_token=x", "page_token", "unknown parameter"),
        ("pagE=1", "pagE", "unknown parameter"),
        ("page=1&page=2", "page", "appears twice"),
        ("page=", "page", "expected an integer from -2147483648 to 2147483647"),
        ("page=1.0", "page", "expected an integer from -2147483648 to 2147483647"),
        ("page=99999999999", "page", "expected an integer from -2147483648 to 2147483647"),
        ("order=ASC", "order", "expected one of asc, desc"),
        ("sort=", "sort", "expected one of created_at, amount"),
        ("created_after=2024-01-15", "created_after", "expected a time such as 2024-01-15T10:01:30Z"),
        ("created_after.seconds=5", "created_after.seconds", "unknown parameter"),
    ],
)
async def test_a_query_that_cannot_be_read_names_the_parameter(
    http: ClientSession, query: str, field: str, problem: str
) -> None:
    """A filter that were ignored would show the wrong list."""
    async with http.get(f"/api/v1/payments?{query}") as response:
        error = (await response.json())["error"]
    assert (response.status, error["code"], error["details"]) == (
        400,
        "VALIDATION_ERROR",
        [{"field": field, "message": problem}],
    )


async def test_a_query_beside_a_body_is_refused(server: ScriptedServer, http: ClientSession) -> None:
    """With `body: "*"` nothing is left for a query to say."""
    async with http.post("/api/v1/payments/p/capture?amount=1") as response:
        assert (response.status, (await response.json())["error"]["message"]) == (400, "amount: unknown parameter")
    async with http.post("/api/v1/payments/p/capture", json={"id": "q"}) as response:
        assert (response.status, (await response.json())["error"]["message"]) == (400, "id: unknown field")
    assert server.asked == []


async def test_a_query_that_is_no_utf8_is_refused(bridge_port: int) -> None:
    """No field could hold it."""
    [response] = await exchange(
        bridge_port, b"GET /api/v1/payments?gateway=%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    )
    assert (response.status, response.json["error"]["message"]) == (400, "the query is not valid UTF-8")


async def test_a_body_where_none_is_taken_is_refused(server: ScriptedServer, http: ClientSession) -> None:
    """Whoever sends one means something by it; an empty object means nothing."""
    server.answers("GetPayment", Payment())
    async with http.request("GET", "/api/v1/payments/p", json={"expand": 1}) as response:
        assert (response.status, (await response.json())["error"]["message"]) == (400, "body: this call takes none")
    async with http.request("GET", "/api/v1/payments/p", json={}) as response:
        assert response.status == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=gbk",
        "application/jsonp",
        "",
    ],
)
async def test_a_body_of_another_type_is_415(http: ClientSession, content_type: str) -> None:
    """A form is not guessed at."""
    async with http.post("/api/v1/payments", data=b"{}", headers={"Content-Type": content_type}) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "content_type", ["application/json", "Application/JSON; charset=UTF-8", 'application/json;charset="utf-8"']
)
async def test_json_in_utf8_is_taken_however_it_is_declared(
    server: ScriptedServer, http: ClientSession, content_type: str
) -> None:
    """Media types know no case."""
    server.answers("CreatePayment", Payment())
    async with http.post("/api/v1/payments", data=b"{}", headers={"Content-Type": content_type}) as response:
        assert response.status == 201


async def test_a_compressed_body_is_415(http: ClientSession) -> None:
    """Nothing is unpacked that might grow."""
    async with http.post(
        "/api/v1/payments", data=b"\x1f\x8b", headers={**JSON, "Content-Encoding": "gzip"}
    ) as response:
        assert response.status == 415


async def test_a_body_of_the_limit_is_taken(server: ScriptedServer, http: ClientSession) -> None:
    """One mebibyte, to the byte."""
    server.answers("CreatePayment", Payment())
    async with http.post("/api/v1/payments", data=b"{}".ljust(MEBIBYTE), headers=JSON) as response:
        assert response.status == 201


@pytest.mark.parametrize(
    ("path", "place", "code"),
    [("/api/v1/payments", ("error", "code"), "PAYLOAD_TOO_LARGE"), ("/api/orders", ("code",), 413)],
)
async def test_a_body_over_the_limit_is_413(bridge_port: int, path: str, place: tuple[str, ...], code: object) -> None:
    """By its length before it is read, and by its bytes where no length is given."""
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nConnection: close\r\n".encode()
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    [promised] = await exchange(bridge_port, head + b"Content-Length: 1048577\r\n\r\n", b" " * 1048577, expected=1)
    [chunked] = await exchange(
        bridge_port, head + b"Transfer-Encoding: chunked\r\n\r\n", chunk * 17, b"0\r\n\r\n", expected=1
    )
    for response in (promised, chunked):
        assert response.status == 413
        assert reduce(getitem, place, response.json) == code


async def test_a_chunked_body_is_read(server: ScriptedServer, bridge_port: int) -> None:
    """A length is not required."""
    server.answers("CreatePayment", Payment())
    head = b"POST /api/v1/payments HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    [response] = await exchange(bridge_port, head, b'10\r\n{"currency": "US\r\n', b'3\r\nD"}\r\n0\r\n\r\n')
    assert response.status == 201
    assert server.asked[0].request.currency == "USD"


async def test_a_broken_transfer_encoding_is_400(bridge_port: int) -> None:
    """In the error shape too."""
    head = b"POST /api/v1/payments HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    responses = await exchange(bridge_port, head, b"zz\r\n{}\r\n0\r\n\r\n")
    assert [(response.status, response.json["error"]["code"]) for response in responses] == [(400, "VALIDATION_ERROR")]


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
        b"GET /api/v1/payments HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 200 + b"\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\nA: b\rc\r\n\r\n",
    ],
)
async def test_what_is_no_http_is_400_in_the_error_shape(
    bridge_port: int, sent: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """It is answered, the connection closed, and nothing of it logged."""
    [response] = await exchange(bridge_port, sent)
    assert (response.status, response.json["error"]["code"], response.headers["connection"]) == (
        400,
        "VALIDATION_ERROR",
        "close",
    )
    assert "x-request-id" in response.headers
    assert caplog.text == ""


async def test_a_transfer_encoding_in_http_1_0_is_400(bridge_port: int) -> None:
    """HTTP/1.0 has none: a proxy in front may have taken what follows for the body, and must not be answered a second request (RFC 9112, 6.1)."""
    head = b"GET /healthz HTTP/1.0\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n"
    smuggled = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    responses = await exchange(bridge_port, head + smuggled)
    assert [(response.status, response.headers["connection"]) for response in responses] == [(400, "close")]


async def test_a_caller_who_asks_first_is_told_to_go_on(server: ScriptedServer, bridge_port: int) -> None:
    """`Expect: 100-continue`, as curl sends it with larger bodies; a body that is too large is refused instead."""
    server.answers("CreatePayment", Payment())
    head = b"POST /api/v1/payments HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nConnection: close\r\n"
    first, second = await exchange(bridge_port, head + b"Content-Length: 2\r\n\r\n", b"{}")
    assert (first.status, second.status) == (100, 201)
    [refused] = await exchange(bridge_port, head + b"Content-Length: 9999999\r\n\r\n", expected=1)
    assert refused.status == 413


async def test_connections_are_kept_and_requests_may_be_sent_ahead(server: ScriptedServer, bridge_port: int) -> None:
    """Answers come in the order of the requests."""
    server.answers("GetPayment", Payment())
    request = b"GET /api/v1/payments/%d HTTP/1.1\r\nHost: x\r\nX-Request-Id: r%d\r\n\r\n"
    responses = await exchange(bridge_port, b"".join(request % (number, number) for number in range(5)), expected=5)
    assert [response.headers["x-request-id"] for response in responses] == ["r0", "r1", "r2", "r3", "r4"]


async def test_a_caller_who_hangs_up_cancels_the_call(server: ScriptedServer, bridge_port: int) -> None:
    """The server is told at once that nobody waits any more."""
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def wait(_request: object, _context: object) -> Payment:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    server.replies["GetPayment"] = wait
    _, writer = await asyncio.open_connection("127.0.0.1", bridge_port)
    writer.write(b"GET /api/v1/payments/p HTTP/1.1\r\nHost: x\r\n\r\n")
    await asyncio.wait_for(begun.wait(), 5)
    writer.close()
    await asyncio.wait_for(cancelled.wait(), 5)


async def test_every_call_has_a_deadline(server: ScriptedServer, http: ClientSession) -> None:
    """The server knows how long its caller waits."""
    server.answers("GetPayment", Payment())
    async with http.get("/api/v1/payments/p") as response:
        await response.read()
    assert 50 < server.asked[0].seconds_left < 61
