"""The balance at the gateways and what moved it, from the ledger."""

from server.domain.access import Caller
from server.domain.balance import Balance, BalanceTransaction
from server.domain.listing import BalanceQuery, Page
from server.domain.ports import Store


class BalanceOperations:
    """What callers are told of balances. No gateway is asked."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def balance(self, caller: Caller, gateway: str | None) -> Balance:
        """The balance at one gateway or at all of them."""
        return Balance.of(await self._store.read(lambda tx: tx.ledger.sums(caller.merchant_id, gateway)))

    async def list(self, caller: Caller, query: BalanceQuery) -> Page[BalanceTransaction]:
        """A page of what moved the balance, newest first."""
        return await self._store.read(lambda tx: tx.ledger.list(caller.merchant_id, query))
