"""Tells of complaints: summaries by Alipay's list, and the rest of one by its number."""

from collections.abc import Sequence
from datetime import datetime

from gateways.alipay.complaint_api import ComplaintApi
from gateways.alipay.failures import Failure
from gateways.dispute_lists import MOST_LISTED
from server.domain.clock import Clock
from server.domain.dispute_list import DisputeSighting, ListedDispute


class Telling:
    """By the application's own complaints, whatever they are about: those about no trade are nobody's here."""

    def __init__(self, api: ComplaintApi, seller_id: str | None, clock: Clock) -> None:
        self._api = api
        self._seller_id = seller_id
        self._clock = clock

    async def listed(self, since: datetime) -> Sequence[ListedDispute] | None:
        """Oldest first."""
        found: list[tuple[datetime, ListedDispute]] = []
        until = self._clock.now()
        number = 1
        # Alipay refuses a time that ends before it begins.
        while since <= until and len(found) < MOST_LISTED:
            page = await self._api.page(since, until, number)
            if isinstance(page, Failure):
                return None
            found += page.disputes
            if page.is_last:
                break
            number += 1
        # Alipay gives the newest first, and whole seconds.
        found.reverse()
        found.sort(key=lambda each: each[0])
        return [dispute for _, dispute in found]

    async def shown(self, gateway_dispute_id: str) -> DisputeSighting | None:
        """A complaint; its trade's numbers are nobody's but the seller's."""
        complaint = await self._api.complaint(gateway_dispute_id)
        if isinstance(complaint, Failure):
            return None
        if self._seller_id is not None and complaint.seller_id not in (None, self._seller_id):
            return DisputeSighting(complaint.report)
        return DisputeSighting(complaint.report, complaint.reference, complaint.trade_no)
