"""Tells of complaints by Alipay's two lists of them: of trade complaints summaries, with the rest of one by its number, and of consumer complaints all."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from datetime import datetime, timedelta

from gateways.alipay.complaint_api import ComplaintApi
from gateways.alipay.complaint_list import ComplaintPage
from gateways.alipay.consumer_api import ConsumerApi
from gateways.alipay.consumer_complaints import ConsumerPage
from gateways.alipay.failures import Failure
from gateways.dispute_lists import MOST_LISTED, MOST_PAGES
from server.domain.clock import Clock
from server.domain.dispute_list import DisputeSighting, ListedDispute

Dated = tuple[datetime, ListedDispute]
Asking = Callable[[datetime, datetime, int], Awaitable[ComplaintPage | ConsumerPage | Failure]]

# Trade complaints are listed for a year at most; how long a time the list of consumer complaints may be asked for is not known.
_SPAN = timedelta(days=30)


class Telling:
    """An application need not be allowed both lists, and each dispute stands for itself: what one list does not tell, the other may."""

    def __init__(self, trades: ComplaintApi, consumers: ConsumerApi, seller_id: str | None, clock: Clock) -> None:
        self._trades = trades
        self._consumers = consumers
        self._seller_id = seller_id
        self._clock = clock

    async def listed(self, since: datetime) -> Sequence[ListedDispute] | None:
        """Oldest first; None when neither list tells."""
        lists = [await self._read(ask, since) for ask in (self._trades.page, self._consumers.page)]
        told = [each for each in lists if each is not None]
        if not told:
            return None
        found = [dated for each in told for dated in each]
        found.sort(key=lambda dated: dated[0])
        return [dispute for _, dispute in found]

    async def shown(self, gateway_dispute_id: str) -> DisputeSighting | None:
        """A trade complaint; its trade's numbers are nobody's but the seller's."""
        complaint = await self._trades.complaint(gateway_dispute_id)
        if isinstance(complaint, Failure):
            return None
        if self._seller_id is not None and complaint.seller_id not in (None, self._seller_id):
            return DisputeSighting(complaint.report)
        return DisputeSighting(complaint.report, complaint.reference, complaint.trade_no)

    async def _read(self, ask: Asking, since: datetime) -> Sequence[Dated] | None:
        """A list, to its end or to the most that is read; None when Alipay does not tell it, or no end of it comes: pages can be full of other merchants' complaints.

        Alipay gives the newest first, in whole seconds: of one second they come in its order.
        """
        found: list[Dated] = []
        pages = 0
        for begin, end in _spans(since, self._clock.now()):
            number = 1
            while len(found) < MOST_LISTED:
                if pages == MOST_PAGES:
                    return None
                pages += 1
                page = await ask(begin, end, number)
                if isinstance(page, Failure):
                    return None
                found += page.disputes
                if page.is_last:
                    break
                number += 1
        return found[::-1]


def _spans(since: datetime, until: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From then until now, as few spans as there may be, the newest first; none where that is over before it begins."""
    end = until
    while end >= since:
        begin = max(since, end - _SPAN)
        yield begin, end
        # Alipay's times have whole seconds, and both ends of a span belong to it.
        end = begin - timedelta(seconds=1)
