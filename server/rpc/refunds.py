"""The refund service: from the contract to an operation and back."""

from server.domain.errors import PaymentNotFound, RefundNotFound
from server.operations.refund_resolving import RefundResolving
from server.operations.refunds import RefundOperations
from server.rpc.call import current_call
from server.rpc.convert import refunds as convert
from server.rpc.convert.fields import uuid_or
from sycee.v1 import refund_service_pb2 as pb
from sycee.v1.refund_service_pb2_grpc import RefundServiceServicer


class RefundServicer(RefundServiceServicer):
    """Returns captured money; the contract says what each call does."""

    def __init__(self, refunds: RefundOperations, resolving: RefundResolving) -> None:
        self._refunds = refunds
        self._resolving = resolving

    async def CreateRefund(self, request: pb.CreateRefundRequest, _context: object) -> pb.Refund:
        command = convert.create_command(request)
        return convert.refund(await self._refunds.create(current_call(), command))

    async def GetRefund(self, request: pb.GetRefundRequest, _context: object) -> pb.Refund:
        payment_id = uuid_or(request.payment_id, PaymentNotFound())
        refund_id = uuid_or(request.refund_id, RefundNotFound())
        return convert.refund(await self._refunds.get(current_call().caller, payment_id, refund_id))

    async def ListRefunds(self, request: pb.ListRefundsRequest, _context: object) -> pb.ListRefundsResponse:
        query = convert.query(request)
        return convert.page(await self._refunds.list(current_call().caller, query), query, request)

    async def ResolveRefund(self, request: pb.ResolveRefundRequest, _context: object) -> pb.Refund:
        payment_id = uuid_or(request.payment_id, PaymentNotFound())
        refund_id = uuid_or(request.refund_id, RefundNotFound())
        verdict = convert.resolution(request)
        return convert.refund(await self._resolving.resolve(current_call(), payment_id, refund_id, verdict))
