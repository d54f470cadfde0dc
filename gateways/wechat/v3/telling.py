"""Tells of complaints by WeChat Pay's list of them, which is asked for by days."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from gateways.dispute_lists import MOST_LISTED, MOST_PAGES
from gateways.wechat.failures import Failure
from gateways.wechat.times import beijing_day
from gateways.wechat.v3.api import V3Api
from gateways.wechat.v3.complaint_list import PAGE
from server.domain.clock import Clock
from server.domain.dispute_list import ListedDispute

# A call may span thirty days, the first and the last one counted.
_SPAN = timedelta(days=29)
_A_DAY = timedelta(days=1)


class Telling:
    """The list tells all of each complaint, and nothing of when it last changed: it is the truth at the time at which it was asked for."""

    def __init__(self, api: V3Api, clock: Clock) -> None:
        self._api = api
        self._clock = clock

    async def listed(self, since: datetime) -> Sequence[ListedDispute] | None:
        """Oldest first, from the beginning of a day. Pages can be full of what is not the merchant's."""
        found: list[tuple[datetime, ListedDispute]] = []
        pages = 0
        for first, last in _spans(beijing_day(since), beijing_day(self._clock.now())):
            offset = 0
            while len(found) < MOST_LISTED:
                if pages == MOST_PAGES:
                    return None
                pages += 1
                page = await self._api.complaint_page(first, last, offset, self._clock.now())
                if isinstance(page, Failure):
                    return None
                found += page.disputes
                if page.is_last:
                    break
                offset += PAGE
        found.reverse()
        return [dispute for _, dispute in sorted(found, key=lambda each: each[0])]


def _spans(first: date, last: date) -> Iterator[tuple[date, date]]:
    """The days from the first to the last, as few spans as there may be, the newest first."""
    while last >= first:
        begin = max(first, last - _SPAN)
        yield begin, last
        last = begin - _A_DAY
