"""The balance service: from the contract to an operation and back."""

from server.operations.balances import BalanceOperations
from server.operations.verifying import Verifying
from server.rpc.call import current_call
from server.rpc.convert import balances as convert
from sycee.v1 import balance_service_pb2 as pb
from sycee.v1.balance_service_pb2_grpc import BalanceServiceServicer


class BalanceServicer(BalanceServiceServicer):
    """Shows balances and what moved them, and proves the books; the contract says what each call does."""

    def __init__(self, balances: BalanceOperations, verifying: Verifying) -> None:
        self._balances = balances
        self._verifying = verifying

    async def GetBalance(self, request: pb.GetBalanceRequest, _context: object) -> pb.Balance:
        return convert.balance(await self._balances.balance(current_call().caller, convert.gateway(request)))

    async def ListBalanceTransactions(
        self, request: pb.ListBalanceTransactionsRequest, _context: object
    ) -> pb.ListBalanceTransactionsResponse:
        query = convert.query(request)
        return convert.page(await self._balances.list(current_call().caller, query), query, request)

    async def VerifyLedger(self, _request: pb.VerifyLedgerRequest, _context: object) -> pb.LedgerVerification:
        return convert.verification(await self._verifying.verify(current_call()))
