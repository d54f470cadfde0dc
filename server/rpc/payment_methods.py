"""The payment method service: from the contract to an operation and back."""

from uuid import UUID

from google.protobuf.empty_pb2 import Empty

from server.operations.saved_methods import SavedMethodOperations
from server.rpc.call import current_call
from server.rpc.convert import saved_methods as convert
from server.rpc.convert.payment_methods import method_id
from sycee.v1 import payment_method_service_pb2 as pb
from sycee.v1.payment_method_service_pb2_grpc import PaymentMethodServiceServicer


class PaymentMethodServicer(PaymentMethodServiceServicer):
    """Keeps customers' payment methods; the contract says what each call does."""

    def __init__(self, methods: SavedMethodOperations) -> None:
        self._methods = methods

    async def ListPaymentMethods(
        self, request: pb.ListPaymentMethodsRequest, _context: object
    ) -> pb.ListPaymentMethodsResponse:
        query = convert.query(request)
        return convert.page(await self._methods.list(current_call().caller, query), query, request)

    async def CreatePaymentMethod(self, request: pb.CreatePaymentMethodRequest, _context: object) -> pb.PaymentMethod:
        return convert.method(await self._methods.save(current_call(), convert.save_command(request)))

    async def DeletePaymentMethod(self, request: pb.DeletePaymentMethodRequest, _context: object) -> Empty:
        id = method_id(request.payment_method_id)
        await self._methods.delete(current_call(), UUID(request.customer_id), id)
        return Empty()

    async def SetDefaultPaymentMethod(
        self, request: pb.SetDefaultPaymentMethodRequest, _context: object
    ) -> pb.PaymentMethod:
        id = method_id(request.payment_method_id)
        return convert.method(await self._methods.make_default(current_call(), UUID(request.customer_id), id))
