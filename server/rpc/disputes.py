"""The dispute service: from the contract to an operation and back."""

from server.domain.errors import DisputeNotFound
from server.operations.disputes import DisputeOperations
from server.rpc.call import current_call
from server.rpc.convert import disputes as convert
from server.rpc.convert.fields import uuid_or
from sycee.v1 import dispute_service_pb2 as pb
from sycee.v1.dispute_service_pb2_grpc import DisputeServiceServicer


class DisputeServicer(DisputeServiceServicer):
    """Shows disputes and answers them; the contract says what each call does."""

    def __init__(self, disputes: DisputeOperations) -> None:
        self._disputes = disputes

    async def ListDisputes(self, request: pb.ListDisputesRequest, _context: object) -> pb.ListDisputesResponse:
        query = convert.query(request)
        return convert.page(await self._disputes.list(current_call().caller, query), query, request)

    async def GetDispute(self, request: pb.GetDisputeRequest, _context: object) -> pb.Dispute:
        dispute_id = uuid_or(request.id, DisputeNotFound())
        return convert.dispute(await self._disputes.get(current_call().caller, dispute_id))

    async def SubmitEvidence(self, request: pb.SubmitEvidenceRequest, _context: object) -> pb.Dispute:
        return convert.dispute(await self._disputes.submit(current_call(), convert.submit_command(request)))
