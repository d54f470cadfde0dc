"""The payment service: from the contract to an operation and back."""

from server.domain.errors import PaymentNotFound
from server.operations.payments import PaymentOperations
from server.operations.resolving import Resolving
from server.rpc.call import current_call
from server.rpc.convert import payments as convert
from server.rpc.convert.fields import uuid_or
from sycee.v1 import payment_service_pb2 as pb
from sycee.v1.payment_service_pb2_grpc import PaymentServiceServicer


class PaymentServicer(PaymentServiceServicer):
    """Takes payments; the contract says what each call does."""

    def __init__(self, payments: PaymentOperations, resolving: Resolving) -> None:
        self._payments = payments
        self._resolving = resolving

    async def CreatePayment(self, request: pb.CreatePaymentRequest, _context: object) -> pb.Payment:
        command = convert.create_command(request)
        return convert.payment(await self._payments.create(current_call(), command))

    async def GetPayment(self, request: pb.GetPaymentRequest, _context: object) -> pb.Payment:
        payment_id = uuid_or(request.id, PaymentNotFound())
        return convert.payment(await self._payments.get(current_call().caller, payment_id))

    async def ListPayments(self, request: pb.ListPaymentsRequest, _context: object) -> pb.ListPaymentsResponse:
        query = convert.query(request)
        return convert.page(await self._payments.list(current_call().caller, query), query, request)

    async def CapturePayment(self, request: pb.CapturePaymentRequest, _context: object) -> pb.Payment:
        command = convert.capture_command(request)
        return convert.payment(await self._payments.capture(current_call(), command))

    async def CancelPayment(self, request: pb.CancelPaymentRequest, _context: object) -> pb.Payment:
        payment_id = uuid_or(request.id, PaymentNotFound())
        return convert.payment(await self._payments.cancel(current_call(), payment_id))

    async def ResolvePayment(self, request: pb.ResolvePaymentRequest, _context: object) -> pb.Payment:
        payment_id = uuid_or(request.id, PaymentNotFound())
        return convert.payment(await self._resolving.resolve(current_call(), payment_id, convert.resolution(request)))
