"""The payout service: from the contract to an operation and back."""

from server.domain.errors import PayoutNotFound
from server.operations.payouts import PayoutOperations
from server.rpc.call import current_call
from server.rpc.convert import payouts as convert
from server.rpc.convert.fields import uuid_or
from sycee.v1 import payout_service_pb2 as pb
from sycee.v1.payout_service_pb2_grpc import PayoutServiceServicer


class PayoutServicer(PayoutServiceServicer):
    """Sends money to the bank; the contract says what each call does."""

    def __init__(self, payouts: PayoutOperations) -> None:
        self._payouts = payouts

    async def ListPayouts(self, request: pb.ListPayoutsRequest, _context: object) -> pb.ListPayoutsResponse:
        query = convert.query(request)
        return convert.page(await self._payouts.list(current_call().caller, query), query, request)

    async def GetPayout(self, request: pb.GetPayoutRequest, _context: object) -> pb.Payout:
        payout_id = uuid_or(request.id, PayoutNotFound())
        return convert.payout(await self._payouts.get(current_call().caller, payout_id))

    async def CreatePayout(self, request: pb.CreatePayoutRequest, _context: object) -> pb.Payout:
        return convert.payout(await self._payouts.create(current_call(), convert.create_command(request)))

    async def CancelPayout(self, request: pb.CancelPayoutRequest, _context: object) -> pb.Payout:
        payout_id = uuid_or(request.id, PayoutNotFound())
        return convert.payout(await self._payouts.cancel(current_call(), payout_id))
