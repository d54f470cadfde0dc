"""Stripe's calls about disputes: each method is one call, and gives what Stripe answered or why it did not."""

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

import stripe

from gateways.dispute_lists import MOST_LISTED
from gateways.stripe.disputes import listed
from gateways.stripe.failures import Failure
from gateways.stripe.lists import PAGE, newest
from gateways.stripe.payout_api import Ask
from gateways.stripe.replies import AnsweredDispute
from server.domain.dispute_list import ListedDispute

if TYPE_CHECKING:
    from stripe.params import DisputeListParams, DisputeUpdateParams


class DisputeApi:
    """Disputes of the account's charges."""

    def __init__(self, client: stripe.StripeClient, ask: Ask, timeout_seconds: float) -> None:
        self._disputes = client.v1.disputes
        self._ask = ask
        self._timeout_seconds = timeout_seconds

    async def update(self, dispute_id: str, params: "DisputeUpdateParams") -> AnsweredDispute | Failure:
        return await self._ask(lambda: self._disputes.update_async(dispute_id, params), AnsweredDispute.read)

    async def retrieve(self, dispute_id: str) -> AnsweredDispute | Failure:
        return await self._ask(lambda: self._disputes.retrieve_async(dispute_id), AnsweredDispute.read, harmless=True)

    async def list(self, since: datetime) -> list[ListedDispute] | Failure:
        """Every dispute that was opened since, newest first. Of very many the newest alone."""
        params: DisputeListParams = {"created": {"gte": int(since.timestamp())}, "limit": PAGE}

        async def collect() -> list[ListedDispute]:
            async with asyncio.timeout(self._timeout_seconds):
                found = await newest(self._disputes.list_async(params), MOST_LISTED)
                return [listed(dispute.to_dict()) for dispute in found]

        return await self._ask(collect, lambda found: found, harmless=True)
