"""What Alipay lists of complaints, and what is made of it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from aiohttp import web

from gateways.alipay.complaint_api import ComplaintApi
from gateways.alipay.complaint_list import ComplaintPage
from gateways.alipay.consumer_api import ConsumerApi
from gateways.alipay.consumer_complaints import ConsumerPage
from gateways.alipay.failures import Failure, Why
from gateways.alipay.telling import Telling
from gateways.alipay.times import from_alipay
from gateways.dispute_lists import MOST_LISTED, MOST_PAGES
from server.domain.dispute_list import DisputeSighting, DisputeSummary, UnreadableDispute
from tests.unit.gateways.alipay.answering import a_reply, answered
from tests.unit.gateways.alipay.merchant import SELLER_ID, a_config
from tests.unit.gateways.alipay.test_complaints import DONE, FORBIDDEN, NUMBER, a_complaint
from tests.unit.gateways.alipay.test_consumer_complaints import a_complaint as a_consumers_complaint

SINCE, NOW = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)
TRADES = "alipay.merchant.tradecomplain.batchquery"
PAGE = 20


def entries(first: int, count: int) -> list[dict[str, Any]]:
    """Complaints as the list has them, newest first: the higher number is the later one."""
    numbers = range(first + count - 1, first - 1, -1)
    listed = [a_complaint(complain_event_id=f"{number:028d}", gmt_create=at(number)) for number in numbers]
    return [
        {name: value for name, value in each.items() if name not in ("trade_amount", "reply_detail_infos")}
        for each in listed
    ]


def at(second: int) -> str:
    return (datetime(2026, 3, 1, 12, tzinfo=UTC) + timedelta(seconds=second)).strftime("%Y-%m-%d %H:%M:%S")


def a_page(infos: list[Any]) -> dict[str, Any]:
    return {**DONE, "page_num": 1, "page_size": PAGE, "trade_complain_infos": infos}


async def listed(
    *pages: Mapping[str, Any], consumers: Mapping[str, Any] = FORBIDDEN
) -> tuple[Any, list[dict[str, Any]]]:
    """What the adapter makes of these pages of trade complaints, an empty one being lost, and what it asked for them; every one is asked for. `consumers` is each page of the other list."""
    left = list(pages)

    def reply(method: str, _parameters: Mapping[str, str]) -> web.StreamResponse:
        page = left.pop(0) if method == TRADES else consumers
        return a_reply(method, json.dumps(page)) if page else web.Response(status=500)

    async with answered(reply, config=a_config(seller_id=SELLER_ID), clock=FixedClock()) as (gateway, answering):
        found = await gateway.disputes(SINCE)
    assert left == []
    return found, [json.loads(call["biz_content"]) for call in answering.calls if call["method"] == TRADES]


class FixedClock:
    """Less than one span after everything here."""

    def now(self) -> datetime:
        return NOW


async def test_every_page_is_read() -> None:
    """Until one is not full; oldest first, in Beijing's time."""
    found, asked = await listed(a_page(entries(PAGE, PAGE)), a_page(entries(PAGE - 3, 3)))
    assert [each.gateway_dispute_id for each in found] == [f"{number:028d}" for number in range(PAGE - 3, 2 * PAGE)]
    assert all(isinstance(each, DisputeSummary) for each in found)
    assert {each.changed_at for each in found} == {from_alipay(a_complaint()["gmt_modified"])}
    assert [call["page_num"] for call in asked] == [1, 2]
    assert {(call["begin_time"], call["end_time"]) for call in asked} == {
        ("2026-03-01 08:00:00", "2026-03-10 08:00:00")
    }


async def test_a_long_time_is_asked_for_in_parts() -> None:
    """The newest first, no second of it twice."""
    asked: list[tuple[str, str]] = []

    def reply(method: str, parameters: Mapping[str, str]) -> web.StreamResponse:
        if method != TRADES:
            content = json.loads(parameters["biz_content"])
            asked.append((content["gmt_complaint_start"], content["gmt_complaint_end"]))
        return a_reply(method, json.dumps(DONE))

    async with answered(reply, clock=FixedClock()) as (gateway, _):
        assert await gateway.disputes(NOW - timedelta(days=70)) == []
        assert len(asked) == 3
        assert await gateway.disputes(NOW + timedelta(days=1)) == []
        assert len(asked) == 3
    assert asked == [
        ("2026-02-08 08:00:00", "2026-03-10 08:00:00"),
        ("2026-01-09 07:59:59", "2026-02-08 07:59:59"),
        ("2025-12-30 08:00:00", "2026-01-09 07:59:58"),
    ]


async def test_an_empty_list_need_not_be_there() -> None:
    """As Alipay leaves out what has nothing in it."""
    assert (await listed({**DONE, "page_num": 1}))[0] == []


async def test_a_list_that_does_not_come_is_not_an_empty_one() -> None:
    """None, whatever is the matter, and though a page of it was read."""
    for wrong in ({}, FORBIDDEN, {**DONE, "trade_complain_infos": {}}, {**DONE, "trade_complain_infos": ["x"]}):
        assert (await listed(wrong))[0] is None
    assert (await listed(a_page(entries(1, PAGE)), {}))[0] is None
    assert (await listed({}, consumers={**DONE, "complaint_list": {}}))[0] is None


async def test_what_one_list_does_not_tell_the_other_may() -> None:
    """An application need not be allowed both, and one of two can be out of order."""
    page = {**DONE, "complaint_list": [a_consumers_complaint()]}
    for wrong in (FORBIDDEN, {}):
        (found,) = (await listed(wrong, consumers=page))[0]
        assert isinstance(found, DisputeSighting)
        assert found.reference == "our-1234"
    both, _ = await listed(a_page(entries(1, 1)), consumers=page)
    assert [type(each) for each in both] == [DisputeSummary, DisputeSighting]


async def test_both_lists_are_one_by_when_complaints_were_made() -> None:
    """Of very many the newest are asked for first, whichever list they are on."""
    earlier = a_consumers_complaint(gmt_complain="2026-03-01 08:00:00")
    both, _ = await listed(a_page(entries(1, 1)), consumers={**DONE, "complaint_list": [earlier]})
    assert [type(each) for each in both] == [DisputeSighting, DisputeSummary]


async def test_a_page_with_other_merchants_complaints_is_not_the_last() -> None:
    """An application may serve several merchants: ours can stand behind theirs."""
    others = [a_consumers_complaint(id=number, opposite_pid="2088000000000000") for number in range(1, PAGE + 1)]
    left = [others, [a_consumers_complaint()]]

    def reply(method: str, _parameters: Mapping[str, str]) -> web.StreamResponse:
        page = FORBIDDEN if method == TRADES else {**DONE, "complaint_list": left.pop(0)}
        return a_reply(method, json.dumps(page))

    async with answered(reply, config=a_config(seller_id=SELLER_ID), clock=FixedClock()) as (gateway, _):
        found = await gateway.disputes(SINCE)
    assert found is not None
    assert [type(each) for each in found] == [DisputeSighting]
    assert left == []


class Pages:
    """One of Alipay's two lists, which has this page for every question, or these first."""

    def __init__(self, always: ComplaintPage | ConsumerPage | Failure, *first: ComplaintPage | ConsumerPage) -> None:
        self._always = always
        self._first = list(first)
        self.asked = 0

    async def page(self, _since: datetime, _until: datetime, _number: int) -> ComplaintPage | ConsumerPage | Failure:
        self.asked += 1
        assert self.asked <= MOST_PAGES, "there is no end of it"
        return self._first.pop(0) if self._first else self._always


NOT_TOLD = Failure(Why.LOST)


def told_by(trades: Pages, consumers: Pages) -> Telling:
    return Telling(cast("ComplaintApi", trades), cast("ConsumerApi", consumers), SELLER_ID, FixedClock())


async def test_pages_of_others_complaints_make_no_list_without_an_end() -> None:
    """They are counted over all spans: what stands behind them is not known, though one was found before. The other list counts for itself."""
    others = ConsumerPage.read({"complaint_list": [a_consumers_complaint(opposite_pid="2088")] * PAGE}, SELLER_ID, NOW)
    ours = ConsumerPage.read({"complaint_list": [a_consumers_complaint()]}, SELLER_ID, NOW)
    endless = Pages(others, ours)
    assert await told_by(Pages(NOT_TOLD), endless).listed(NOW - timedelta(days=70)) is None
    assert endless.asked == MOST_PAGES
    last = Pages(ours, *[others] * (MOST_PAGES - 1))
    assert len(await told_by(Pages(NOT_TOLD), last).listed(SINCE) or ()) == 1
    trade = ComplaintPage.read(a_page(entries(1, 1)))
    assert len(await told_by(Pages(trade), Pages(others)).listed(SINCE) or ()) == 1


@pytest.mark.parametrize("consumers", [NOT_TOLD, ConsumerPage((), is_last=True)])
async def test_a_list_without_an_end_ends(consumers: ConsumerPage | Failure) -> None:
    """With the newest."""
    trades = Pages(ComplaintPage.read(a_page(entries(1, PAGE))))
    assert len(await told_by(trades, Pages(consumers)).listed(SINCE) or ()) == MOST_LISTED


async def test_what_is_not_of_its_form_holds_up_nothing() -> None:
    """It is told of by its number, if it has one."""
    odd = [a_complaint(gmt_modified="now"), a_complaint(complain_event_id=None, gmt_create=None), *entries(1, 1)]
    consumers = [a_consumers_complaint(status="NEW"), a_consumers_complaint(opposite_pid="2088000000000000")]
    found, _ = await listed(a_page(odd), consumers={**DONE, "complaint_list": consumers})
    assert sum(isinstance(each, UnreadableDispute) for each in found) == 3
    assert [type(each) for each in found].count(DisputeSummary) == 1
    assert len(found) == 4


async def shown(answer: Mapping[str, Any]) -> DisputeSighting | None:
    def reply(method: str, _parameters: Mapping[str, str]) -> web.StreamResponse:
        return a_reply(method, json.dumps(answer)) if answer else web.Response(status=500)

    async with answered(reply, config=a_config(seller_id=SELLER_ID)) as (gateway, _):
        return await gateway.dispute(NUMBER)


async def test_the_rest_of_one_names_its_payment() -> None:
    """Another merchant's names none of ours."""
    found = await shown({**DONE, **a_complaint()})
    assert found is not None
    assert (found.gateway_dispute_id, found.reference) == (NUMBER, "20240101123456789")
    assert found.gateway_payment_id == "2020092322001412345678901234"
    others = await shown({**DONE, **a_complaint(target_id="2088000000000000")})
    assert others is not None
    assert (others.reference, others.gateway_payment_id) == (None, None)
    assert await shown({}) is None
