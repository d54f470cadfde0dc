"""Settles what gateways hold: money whose day has come moves from the pending to the available balance."""

from datetime import UTC

from server.domain.balance import Due
from server.domain.clock import Clock, whole_seconds
from server.domain.ids import Ids
from server.domain.ledger import Posting
from server.domain.ports import Store, Transaction

_AT_ONCE = 100


class BalanceSettling:
    """One posting for each merchant, gateway, currency and day, however many payments it is of. Any number of replicas may settle at once."""

    def __init__(self, store: Store, clock: Clock, ids: Ids) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids

    async def settle_due(self) -> int:
        """Settles some of what is due, the earliest first; says how many days' money that was, 0 when nothing is due."""
        today = self._clock.now().astimezone(UTC).date()
        due = await self._store.read(lambda tx: tx.ledger.due(today, _AT_ONCE))
        for each in due:
            await self._settle(each)
        return len(due)

    async def _settle(self, due: Due) -> None:
        def settle(tx: Transaction) -> None:
            money = tx.ledger.lock_due(due)
            if not money.amount_minor:
                return
            settled_id, at = self._ids.new(), whole_seconds(self._clock.now())
            settlement = Posting.settlement(settled_id, due.gateway, money, due.available_on)
            tx.ledger.post(due.merchant_id, settlement, settled_id, at)
            # Nothing is left of that day now, and it goes.
            tx.ledger.lock_due(due)

        await self._store.transaction(settle)
