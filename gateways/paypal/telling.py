"""Tells of disputes: summaries by PayPal's list, and the rest of one by its number."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from gateways.dispute_lists import MOST_LISTED, MOST_PAGES
from gateways.paypal.client import PayPalApi
from gateways.paypal.config import MERCHANT_ID
from gateways.paypal.dispute_list import first_page
from gateways.paypal.disputes import ID
from gateways.paypal.failures import Failure
from server.domain.dispute_list import DisputeSighting, ListedDispute


class Telling:
    """PayPal lists the disputes of an account, of what it sold and of what it bought."""

    def __init__(self, api: PayPalApi, config: Mapping[str, str]) -> None:
        self._api = api
        self._merchant_id = config.get(MERCHANT_ID)

    async def listed(self, since: datetime) -> Sequence[ListedDispute] | None:
        """Oldest first. A link to the next page can lead to one without disputes, and back."""
        found: list[ListedDispute] = []
        query = first_page(since)
        for _ in range(MOST_PAGES):
            page = await self._api.dispute_page(query)
            if isinstance(page, Failure):
                return None
            found += page.disputes
            if page.next is None or len(found) >= MOST_LISTED:
                return found[::-1]
            query = page.next
        return None

    async def shown(self, gateway_dispute_id: str) -> DisputeSighting | None:
        """A dispute; its number for the payment is nobody's but the seller's."""
        assert ID.fullmatch(gateway_dispute_id) is not None, "a dispute's number was read by its form"
        dispute = await self._api.dispute(gateway_dispute_id)
        if isinstance(dispute, Failure):
            return None
        sold = self._merchant_id is None or dispute.seller_id in (None, self._merchant_id)
        return DisputeSighting(dispute.report, dispute.reference if sold else None)
