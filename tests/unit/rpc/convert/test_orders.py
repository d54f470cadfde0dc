"""Orders in the contract's words: every field that an order has is told, and every field that a caller may give is heard."""

from dataclasses import replace
from datetime import timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from server.domain.errors import ValidationError
from server.domain.listing import Cursor, OrderFilter, OrderQuery, Page
from server.domain.order import OrderStatus
from server.domain.outcomes import NextAction, NextActionKind
from server.operations.commands import CheckoutOrder, CreateOrder
from server.rpc.convert import orders as convert
from sycee.v1 import common_pb2 as common
from sycee.v1 import order_service_pb2 as pb
from tests.builders import NOON, a_payment
from tests.unit.domain.test_order import ORDER

PAID = replace(
    ORDER,
    subject="two ingots",
    status=OrderStatus.PAID,
    payment_gateway="alipay",
    paid_at=NOON + timedelta(seconds=1),
    updated_at=NOON + timedelta(seconds=2),
)


def test_an_order_is_told_whole() -> None:
    """Each field with its value."""
    noon = int(NOON.timestamp())
    told = convert.order(PAID)
    assert told == pb.Order(
        id=7,
        uuid=str(PAID.uuid),
        order_no=PAID.order_no,
        user_id="1001",
        total_amount="59.49",
        currency="USD",
        subject="two ingots",
        status=pb.ORDER_STATUS_PAID,
        payment_gateway="alipay",
        paid_at=Timestamp(seconds=noon + 1),
        created_at=Timestamp(seconds=noon),
        updated_at=Timestamp(seconds=noon + 2),
    )
    assert {field.name for field, _ in told.ListFields()} == {field.name for field in pb.Order.DESCRIPTOR.fields}


def test_what_an_order_lacks_is_absent() -> None:
    """Not an empty text."""
    told = convert.order(ORDER)
    assert not any(told.HasField(name) for name in ("subject", "payment_gateway", "paid_at"))


@pytest.mark.parametrize("status", OrderStatus)
def test_every_status_has_its_word(status: OrderStatus) -> None:
    """In both directions."""
    told = convert.order(replace(ORDER, status=status))
    assert pb.OrderStatus.Name(told.status) == f"ORDER_STATUS_{status.name}"
    assert convert.query(pb.ListOrdersRequest(status=told.status)).filter == OrderFilter(status=status)


def test_a_wish_to_buy_is_heard() -> None:
    """Without a currency it is in the mall's own."""
    request = pb.CreateOrderRequest(total_amount="59.49", currency="USD", subject="ingots", user_id="1001")
    whole = CreateOrder(total_amount="59.49", currency="USD", subject="ingots", user_id="1001")
    assert convert.create_command(request) == whole
    assert convert.create_command(pb.CreateOrderRequest(total_amount="1")) == CreateOrder(
        total_amount="1", currency="CNY"
    )


def test_a_checkout_is_heard() -> None:
    """The address of the customer is the one that the caller names, else the one that was passed on."""
    request = pb.CheckoutOrderRequest(
        order_id=7,
        gateway="wechat",
        channel=pb.CHECKOUT_CHANNEL_H5,
        openid="o1",
        return_url="https://mall.example/back",
        cancel_url="https://mall.example/stop",
        client_ip="192.0.2.1",
        user_id="1001",
    )
    assert {field.name for field, _ in request.ListFields()} == {
        field.name for field in pb.CheckoutOrderRequest.DESCRIPTOR.fields
    }
    whole = CheckoutOrder(
        order_id=7,
        gateway="wechat",
        channel="h5",
        openid="o1",
        client_ip="192.0.2.1",
        return_url="https://mall.example/back",
        cancel_url="https://mall.example/stop",
        user_id="1001",
    )
    assert convert.checkout_command(request, "198.51.100.7") == whole
    least = pb.CheckoutOrderRequest(order_id=7, gateway="wechat")
    assert convert.checkout_command(least, "198.51.100.7") == CheckoutOrder(
        order_id=7, gateway="wechat", client_ip="198.51.100.7"
    )
    assert convert.checkout_command(least, None).client_ip is None


@pytest.mark.parametrize("number", [number for number in pb.CheckoutChannel.values() if number])
def test_every_channel_has_its_word(number: int) -> None:
    """A word that the contract adds is one that checkouts know."""
    request = pb.CheckoutOrderRequest(order_id=7, gateway="wechat")
    request.channel = number  # type: ignore[assignment]
    word = convert.checkout_command(request, None).channel
    assert pb.CheckoutChannel.Name(request.channel) == f"CHECKOUT_CHANNEL_{(word or '').upper()}"


def test_a_checkout_tells_where_to_pay() -> None:
    """A page or a code is a URL; what an app must be given is a next action as well."""
    page = a_payment(next_action=NextAction(NextActionKind.REDIRECT, "https://pay.example/1"))
    assert convert.checkout(ORDER, page) == pb.Checkout(
        payment_url="https://pay.example/1", order_no=ORDER.order_no, gateway=page.gateway
    )
    app = replace(page, next_action=NextAction(NextActionKind.INVOKE_SDK, None, (("package", "prepay_id=1"),)))
    told = convert.checkout(ORDER, app)
    assert (told.payment_url, dict(told.next_action.parameters)) == ("", {"package": "prepay_id=1"})
    assert told.next_action.type == common.NEXT_ACTION_TYPE_INVOKE_SDK
    assert convert.checkout(ORDER, replace(page, next_action=None)).payment_url == ""


@pytest.mark.parametrize("kind", [pb.GetOrderRequest, pb.CancelOrderRequest])
def test_an_owner_is_named_or_not(kind: type[pb.GetOrderRequest] | type[pb.CancelOrderRequest]) -> None:
    """An empty name is a name: it is nobody's, and does not stand for everybody."""
    assert convert.owner(kind(id=7)) is None
    assert convert.owner(kind(id=7, user_id="1001")) == "1001"
    assert convert.owner(kind(id=7, user_id="")) == ""


def test_a_list_goes_on_where_it_ended() -> None:
    """By page, or by the token that the last page gave; a token of another user's list is refused."""
    request = pb.ListOrdersRequest(page=2, per_page=1, user_id="1001", status=pb.ORDER_STATUS_PAID)
    query = convert.query(request)
    assert query == OrderQuery(OrderFilter("1001", OrderStatus.PAID), page=2, per_page=1)
    assert convert.query(pb.ListOrdersRequest()) == OrderQuery(OrderFilter())
    told = convert.page(Page((PAID,), 3, Cursor(PAID.uuid)), query, request)
    assert told == pb.ListOrdersResponse(
        items=[convert.order(PAID)], page=2, per_page=1, total=3, next_page_token=told.next_page_token
    )
    behind = pb.ListOrdersRequest(user_id="1001", status=pb.ORDER_STATUS_PAID, page_token=told.next_page_token)
    assert convert.query(behind).after == Cursor(PAID.uuid)
    last = convert.page(Page((), None, None), convert.query(behind), behind)
    assert (last.page, last.total, last.next_page_token) == (0, 0, "")
    with pytest.raises(ValidationError):
        convert.query(pb.ListOrdersRequest(user_id="1002", page_token=told.next_page_token))
