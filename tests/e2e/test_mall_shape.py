"""The mall's face, where no call is served yet: every error and every unknown path under `/api/` has its envelope, the status in it the HTTP status."""

import pytest

from server.commands.rest_client import RestClient
from server.commands.running import Development
from tests.e2e.installation import SHOP
from tests.e2e.mall import envelope


@pytest.mark.parametrize("path", ["/api/", "/api/unknown", "/api/payments/", "/api/v2/payments", "/api/orders/1/x"])
async def test_an_unknown_path_is_404_in_the_envelope(rest: RestClient, path: str) -> None:
    """Everything under `/api/` but `/api/v1/` is the mall's."""
    for caller in (rest, rest.by(None)):
        assert envelope(await caller.get(path)) == {"code": 404, "message": "资源不存在", "data": None}


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", "/api/payments", {"POST", "OPTIONS"}),
        ("GET", "/api/payments", {"POST", "OPTIONS"}),
        ("PUT", "/api/payment-configs", {"GET", "HEAD", "POST", "OPTIONS"}),
        ("POST", "/api/payments/gateways", {"GET", "HEAD", "OPTIONS"}),
    ],
)
async def test_a_wrong_method_is_405_in_the_envelope(
    rest: RestClient, method: str, path: str, allowed: set[str]
) -> None:
    """With `Allow`, as in v1."""
    answer = await rest.send(method, path)
    assert (envelope(answer)["code"], envelope(answer)["data"]) == (405, None)
    assert set(answer.headers["Allow"].split(", ")) == allowed


CALLS = [
    ("GET", "/api/payment-configs"),
    ("POST", "/api/payment-configs"),
    ("POST", "/api/payments"),
    ("GET", "/api/payments/gateways"),
    ("POST", "/api/orders"),
    ("GET", "/api/orders"),
    ("GET", "/api/orders/1"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
async def test_nobody_is_401_in_the_envelope(rest: RestClient, method: str, path: str) -> None:
    """`未授权访问`, for no credential as for a wrong one."""
    for bearer in (None, "nonsense", "sk_nobody"):
        answer = await rest.by(bearer).send(method, path)
        assert envelope(answer) == {"code": 401, "message": "未授权访问", "data": None}


@pytest.mark.parametrize(("method", "path"), CALLS[:2])
async def test_a_user_configures_nothing(rest: RestClient, service: Development, method: str, path: str) -> None:
    """403 `无权限访问`: these calls are the administrator's; API keys are of the wrong kind."""
    for bearer in (service.user_token, service.secret_key, service.restricted_key):
        answer = await rest.by(bearer).send(method, path)
        assert envelope(answer) == {"code": 403, "message": "无权限访问", "data": None}


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"a": 1, "a": 2}', "application/json", 400),
        (b'{"colour": "red"}', "application/json", 400),
        (b"<xml/>", "text/xml", 415),
        (b" " * (1024 * 1024 + 1), "application/json", 413),
    ],
    ids=["malformed", "duplicate", "unknown", "type", "size"],
)
async def test_a_body_that_cannot_be_read_is_refused_in_the_envelope(
    rest: RestClient, service: Development, body: bytes, content_type: str, status: int
) -> None:
    """The message says what is wrong."""
    caller = rest.by(service.user_token)
    told = envelope(await caller.send("POST", "/api/payments", body, {"Content-Type": content_type}))
    assert (told["code"], told["data"]) == (status, None)
    assert told["message"]


async def test_request_ids_and_origins_are_the_same_machinery(rest: RestClient) -> None:
    """As on every answer."""
    answer = await rest.send("GET", "/api/unknown", headers={"X-Request-Id": "mine", "Origin": SHOP})
    assert answer.headers["X-Request-Id"] == "mine"
    assert answer.headers["Access-Control-Allow-Origin"] == SHOP
