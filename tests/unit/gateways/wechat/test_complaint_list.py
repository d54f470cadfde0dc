"""WeChat Pay's list of complaints: asked for by thirty days at most, and what on it is about an order of the merchant's."""

from datetime import date, datetime, timedelta
from typing import Any, cast

import pytest

from gateways.dispute_lists import MOST_LISTED, MOST_PAGES
from gateways.wechat.failures import Failure, Why
from gateways.wechat.fields import Malformed
from gateways.wechat.v3.api import V3Api
from gateways.wechat.v3.complaint_list import PAGE, ComplaintPage
from gateways.wechat.v3.complaints import Complaint
from gateways.wechat.v3.telling import Telling
from server.domain.dispute_list import DisputeSighting, UnreadableDispute
from tests.clock_and_ids import StoppedClock
from tests.unit.gateways.wechat.test_complaints import NOON, a_complaint

MCH_ID = "1900012181"


def read(*entries: dict[str, Any]) -> ComplaintPage:
    return ComplaintPage.read({"data": list(entries), "limit": PAGE, "offset": 0}, MCH_ID, NOON)


def test_a_complaint_is_told_whole() -> None:
    """With the numbers of its order, ours and WeChat Pay's, and when it was made."""
    ((made_at, dispute),) = read(a_complaint()).disputes
    report = Complaint.read(a_complaint(), NOON).report
    assert dispute == DisputeSighting(report, "20190906154617947762231", "4200000404201909069117582536")
    assert made_at.isoformat() == "2015-05-20T05:29:35.120000+00:00"


def test_what_is_no_order_of_the_merchants_is_passed_over() -> None:
    """A service of WeChat Pay's own, and another merchant's."""
    page = read(a_complaint(complaint_order_info=None), a_complaint(complainted_mchid="1900000000"))
    assert page == ComplaintPage((), is_last=True)


def test_a_complaint_that_cannot_be_read_holds_up_no_other() -> None:
    """It is named, so that somebody can look it up."""
    page = read(a_complaint(complaint_state="LOST"), a_complaint(complaint_time=None))
    unreadable, readable = (dispute for _, dispute in page.disputes)
    assert unreadable == UnreadableDispute("200201820200101080076610000")
    assert isinstance(readable, DisputeSighting)


def test_a_full_page_is_not_the_last() -> None:
    """Whatever is on it; one without complaints need not name them."""
    assert not read(*[a_complaint(complaint_order_info=None)] * PAGE).is_last
    assert read(*[a_complaint()] * (PAGE - 1)).is_last
    assert ComplaintPage.read({"limit": PAGE, "offset": 0}, MCH_ID, NOON).is_last


@pytest.mark.parametrize("wrong", [{"data": {}}, {"data": ["x"]}])
def test_what_is_no_page_is_not_read(wrong: dict[str, Any]) -> None:
    """Nothing is guessed."""
    with pytest.raises(Malformed):
        ComplaintPage.read(wrong, MCH_ID, NOON)


class Pages:
    """A WeChat Pay that has this page for every question, or these first."""

    def __init__(self, always: ComplaintPage | Failure, *first: ComplaintPage | Failure) -> None:
        self._always = always
        self._first = list(first)
        self.asked: list[tuple[date, date, int]] = []

    async def complaint_page(self, first: date, last: date, offset: int, _: datetime) -> ComplaintPage | Failure:
        self.asked.append((first, last, offset))
        assert len(self.asked) <= MOST_PAGES, "there is no end of it"
        return self._first.pop(0) if self._first else self._always


def telling(pages: Pages) -> Telling:
    return Telling(cast("V3Api", pages), StoppedClock())


NOW = StoppedClock().now()


async def test_a_long_time_is_asked_for_in_parts() -> None:
    """Thirty days each, counted in Beijing, without a gap and without an overlap."""
    pages = Pages(read())
    assert await telling(pages).listed(NOW - timedelta(days=120)) == []
    assert pages.asked[0][1] - pages.asked[-1][0] == timedelta(days=120)
    assert all(last - first < timedelta(days=30) for first, last, _ in pages.asked)
    for (later, _, _), (_, earlier, _) in zip(pages.asked, pages.asked[1:], strict=False):
        assert later - earlier == timedelta(days=1)


async def test_every_page_of_some_days_is_asked_for() -> None:
    """Behind one another; oldest first is what comes of it."""
    newer = a_complaint(complaint_id="2", complaint_time="2026-03-01T12:00:00+08:00")
    pages = Pages(read(a_complaint(complaint_id="1")), read(*[newer] * PAGE))
    found = await telling(pages).listed(NOW)
    assert [offset for _, _, offset in pages.asked] == [0, PAGE]
    assert [each.gateway_dispute_id for each in found or ()] == ["1", *["2"] * PAGE]


async def test_a_page_that_is_missing_makes_no_list() -> None:
    """What was read of it is read again."""
    assert await telling(Pages(Failure(Why.LOST), read(*[a_complaint()] * PAGE))).listed(NOW) is None


async def test_a_list_without_an_end_ends() -> None:
    """With the newest."""
    assert len(await telling(Pages(read(*[a_complaint()] * PAGE))).listed(NOW) or ()) == MOST_LISTED


async def test_pages_of_what_is_not_the_merchants_make_no_list_without_an_end() -> None:
    """They are counted over all days that are asked for: what stands behind them is not known, though one was found before."""
    others = read(*[a_complaint(complainted_mchid="1900000000")] * PAGE)
    pages = Pages(others, read(a_complaint()))
    assert await telling(pages).listed(NOW - timedelta(days=120)) is None
    assert len(pages.asked) == MOST_PAGES
    last = Pages(read(), *[others] * (MOST_PAGES - 2), read(a_complaint()))
    assert len(await telling(last).listed(NOW) or ()) == 1
