"""Callbacks: bytes untouched on the way in, the method's own answer on the way out."""

from io import BytesIO

import grpc
import pytest
from aiohttp import ClientSession
from google.api.httpbody_pb2 import HttpBody

from sycee.v1.callback_service_pb2 import ReceiveCallbackResponse
from sycee.v1.order_service_pb2 import ORDER_STATUS_PAID, Order
from tests.integration.bridge.raw_http import exchange
from tests.integration.bridge.scripted_server import ScriptedServer

ANSWER = ReceiveCallbackResponse(status=200, raw=HttpBody(content_type="text/plain", data=b"success"))


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded; charset=gbk", b"a=%C4%E3&a=+1&sign=x%2By"),
        ("text/xml", b"<xml><sign><![CDATA[\xff]]></sign></xml>"),
        ("application/json", b'{"gateway": "alipay", "gateway": "x", '),
        ("", b""),
    ],
)
async def test_the_bytes_arrive_untouched(
    server: ScriptedServer, http: ClientSession, content_type: str, body: bytes
) -> None:
    """A signature covers them as they are, readable or not."""
    server.answers("ReceiveCallback", ANSWER)
    headers = {"Content-Type": content_type, "Wechatpay-Signature": "s=", "Authorization": "Bearer x", "Cookie": "c=1"}
    async with http.post("/api/payments/callback/wechat?anything=goes", data=body, headers=headers) as response:
        assert (response.status, response.headers["Content-Type"], await response.read()) == (
            200,
            "text/plain",
            b"success",
        )
    request = server.asked[0].request
    assert (request.gateway, request.body.data, request.body.content_type) == ("wechat", body, content_type)
    assert request.headers["wechatpay-signature"] == "s="
    assert not {"authorization", "cookie", "connection"} & set(request.headers)


async def test_the_path_need_not_name_the_gateway(server: ScriptedServer, http: ClientSession) -> None:
    """The documented JSON names it itself."""
    server.answers("ReceiveCallback", ReceiveCallbackResponse(order=Order(id=123, status=ORDER_STATUS_PAID)))
    async with http.post("/api/payments/callback", data=b'{"gateway": "alipay"}') as response:
        shown = await response.json()
    assert (response.status, shown["code"], shown["message"], shown["data"]["id"]) == (200, 200, "回调处理成功", 123)
    assert server.asked[0].request.gateway == ""


async def test_the_answers_status_and_headers_are_the_methods(server: ScriptedServer, http: ClientSession) -> None:
    """But for what belongs to HTTP itself."""
    answer = ReceiveCallbackResponse(
        status=204, headers={"X-Gateway": "g", "Content-Length": "99", "X-Request-Id": "forged"}, raw=HttpBody()
    )
    server.answers("ReceiveCallback", answer)
    async with http.post("/api/payments/callback/wechat", data=b"{}", headers={"X-Request-Id": "r"}) as response:
        assert (response.status, response.headers["X-Gateway"], response.headers["X-Request-Id"]) == (204, "g", "r")


async def test_a_refusal_of_the_documented_json_is_the_envelopes(server: ScriptedServer, http: ClientSession) -> None:
    """An unknown order is 400 here."""
    server.refuses("ReceiveCallback", grpc.StatusCode.NOT_FOUND, "ORDER_NOT_FOUND", "No.")
    async with http.post("/api/payments/callback", data=b"{}") as response:
        assert await response.json() == {"code": 400, "message": "订单不存在", "data": None}


async def test_a_callback_over_the_limit_is_413(server: ScriptedServer, http: ClientSession) -> None:
    """Before any signature is looked at."""
    async with http.post("/api/payments/callback/alipay", data=BytesIO(b"x" * (1024 * 1024 + 1))) as response:
        assert (response.status, (await response.json())["code"]) == (413, 413)
    assert server.asked == []


async def test_several_headers_of_one_name_are_one_value(server: ScriptedServer, bridge_port: int) -> None:
    """As HTTP defines it; bytes that are no UTF-8 are replaced."""
    server.answers("ReceiveCallback", ANSWER)
    head = b"POST /api/payments/callback/alipay HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\nX-A: 1\r\nX-A: \xff\r\n\r\nx"
    [response] = await exchange(bridge_port, head)
    assert response.status == 200
    assert server.asked[0].request.headers["x-a"] == "1, \ufffd"
