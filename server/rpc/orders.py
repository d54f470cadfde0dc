"""The order service: from the contract to an operation and back."""

from server.operations.checkout import Checkout
from server.operations.order_cancelling import OrderCancelling
from server.operations.orders import OrderOperations
from server.rpc.call import current_call
from server.rpc.callers_address import callers_address
from server.rpc.convert import orders as convert
from server.rpc.exchange import Context
from sycee.v1 import order_service_pb2 as pb
from sycee.v1.order_service_pb2_grpc import OrderServiceServicer


class OrderServicer(OrderServiceServicer):
    """Keeps the mall's orders; the contract says what each call does."""

    def __init__(self, orders: OrderOperations, checkout: Checkout, cancelling: OrderCancelling) -> None:
        self._orders = orders
        self._checkout = checkout
        self._cancelling = cancelling

    async def CreateOrder(self, request: pb.CreateOrderRequest, _context: object) -> pb.Order:
        return convert.order(await self._orders.create(current_call(), convert.create_command(request)))

    async def GetOrder(self, request: pb.GetOrderRequest, _context: object) -> pb.Order:
        return convert.order(await self._orders.get(current_call().caller, request.id, convert.owner(request)))

    async def ListOrders(self, request: pb.ListOrdersRequest, _context: object) -> pb.ListOrdersResponse:
        query = convert.query(request)
        return convert.page(await self._orders.list(current_call().caller, query), query, request)

    async def CancelOrder(self, request: pb.CancelOrderRequest, _context: object) -> pb.Order:
        return convert.order(await self._cancelling.cancel(current_call(), request.id, convert.owner(request)))

    async def ShipOrder(self, request: pb.ShipOrderRequest, _context: object) -> pb.Order:
        return convert.order(await self._orders.ship(current_call(), request.id))

    async def CompleteOrder(self, request: pb.CompleteOrderRequest, _context: object) -> pb.Order:
        return convert.order(await self._orders.complete(current_call(), request.id))

    async def CheckoutOrder(self, request: pb.CheckoutOrderRequest, context: Context) -> pb.Checkout:
        command = convert.checkout_command(request, callers_address(context))
        return convert.checkout(*await self._checkout.check_out(current_call(), command))
