"""The mall over gRPC: the same orders, checkouts and callbacks, under the same rules."""

from typing import TYPE_CHECKING

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2

from server.commands.running import Development
from sycee.v1 import callback_service_pb2 as callback_pb
from sycee.v1 import order_service_pb2 as pb
from sycee.v1.callback_service_pb2_grpc import CallbackServiceStub
from sycee.v1.order_service_pb2_grpc import OrderServiceStub
from tests.e2e.mall import BY_PEN, Mall
from tests.e2e.test_access import a_token

if TYPE_CHECKING:
    # In the types only: at run time one class serves both kinds of channel.
    from sycee.v1.callback_service_pb2_grpc import CallbackServiceAsyncStub
    from sycee.v1.order_service_pb2_grpc import OrderServiceAsyncStub


@pytest.fixture
def orders(channel: grpc.aio.Channel) -> "OrderServiceAsyncStub":
    return OrderServiceStub(channel)


@pytest.fixture
def callbacks(channel: grpc.aio.Channel) -> "CallbackServiceAsyncStub":
    return CallbackServiceStub(channel)


def by(bearer: str) -> grpc.aio.Metadata:
    return grpc.aio.Metadata(("authorization", f"Bearer {bearer}"))


def reason_of(error: grpc.aio.AioRpcError) -> str:
    """The reason that the contract gives for an error."""
    packed = dict(error.trailing_metadata() or ())["grpc-status-details-bin"]
    info = error_details_pb2.ErrorInfo()
    assert any(detail.Unpack(info) for detail in status_pb2.Status.FromString(bytes(packed)).details)
    return info.reason


async def test_an_order_is_one_over_both_faces(
    mall: Mall, service: Development, orders: "OrderServiceAsyncStub"
) -> None:
    """Created over gRPC, paid over REST, read over gRPC with the UUID that its payments have."""
    wish = pb.CreateOrderRequest(total_amount="100.00", subject=BY_PEN)
    order = await orders.CreateOrder(wish, metadata=by(service.user_token))
    assert (order.currency, order.user_id, order.status) == ("CNY", "1001", pb.ORDER_STATUS_PENDING)
    assert (await mall.read(order.id))["order_no"] == order.order_no
    await mall.pay({"id": order.id}, "alipay")
    await mall.send(mall.pens.alipay.message(order.order_no), "alipay")
    paid = await orders.GetOrder(pb.GetOrderRequest(id=order.id), metadata=by(service.user_token))
    assert (paid.status, paid.payment_gateway, paid.uuid) == (pb.ORDER_STATUS_PAID, "alipay", order.uuid)
    (payment,) = (await mall.operator.get("/api/v1/payments", order_id=order.uuid)).json["data"]
    assert (payment["reference"], payment["status"]) == (order.order_no, "succeeded")


@pytest.mark.parametrize(
    ("wish", "code", "reason"),
    [
        ({"order_id": 10**9, "gateway": "alipay"}, grpc.StatusCode.NOT_FOUND, "ORDER_NOT_FOUND"),
        ({"gateway": "unionpay"}, grpc.StatusCode.INVALID_ARGUMENT, "GATEWAY_UNSUPPORTED"),
        (
            {"gateway": "paypal", "channel": pb.CHECKOUT_CHANNEL_PAGE},
            grpc.StatusCode.INVALID_ARGUMENT,
            "VALIDATION_ERROR",
        ),
    ],
)
async def test_a_checkout_is_refused_by_its_reason(
    mall: Mall,
    service: Development,
    orders: "OrderServiceAsyncStub",
    wish: dict[str, int | str],
    code: grpc.StatusCode,
    reason: str,
) -> None:
    """Typed, where REST has a message."""
    order = await mall.order()
    request = pb.CheckoutOrderRequest(**{"order_id": order["id"], **wish})
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await orders.CheckoutOrder(request, metadata=by(service.user_token))
    assert (refused.value.code(), reason_of(refused.value)) == (code, reason)


async def test_another_users_order_does_not_exist(
    mall: Mall, service: Development, orders: "OrderServiceAsyncStub"
) -> None:
    """The same error as for none at all, word for word but for the id."""
    order = await mall.order()
    told, metadata = [], by(a_token(service, sub="1002", role="user"))
    for order_id in (order["id"], 10**9):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await orders.GetOrder(pb.GetOrderRequest(id=order_id), metadata=metadata)
        told.append((refused.value.code(), refused.value.details(), reason_of(refused.value)))
    assert told[0] == told[1]
    assert told[0][0] is grpc.StatusCode.NOT_FOUND


async def test_a_callback_over_grpc_is_judged_alike(
    mall: Mall, service: Development, callbacks: "CallbackServiceAsyncStub"
) -> None:
    """Forged it is refused, genuine it pays, and both are explained."""
    opened = await mall.opened("wechat", BY_PEN)
    genuine = mall.pens.wechat.message(opened.order_no)
    for message, status, order_status in (
        (genuine.with_headers(Wechatpay_Nonce="0" * 32), 400, "pending"),
        (genuine, 204, "paid"),
    ):
        request = callback_pb.ReceiveCallbackRequest(
            gateway="wechat", headers={name.lower(): value for name, value in message.headers.items()}
        )
        request.body.content_type, request.body.data = message.content_type, message.body
        answer = await callbacks.ReceiveCallback(request)
        assert answer.status == status
        assert (await mall.read(opened.id))["status"] == order_status
        listed = await callbacks.ListCallbacks(
            callback_pb.ListCallbacksRequest(gateway="wechat", per_page=1), metadata=by(service.secret_key)
        )
        explained = await callbacks.ExplainCallback(
            callback_pb.ExplainCallbackRequest(id=listed.data[0].id), metadata=by(service.secret_key)
        )
        failed = [check.name for check in explained.checks if check.result == callback_pb.CHECK_RESULT_FAILED]
        assert failed == ([] if status == 204 else ["signature"])
