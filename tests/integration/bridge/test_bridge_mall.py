"""The mall through the same machinery: one envelope around everything."""

import grpc
from aiohttp import ClientSession
from google.protobuf.timestamp_pb2 import Timestamp

from sycee.v1.config_service_pb2 import EnabledGateway, ListEnabledGatewaysResponse, PaymentConfig
from sycee.v1.order_service_pb2 import (
    CHECKOUT_CHANNEL_H5,
    ORDER_STATUS_PENDING,
    Checkout,
    CheckoutOrderRequest,
    GetOrderRequest,
    ListOrdersResponse,
    Order,
)
from tests.integration.bridge.scripted_server import ScriptedServer


async def test_an_order_is_shown_in_the_envelope(server: ScriptedServer, http: ClientSession) -> None:
    """200 whatever was done, the method's own message, local times."""
    server.answers(
        "CreateOrder",
        Order(
            id=123, order_no="20240115180130001", status=ORDER_STATUS_PENDING, created_at=Timestamp(seconds=1705312890)
        ),
    )
    async with http.post("/api/orders", json={"total_amount": "100.00"}) as response:
        shown = await response.json()
    assert (response.status, shown["code"], shown["message"]) == (200, 200, "创建成功")
    assert (shown["data"]["id"], shown["data"]["status"], shown["data"]["created_at"]) == (
        123,
        "pending",
        "2024-01-15 18:01:30",
    )
    assert shown["data"]["paid_at"] is None


async def test_data_can_be_a_bare_list(server: ScriptedServer, http: ClientSession) -> None:
    """As documented for gateways and configurations."""
    server.answers(
        "ListEnabledGateways", ListEnabledGatewaysResponse(gateways=[EnabledGateway(gateway="alipay", name="支付宝")])
    )
    async with http.get("/api/payments/gateways") as response:
        assert await response.json() == {
            "code": 200,
            "message": "获取成功",
            "data": [{"gateway": "alipay", "name": "支付宝"}],
        }


async def test_data_can_be_a_page(server: ScriptedServer, http: ClientSession) -> None:
    """Orders are listed with their page."""
    server.answers("ListOrders", ListOrdersResponse(page=1, per_page=20))
    async with http.get("/api/orders") as response:
        assert (await response.json())["data"] == {"items": [], "page": 1, "per_page": 20, "total": 0}


async def test_a_configuration_is_saved_as_documented(server: ScriptedServer, http: ClientSession) -> None:
    """A map of strings, and a status that is a number."""
    server.answers("SavePaymentConfig", PaymentConfig(id=1, gateway="alipay", config={"app_id": "2021"}, status=1))
    async with http.post(
        "/api/payment-configs", json={"gateway": "alipay", "config": {"app_id": "2021"}, "status": 1}
    ) as response:
        shown = await response.json()
    assert shown["message"] == "保存成功"
    assert shown["data"]["config"] == {"app_id": "2021"}
    assert dict(server.asked[0].request.config) == {"app_id": "2021"}


async def test_a_checkout_is_asked_for_as_documented(server: ScriptedServer, http: ClientSession) -> None:
    """The order's number is a JSON number."""
    server.answers("CheckoutOrder", Checkout(payment_url="https://pay.example", order_no="2024", gateway="wechat"))
    async with http.post("/api/payments", json={"order_id": 123, "gateway": "wechat", "channel": "h5"}) as response:
        assert await response.json() == {
            "code": 200,
            "message": "支付创建成功",
            "data": {"payment_url": "https://pay.example", "order_no": "2024", "gateway": "wechat"},
        }
    assert server.asked[0].request == CheckoutOrderRequest(order_id=123, gateway="wechat", channel=CHECKOUT_CHANNEL_H5)


async def test_one_reason_can_have_two_faces(server: ScriptedServer, http: ClientSession) -> None:
    """An unknown order is 400 at checkout, 404 when read."""
    for method in ("CheckoutOrder", "GetOrder"):
        server.refuses(method, grpc.StatusCode.NOT_FOUND, "ORDER_NOT_FOUND", "order 123 was not found")
    async with http.post("/api/payments", json={"order_id": 123, "gateway": "alipay"}) as response:
        assert (response.status, await response.json()) == (400, {"code": 400, "message": "订单不存在", "data": None})
    async with http.get("/api/orders/123") as response:
        assert (response.status, await response.json()) == (404, {"code": 404, "message": "资源不存在", "data": None})
    assert server.asked[1].request == GetOrderRequest(id=123)


async def test_what_is_no_order_number_is_no_order(server: ScriptedServer, http: ClientSession) -> None:
    """An order `abc` does not exist, as an order 999 does not; the server is not asked."""
    for number in ("abc", "1.5", "9223372036854775808", "%20"):
        async with http.get(f"/api/orders/{number}") as response:
            assert (response.status, (await response.json())["message"]) == (404, "资源不存在")
    assert server.asked == []


async def test_facts_fill_the_documented_messages(server: ScriptedServer, http: ClientSession) -> None:
    """All missing fields are named."""
    server.refuses(
        "SavePaymentConfig",
        grpc.StatusCode.INVALID_ARGUMENT,
        "CONFIG_FIELDS_MISSING",
        "missing",
        fields="app_id, {message}",
    )
    async with http.post("/api/payment-configs", json={"gateway": "alipay", "config": {}}) as response:
        assert (response.status, (await response.json())["message"]) == (400, "缺少必填字段: app_id, {message}")


async def test_a_validation_error_says_what_is_wrong(http: ClientSession) -> None:
    """The envelope has no details, so its message names the field."""
    async with http.post("/api/orders", json={"total_amount": "1", "currency": 5}) as response:
        assert (response.status, (await response.json())["message"]) == (400, "不支持的货币")
    async with http.post("/api/orders", json={"total_amount": "1", "colour": 5}) as response:
        assert (response.status, (await response.json())["message"]) == (400, "colour: unknown field")


async def test_what_is_not_available_yet_is_501_in_the_envelope(server: ScriptedServer, http: ClientSession) -> None:
    """The contract's calls that this version does not serve."""
    async with http.get("/api/payment-configs") as response:
        assert (response.status, (await response.json())["code"]) == (501, 501)
