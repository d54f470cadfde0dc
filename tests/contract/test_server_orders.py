"""Orders and callbacks through a real server: who may, what they are told, and what the customer's address is."""

import json
import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import grpc
import jwt
import pytest
import pytest_asyncio
from google.api.httpbody_pb2 import HttpBody

from server.domain.access import Role
from server.rpc.callbacks import CallbackServicer
from server.rpc.orders import OrderServicer
from server.rpc.tokens import Tokens
from sycee.v1 import callback_service_pb2 as callback_pb
from sycee.v1 import order_service_pb2 as pb
from sycee.v1.callback_service_pb2_grpc import CallbackServiceStub
from sycee.v1.order_service_pb2_grpc import OrderServiceStub
from tests.mall import Mall
from tests.page_gateway import native
from tests.rpc import Running, a_callers_metadata, refused, serving

if TYPE_CHECKING:
    # In the types only: at run time one class serves both kinds of channel.
    from sycee.v1.callback_service_pb2_grpc import CallbackServiceAsyncStub
    from sycee.v1.order_service_pb2_grpc import OrderServiceAsyncStub

SECRET = b"a shared secret of enough bytes.."


class Shopfront:
    """The mall behind a server, with a token for each who comes."""

    def __init__(self, mall: Mall, running: Running) -> None:
        self.mall = mall
        self.running = running
        self.orders: OrderServiceAsyncStub = OrderServiceStub(running.channel)
        self.callbacks: CallbackServiceAsyncStub = CallbackServiceStub(running.channel)
        self._keys = 0

    def by(
        self, user_id: str = "1001", role: Role = Role.USER, *, anew: bool = False, **more: str
    ) -> grpc.aio.Metadata:
        """A user's metadata; `anew` with a key of its own, for what changes something."""
        claims = {"sub": user_id, "role": role.value, "exp": int(time.time()) + 600}
        self._keys += anew
        key = f"key-{self._keys}" if anew else None
        return a_callers_metadata(jwt.encode(claims, SECRET, algorithm="HS256"), key, **more)

    async def order(self, user_id: str = "1001") -> pb.Order:
        request = pb.CreateOrderRequest(total_amount="100.00", subject="ingots")
        return await self.orders.CreateOrder(request, metadata=self.by(user_id, anew=True))

    async def post(
        self, fields: dict[str, str], gateway: str = "", **headers: str
    ) -> callback_pb.ReceiveCallbackResponse:
        """A callback, from nobody who has a credential."""
        body = HttpBody(content_type="application/json", data=json.dumps(fields).encode())
        return await self.callbacks.ReceiveCallback(
            callback_pb.ReceiveCallbackRequest(gateway=gateway, body=body, headers=headers)
        )


@pytest_asyncio.fixture
async def shopfront() -> AsyncIterator[Shopfront]:
    mall = Mall()
    servicers = (
        OrderServicer(mall.orders, mall.checkouts, mall.cancelling),
        CallbackServicer(mall.callbacks),
    )
    async with serving(*servicers, store=mall.store, tokens=Tokens("HS256", SECRET)) as running:
        yield Shopfront(mall, running)


async def test_an_order_from_its_wish_to_its_end(shopfront: Shopfront) -> None:
    """Created, checked out, paid by a callback, shipped, completed."""
    order = await shopfront.order()
    assert (order.id, order.total_amount, order.currency, order.status) == (1, "100.00", "CNY", pb.ORDER_STATUS_PENDING)
    request = pb.CheckoutOrderRequest(order_id=order.id, gateway="alipay")
    checkout = await shopfront.orders.CheckoutOrder(request, metadata=shopfront.by(anew=True))
    assert checkout == pb.Checkout(
        payment_url=f"https://alipay.example/{order.order_no}", order_no=order.order_no, gateway="alipay"
    )
    shopfront.mall.alipay.customer_pays(order.order_no)
    told = await shopfront.post(shopfront.mall.alipay.told(order.order_no))
    assert (told.status, told.order.status) == (200, pb.ORDER_STATUS_PAID)
    admin = Role.ADMIN
    shipped = await shopfront.orders.ShipOrder(pb.ShipOrderRequest(id=1), metadata=shopfront.by("1", admin, anew=True))
    assert shipped.status == pb.ORDER_STATUS_SHIPPED
    ended = pb.CompleteOrderRequest(id=1)
    completed = await shopfront.orders.CompleteOrder(ended, metadata=shopfront.by("1", admin, anew=True))
    assert completed == await shopfront.orders.GetOrder(pb.GetOrderRequest(id=1), metadata=shopfront.by())
    assert completed.status == pb.ORDER_STATUS_COMPLETED


async def test_a_repeated_call_is_one_order(shopfront: Shopfront) -> None:
    """Under its idempotency key."""
    metadata, request = shopfront.by(anew=True), pb.CreateOrderRequest(total_amount="1.00")
    first = await shopfront.orders.CreateOrder(request, metadata=metadata)
    assert await shopfront.orders.CreateOrder(request, metadata=metadata) == first
    assert list(shopfront.mall.tables.orders) == [1]


async def test_users_see_their_own_orders(shopfront: Shopfront) -> None:
    """Others' do not exist for them; an administrator sees everybody's, a key those of the user that it names."""
    mine, others = await shopfront.order("1001"), await shopfront.order("1002")
    theirs = pb.GetOrderRequest(id=others.id)
    assert (await refused(shopfront.orders.GetOrder(theirs, metadata=shopfront.by()))).reason == "ORDER_NOT_FOUND"
    cancel = shopfront.orders.CancelOrder(pb.CancelOrderRequest(id=others.id), metadata=shopfront.by(anew=True))
    assert (await refused(cancel)).reason == "ORDER_NOT_FOUND"
    checkout = pb.CheckoutOrderRequest(order_id=others.id, gateway="alipay")
    answer = await refused(shopfront.orders.CheckoutOrder(checkout, metadata=shopfront.by(anew=True)))
    assert answer.reason == "ORDER_NOT_FOUND"

    async def listed(metadata: grpc.aio.Metadata, user_id: str | None = None) -> list[int]:
        page = await shopfront.orders.ListOrders(pb.ListOrdersRequest(user_id=user_id), metadata=metadata)
        return [order.id for order in page.items]

    assert await listed(shopfront.by()) == [mine.id]
    assert await listed(shopfront.by("1", Role.ADMIN)) == [others.id, mine.id]
    assert await listed(shopfront.running.metadata(), "1002") == [others.id]
    unnamed = shopfront.orders.ListOrders(pb.ListOrdersRequest(), metadata=shopfront.running.metadata())
    assert (await refused(unnamed)).violations == [("user_id", "is required of an API key")]


async def test_users_ship_nothing(shopfront: Shopfront) -> None:
    """Nor complete."""
    await shopfront.order()
    ship = shopfront.orders.ShipOrder(pb.ShipOrderRequest(id=1), metadata=shopfront.by(anew=True))
    assert (await refused(ship)).reason == "PERMISSION_DENIED"
    complete = shopfront.orders.CompleteOrder(pb.CompleteOrderRequest(id=1), metadata=shopfront.by(anew=True))
    assert (await refused(complete)).reason == "PERMISSION_DENIED"


@pytest.mark.parametrize(
    ("named", "passed_on", "heard"),
    [
        (None, "192.0.2.1", "192.0.2.1"),
        ("198.51.100.7", "192.0.2.1", "198.51.100.7"),
        (None, "192.0.2.1, 10.0.0.1", "192.0.2.1"),
    ],
)
async def test_the_customers_address_reaches_the_gateway(
    shopfront: Shopfront, named: str | None, passed_on: str, heard: str
) -> None:
    """The one that the caller names, else the one that was passed on."""
    order = await shopfront.order()
    request = pb.CheckoutOrderRequest(
        order_id=order.id, gateway="wechat", channel=pb.CHECKOUT_CHANNEL_H5, client_ip=named
    )
    await shopfront.orders.CheckoutOrder(request, metadata=shopfront.by(anew=True, x_forwarded_for=passed_on))
    (shown,) = shopfront.mall.wechat.shown.values()
    assert shown.attempt.request["client_ip"] == heard


async def test_without_an_address_the_channel_is_refused(shopfront: Shopfront) -> None:
    """The connection's own address says nothing of a customer."""
    order = await shopfront.order()
    request = pb.CheckoutOrderRequest(order_id=order.id, gateway="wechat", channel=pb.CHECKOUT_CHANNEL_H5)
    answer = await refused(shopfront.orders.CheckoutOrder(request, metadata=shopfront.by(anew=True)))
    assert [field for field, _ in answer.violations] == ["client_ip"]


async def test_an_operator_reads_explains_and_replays_callbacks(shopfront: Shopfront) -> None:
    """A mistyped key was corrected: the stored callback pays the order."""
    order, gateway = await shopfront.order(), shopfront.mall.alipay
    checkout = pb.CheckoutOrderRequest(order_id=order.id, gateway="alipay")
    await shopfront.orders.CheckoutOrder(checkout, metadata=shopfront.by(anew=True))
    gateway.customer_pays(order.order_no)
    genuine, gateway.secret = gateway.told(order.order_no), "mistyped"
    answered = await shopfront.post(genuine, "alipay", **native("alipay"))
    assert (answered.status, answered.raw.data) == (400, b"refused")
    gateway.secret = "genuine"
    operator = shopfront.running.metadata()
    listed = await shopfront.callbacks.ListCallbacks(callback_pb.ListCallbacksRequest(), metadata=operator)
    (kept,) = listed.data
    assert (kept.decision, listed.pagination.total) == (callback_pb.CALLBACK_DECISION_REJECTED, 1)
    named = callback_pb.GetCallbackRequest(id=kept.id)
    assert await shopfront.callbacks.GetCallback(named, metadata=operator) == kept
    why = await shopfront.callbacks.ExplainCallback(callback_pb.ExplainCallbackRequest(id=kept.id), metadata=operator)
    assert {check.result for check in why.checks} == {callback_pb.CHECK_RESULT_PASSED}
    replay = callback_pb.ReplayCallbackRequest(id=kept.id)
    replayed = await shopfront.callbacks.ReplayCallback(replay, metadata=shopfront.running.metadata("key-replay"))
    assert (replayed.decision, replayed.attempts) == (callback_pb.CALLBACK_DECISION_APPLIED, 2)
    assert shopfront.mall.tables.orders[order.id].status == "paid"


async def test_users_read_no_callbacks(shopfront: Shopfront) -> None:
    """They tell of everybody's payments."""
    call = shopfront.callbacks.ListCallbacks(callback_pb.ListCallbacksRequest(), metadata=shopfront.by())
    assert (await refused(call)).reason == "PERMISSION_DENIED"


@pytest.mark.parametrize("callback_id", ["", "1", "0190a1b2-c3d4-7e5f-8061-728394a5b6c7"])
async def test_a_callback_that_cannot_be_does_not_exist(shopfront: Shopfront, callback_id: str) -> None:
    """Whether its id could be one or not."""
    call = shopfront.callbacks.GetCallback(
        callback_pb.GetCallbackRequest(id=callback_id), metadata=shopfront.running.metadata()
    )
    assert (await refused(call)).reason in {"CALLBACK_NOT_FOUND", "VALIDATION_ERROR"}
