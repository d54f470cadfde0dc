"""Orders, between the contract and the domain."""

from server.domain.listing import OrderFilter, OrderQuery, Page
from server.domain.order import Order, OrderStatus
from server.domain.outcomes import NextActionKind
from server.domain.payment import Payment
from server.operations.commands import CheckoutOrder, CreateOrder
from server.rpc.convert.fields import numbers_of, timestamp, words_of
from server.rpc.convert.page_tokens import cursor_of, page_token
from server.rpc.convert.pages import PER_PAGE
from server.rpc.convert.payments import next_action
from sycee.v1 import order_service_pb2 as pb

_STATUS_NUMBERS = numbers_of(OrderStatus, pb.OrderStatus, "ORDER_STATUS")
_STATUSES = words_of(OrderStatus, pb.OrderStatus, "ORDER_STATUS")
_CHANNELS = {
    pb.CHECKOUT_CHANNEL_PAGE: "page",
    pb.CHECKOUT_CHANNEL_WAP: "wap",
    pb.CHECKOUT_CHANNEL_NATIVE: "native",
    pb.CHECKOUT_CHANNEL_H5: "h5",
    pb.CHECKOUT_CHANNEL_JSAPI: "jsapi",
}
_CURRENCY = "CNY"


def order(stored: Order) -> pb.Order:
    """An order as callers see it."""
    return pb.Order(
        id=stored.id,
        order_no=stored.order_no,
        user_id=stored.user_id,
        total_amount=str(stored.total),
        currency=stored.total.currency,
        subject=stored.subject,
        status=_STATUS_NUMBERS[stored.status],
        payment_gateway=stored.payment_gateway,
        paid_at=timestamp(stored.paid_at) if stored.paid_at else None,
        created_at=timestamp(stored.created_at),
        updated_at=timestamp(stored.updated_at),
        uuid=str(stored.uuid),
    )


def owner(request: pb.GetOrderRequest | pb.CancelOrderRequest) -> str | None:
    """Whose order it must be, if the caller says."""
    return request.user_id if request.HasField("user_id") else None


def create_command(request: pb.CreateOrderRequest) -> CreateOrder:
    """What the caller wants to buy."""
    return CreateOrder(
        total_amount=request.total_amount,
        currency=request.currency if request.HasField("currency") else _CURRENCY,
        subject=request.subject or None,
        user_id=request.user_id if request.HasField("user_id") else None,
    )


def checkout_command(request: pb.CheckoutOrderRequest, callers_address: str | None) -> CheckoutOrder:
    """Where the caller wants to pay; without an address of the customer it is the caller's own."""
    return CheckoutOrder(
        order_id=request.order_id,
        gateway=request.gateway,
        channel=_CHANNELS.get(request.channel),
        openid=request.openid or None,
        client_ip=request.client_ip or callers_address,
        return_url=request.return_url or None,
        cancel_url=request.cancel_url or None,
        user_id=request.user_id if request.HasField("user_id") else None,
    )


def checkout(stored: Order, payment: Payment) -> pb.Checkout:
    """Where the customer pays; what no URL says is a next action."""
    action = payment.next_action
    shown = action is not None and action.kind is NextActionKind.INVOKE_SDK
    return pb.Checkout(
        payment_url=(action.url or "") if action else "",
        order_no=stored.order_no,
        gateway=payment.gateway,
        next_action=next_action(action) if action is not None and shown else None,
    )


def query(request: pb.ListOrdersRequest) -> OrderQuery:
    """Which page of which orders. Raises ValidationError for a token of another list."""
    return OrderQuery(
        filter=OrderFilter(
            user_id=request.user_id if request.HasField("user_id") else None,
            status=_STATUSES[request.status] if request.HasField("status") else None,
        ),
        page=request.page or 1,
        per_page=request.per_page or PER_PAGE,
        after=cursor_of(request.page_token, request) if request.page_token else None,
    )


def page(found: Page[Order], asked: OrderQuery, request: pb.ListOrdersRequest) -> pb.ListOrdersResponse:
    """A page of orders with where it stands and how to go on."""
    numbered = found.total is not None
    return pb.ListOrdersResponse(
        items=[order(item) for item in found.items],
        page=asked.page if numbered else 0,
        per_page=asked.per_page,
        total=found.total or 0,
        next_page_token=page_token(found.next, request),
    )
