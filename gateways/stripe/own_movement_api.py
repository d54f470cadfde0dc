"""Stripe's call about what it moves on the account's balance by itself."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import stripe

from gateways.stripe.failures import Failure
from gateways.stripe.lists import PAGE, newest
from gateways.stripe.own_movements import TYPES, listed, oldest_first
from gateways.stripe.payout_api import Ask
from server.domain.own_movement import ListedMovement

if TYPE_CHECKING:
    from stripe.params import BalanceTransactionListParams

_MOST_LISTED = 1_000


class OwnMovementApi:
    """Balance transactions that belong to no charge, refund, dispute or payout."""

    def __init__(self, client: stripe.StripeClient, ask: Ask, timeout_seconds: float) -> None:
        self._transactions = client.v1.balance_transactions
        self._ask = ask
        self._timeout_seconds = timeout_seconds

    async def list(self, since: datetime) -> list[ListedMovement] | Failure:
        """Those since, oldest first, of each type the newest thousand. A list for each type: that of all types has every charge."""
        found: list[Mapping[str, object]] = []
        for type in TYPES:
            of_type = await self._of_type(type, since)
            if isinstance(of_type, Failure):
                return of_type
            found.extend(of_type)
        movements = (listed(fields) for fields in sorted(found, key=oldest_first))
        return [movement for movement in movements if movement is not None]

    async def _of_type(self, type: str, since: datetime) -> Sequence[Mapping[str, object]] | Failure:
        params: BalanceTransactionListParams = {
            "created": {"gte": int(since.timestamp())},
            "type": type,
            "limit": PAGE,
        }

        async def collect() -> Sequence[Mapping[str, object]]:
            async with asyncio.timeout(self._timeout_seconds):
                found = await newest(self._transactions.list_async(params), _MOST_LISTED)
                return [transaction.to_dict() for transaction in found]

        return await self._ask(collect, lambda found: found, harmless=True)
