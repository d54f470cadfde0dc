"""HTTP itself, on v1's paths: bodies, methods, paths, request ids, CORS; every refusal in v1's error shape."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Mapping
from uuid import uuid4

import aiohttp
import pytest
from multidict import CIMultiDict

from server.commands.rest_client import Answer, RestClient
from server.commands.running import Development
from tests.e2e.installation import SHOP
from tests.e2e.wishes import PAYMENTS, authorised, paid, refusal, wish

JSON = {"Content-Type": "application/json"}
MEBIBYTE = 1024 * 1024


async def sent(rest: RestClient, body: bytes, headers: Mapping[str, str] = JSON) -> Answer:
    return await rest.send("POST", PAYMENTS, body, headers)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"not json",
        b"[]",
        b'"text"',
        b"null",
        b"5",
        b"{}{}",
        b'{"amount": "5",}',
        b"{'amount': '5'}",
        b'{"amount": NaN}',
        b'{"amount": Infinity}',
        b'{"amount": "\xff"}',
        b'{"amount": "\\ud800"}',
        b"\xef\xbb\xbf{}",
        b'{"a":' * 100_000,
        b"amount=5&currency=USD",
        b"\x00" * 10,
    ],
    ids=lambda body: repr(body[:20]),
)
async def test_malformed_json_is_400(rest: RestClient, body: bytes) -> None:
    """VALIDATION_ERROR, and nothing of it is repeated."""
    told = refusal(await sent(rest, body))
    assert (told.status, told.code, told.outcome, told.details) == (400, "VALIDATION_ERROR", "not_sent", [])


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ('{"amount": "5", "amount": "6"}', "amount"),
        ('{"amount": "5", "payment_method": {"type": "card", "type": "card"}}', "payment_method.type"),
        ('{"metadata": {"a": "1", "a": "1"}}', "metadata.a"),
        ('{"amount": "5", "\\u0061mount": "6"}', "amount"),
        ('{"payment_method": {"card": {"number": "1", "number": "2"}}}', "payment_method.card.number"),
    ],
)
async def test_duplicate_keys_are_refused_by_name(rest: RestClient, body: str, path: str) -> None:
    """At any depth: nobody could say which one counts."""
    told = refusal(await sent(rest, body.encode()))
    assert (told.status, told.code, told.fields) == (400, "VALIDATION_ERROR", [path])


async def test_an_empty_body_lacks_what_is_required(rest: RestClient) -> None:
    """As `{}` does; the required fields are named."""
    for body in (b"", b"{}"):
        told = refusal(await sent(rest, body))
        assert told.status == 400
        assert {"amount", "currency", "payment_method"} <= set(told.fields)


def padded(size: int) -> bytes:
    """A request of exactly that many bytes, with spaces that say nothing."""
    body = json.dumps(wish()).encode()
    return body[:-1] + b" " * (size - len(body)) + b"}"


async def test_a_body_of_a_mebibyte_is_taken_and_one_byte_more_is_413(rest: RestClient) -> None:
    """PAYLOAD_TOO_LARGE in the error shape."""
    assert (await sent(rest, padded(MEBIBYTE))).status == 201
    told = refusal(await sent(rest, padded(MEBIBYTE + 1)))
    assert (told.status, told.code, told.outcome) == (413, "PAYLOAD_TOO_LARGE", "not_sent")


async def test_a_body_that_does_not_say_its_size_has_the_same_limit(
    service: Development, http: aiohttp.ClientSession
) -> None:
    """Chunked transfer, without a Content-Length."""

    async def chunks(size: int) -> AsyncIterator[bytes]:
        body = padded(size)
        for start in range(0, len(body), 65536):
            yield body[start : start + 65536]

    headers = {"Authorization": f"Bearer {service.secret_key}", **JSON}
    for size, status in ((2000, 201), (MEBIBYTE + 1, 413)):
        async with http.post(service.http + PAYMENTS, data=chunks(size), headers=headers) as answer:
            assert answer.status == status


async def test_a_file_has_a_limit_of_its_own(rest: RestClient) -> None:
    """6 MiB for the whole form."""
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    told = refusal(await rest.send("POST", "/api/v1/files", b"-" * (6 * MEBIBYTE + 1), form))
    assert (told.status, told.code) == (413, "PAYLOAD_TOO_LARGE")
    told = refusal(await rest.send("POST", "/api/v1/files", b"-" * 2 * MEBIBYTE, form))
    assert (told.status, told.code) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/xml"},
        {"Content-Type": "application/json; charset=iso-8859-1"},
        {"Content-Type": "application/json", "Content-Encoding": "br"},
    ],
    ids=str,
)
async def test_another_media_type_is_415(rest: RestClient, headers: dict[str, str]) -> None:
    """UNSUPPORTED_MEDIA_TYPE."""
    told = refusal(await sent(rest, json.dumps(wish()).encode(), headers))
    assert (told.status, told.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


async def test_a_compressed_body_is_415(service: Development, http: aiohttp.ClientSession) -> None:
    """A mebibyte could unfold to anything."""
    headers = {"Authorization": f"Bearer {service.secret_key}", "Content-Encoding": "gzip", **JSON}
    body = gzip.compress(json.dumps(wish()).encode())
    async with http.post(service.http + PAYMENTS, data=body, headers=headers) as answer:
        assert answer.status == 415


@pytest.mark.parametrize(
    "headers", [{}, JSON, {"Content-Type": "application/json; charset=utf-8"}, {"Content-Type": "Application/JSON"}]
)
async def test_json_may_be_declared_in_any_usual_way(rest: RestClient, headers: dict[str, str]) -> None:
    """Or not at all, as there is nothing else that it could be."""
    assert (await sent(rest, json.dumps(wish()).encode(), headers)).status == 201


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", PAYMENTS, {"GET", "HEAD", "POST", "OPTIONS"}),
        ("PUT", PAYMENTS, {"GET", "HEAD", "POST", "OPTIONS"}),
        ("PATCH", f"{PAYMENTS}/1", {"GET", "HEAD", "OPTIONS"}),
        ("POST", f"{PAYMENTS}/1", {"GET", "HEAD", "OPTIONS"}),
        ("GET", f"{PAYMENTS}/1/capture", {"POST", "OPTIONS"}),
        ("GET", f"{PAYMENTS}/1/cancel", {"POST", "OPTIONS"}),
        ("POST", "/healthz", {"GET", "HEAD", "OPTIONS"}),
        ("PROPFIND", PAYMENTS, {"GET", "HEAD", "POST", "OPTIONS"}),
    ],
)
async def test_a_wrong_method_is_405_with_allow(rest: RestClient, method: str, path: str, allowed: set[str]) -> None:
    """METHOD_NOT_ALLOWED, and the methods that the path takes."""
    answer = await rest.send(method, path)
    told = refusal(answer)
    assert (told.status, told.code, told.outcome) == (405, "METHOD_NOT_ALLOWED", "not_sent")
    assert set(answer.headers["Allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    "path",
    [
        *("/", "/api/v1", "/api/v1/", "/api/v1/unknown", "/v1/payments", f"{PAYMENTS}/", f"{PAYMENTS}/1/"),
        *(f"{PAYMENTS}/1/refund", f"{PAYMENTS}//capture", "//api/v1/payments", "/API/v1/payments", "/favicon.ico"),
        *("/api/v1/../v1/unknown", "/api/v1/%2e%2e/payments", "/sycee.v1.PaymentService/GetPayment"),
    ],
)
async def test_an_unknown_path_is_404(rest: RestClient, path: str) -> None:
    """NOT_FOUND, for a known caller as for an unknown one."""
    for caller in (rest, rest.by(None)):
        told = refusal(await caller.get(path))
        assert (told.status, told.code, told.outcome) == (404, "NOT_FOUND", "not_sent")


async def test_a_payment_that_does_not_exist_is_404(rest: RestClient) -> None:
    """PAYMENT_NOT_FOUND, for what cannot be an id as well."""
    for payment_id in (uuid4(), "1", "550e8400e29b41d4a716446655440200", "%20", "a%2Fb", "x" * 1000, "订单"):
        told = refusal(await rest.get(f"{PAYMENTS}/{payment_id}"))
        assert (told.status, told.code, told.outcome, told.retry_safe) == (404, "PAYMENT_NOT_FOUND", "not_sent", False)


async def test_an_id_has_no_case(rest: RestClient) -> None:
    """UUIDs are compared as such."""
    payment = await paid(rest)
    assert (await rest.get(f"{PAYMENTS}/{payment['id'].upper()}")).json == payment


async def test_head_answers_like_get_without_the_body(rest: RestClient) -> None:
    """The same status and length."""
    payment = await paid(rest)
    head, get = [await rest.send(method, f"{PAYMENTS}/{payment['id']}") for method in ("HEAD", "GET")]
    assert (head.status, head.body) == (200, b"")
    assert head.headers["Content-Length"] == get.headers["Content-Length"] == str(len(get.body))
    assert (await rest.send("HEAD", f"{PAYMENTS}/{uuid4()}")).status == 404


async def test_a_read_takes_no_unknown_parameters(rest: RestClient) -> None:
    """On a path without any, each is unknown; so they are beside a body."""
    payment = await authorised(rest)
    assert refusal(await rest.get(f"{PAYMENTS}/{payment['id']}", expand="card")).fields == ["expand"]
    told = refusal(await rest.send("POST", f"{PAYMENTS}/{payment['id']}/capture", query={"amount": "1"}))
    assert (told.status, told.fields) == (400, ["amount"])


async def every_kind_of_answer(rest: RestClient, headers: Mapping[str, str]) -> dict[str, Answer]:
    """One of each, whoever makes it: the service, the bridge, the bridge before it has found a path."""
    payment = await authorised(rest)
    big = {**headers, **JSON}
    requests = {
        "200": rest.send("GET", f"{PAYMENTS}/{payment['id']}", headers=headers),
        "201": rest.send("POST", PAYMENTS, json.dumps(wish()).encode(), big),
        "400 bridge": rest.send("POST", PAYMENTS, b"{", big),
        "400 service": rest.send("POST", PAYMENTS, json.dumps(wish(amount="0")).encode(), big),
        "401": rest.by(None).send("GET", PAYMENTS, headers=headers),
        "404 service": rest.send("GET", f"{PAYMENTS}/{uuid4()}", headers=headers),
        "404 bridge": rest.send("GET", "/api/v1/unknown", headers=headers),
        "404 mall": rest.send("GET", "/api/unknown", headers=headers),
        "405": rest.send("DELETE", PAYMENTS, headers=headers),
        "413": rest.send("POST", PAYMENTS, padded(MEBIBYTE + 1), big),
        "501": rest.send("GET", "/api/v1/balance", headers=headers),
        "health": rest.send("GET", "/healthz", headers=headers),
        "metrics": rest.send("GET", "/metrics", headers=headers),
    }
    return dict(zip(requests, await asyncio.gather(*requests.values()), strict=True))


async def test_every_answer_carries_a_request_id(rest: RestClient) -> None:
    """A new one for each request that brings none."""
    answers = await every_kind_of_answer(rest, {})
    given = [answer.headers["X-Request-Id"] for answer in answers.values()]
    assert len(set(given)) == len(given)


async def test_the_callers_own_request_id_comes_back(rest: RestClient) -> None:
    """In the header, and in the error."""
    answers = await every_kind_of_answer(rest, {"X-Request-Id": "order-1001/try~2"})
    assert {answer.headers["X-Request-Id"] for answer in answers.values()} == {"order-1001/try~2"}
    errors = [answer for name, answer in answers.items() if answer.status >= 400 and name != "404 mall"]
    assert {refusal(answer).request_id for answer in errors} == {"order-1001/try~2"}


@pytest.mark.parametrize("request_id", ["", " ", "two words", "x" * 129, "ключ", "a\tb"])
async def test_a_request_id_that_is_not_sane_is_replaced(rest: RestClient, request_id: str) -> None:
    """It goes into logs, so it must be short and visible."""
    answer = await rest.send("GET", f"{PAYMENTS}/{uuid4()}", headers={"X-Request-Id": request_id})
    assert answer.headers["X-Request-Id"] != request_id
    assert refusal(answer).request_id == answer.headers["X-Request-Id"]


async def test_an_allowed_origin_is_named_on_every_answer(rest: RestClient) -> None:
    """Errors too, so that a page can read why; what it may read beside the body is exposed."""
    answers = await every_kind_of_answer(rest, {"Origin": SHOP})
    for answer in answers.values():
        assert answer.headers["Access-Control-Allow-Origin"] == SHOP
        assert answer.headers["Vary"] == "Origin"
        exposed = set(answer.headers["Access-Control-Expose-Headers"].split(", "))
        assert {"X-Request-Id", "Idempotent-Replayed", "Retry-After"} <= exposed


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "https://shop.example.evil.example", "null", "http://shop.example"]
)
async def test_another_origin_is_not(rest: RestClient, origin: str) -> None:
    """The answer is the same, but a browser will not show it to the page."""
    for answer in (await every_kind_of_answer(rest, {"Origin": origin})).values():
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert answer.headers["Vary"] == "Origin"


async def test_a_preflight_is_answered(rest: RestClient) -> None:
    """Without a credential: 204 with what the page may send."""
    asked = {
        "Origin": SHOP,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,idempotency-key",
    }
    answer = await rest.by(None).send("OPTIONS", PAYMENTS, headers=asked)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
    assert "POST" in answer.headers["Access-Control-Allow-Methods"].split(", ")
    allowed = {name.lower() for name in answer.headers["Access-Control-Allow-Headers"].split(", ")}
    assert {"authorization", "content-type", "idempotency-key", "x-request-id"} <= allowed
    denied = await rest.by(None).send("OPTIONS", PAYMENTS, headers=asked | {"Origin": "https://evil.example"})
    assert not any(name.startswith("Access-Control-Allow") for name in denied.headers)


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [("Idempotency-Key", 400, "VALIDATION_ERROR"), ("Authorization", 401, "UNAUTHENTICATED")],
)
async def test_a_header_that_comes_twice_is_refused(
    service: Development, http: aiohttp.ClientSession, name: str, status: int, code: str
) -> None:
    """Nobody could say which one counts."""
    headers = CIMultiDict({"Authorization": f"Bearer {service.secret_key}", "Idempotency-Key": str(uuid4())})
    headers.add(name, headers[name])
    async with http.post(service.http + PAYMENTS, json=wish(), headers=headers) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (status, code)


async def test_answers_are_kept_by_no_cache(rest: RestClient) -> None:
    """They hold payments."""
    assert (await rest.get(PAYMENTS)).headers["Cache-Control"] == "no-store"
