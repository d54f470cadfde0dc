"""The balance service: from the contract to an operation and back."""

from server.operations.balances import BalanceOperations
from server.rpc.call import current_call
from server.rpc.convert import balances as convert
from sycee.v1 import balance_service_pb2 as pb
from sycee.v1.balance_service_pb2_grpc import BalanceServiceServicer


class BalanceServicer(BalanceServiceServicer):
    """Shows balances and what moved them; the contract says what each call does."""

    def __init__(self, balances: BalanceOperations) -> None:
        self._balances = balances

    async def GetBalance(self, request: pb.GetBalanceRequest, _context: object) -> pb.Balance:
        return convert.balance(await self._balances.balance(current_call().caller, convert.gateway(request)))

    async def ListBalanceTransactions(
        self, request: pb.ListBalanceTransactionsRequest, _context: object
    ) -> pb.ListBalanceTransactionsResponse:
        query = convert.query(request)
        return convert.page(await self._balances.list(current_call().caller, query), query, request)
