"""PayPal's list of disputes: summaries with the rank of their reports, and links to further pages that lead nowhere else."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from gateways.dispute_lists import MOST_LISTED, MOST_PAGES
from gateways.paypal.client import PayPalApi
from gateways.paypal.dispute_list import DisputePage, first_page
from gateways.paypal.disputes import PayPalDispute
from gateways.paypal.failures import Failure, Why
from gateways.paypal.replies import UNREADABLE
from gateways.paypal.telling import Telling
from server.domain.dispute_list import DisputeSighting, DisputeSummary, UnreadableDispute
from tests.unit.gateways.paypal.test_disputes import NOON, a_dispute

NEXT = "https://api.example/v1/customer/disputes?page_size=50&next_page_token=a%2Bb%3D"


def a_summary(**changes: Any) -> dict[str, Any]:
    """A dispute as the list has it."""
    left_out = ("disputed_transactions", "seller_response_due_date")
    return {name: value for name, value in a_dispute(**changes).items() if name not in left_out}


def a_page(*items: object, link: object = None) -> dict[str, Any]:
    links = [{"rel": "self", "href": "https://api.example/v1/customer/disputes"}]
    return {"items": list(items), "links": [*links, *([] if link is None else [{"rel": "next", "href": link}])]}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"status": "UNDER_REVIEW"},
        {"status": "RESOLVED", "dispute_outcome": {"outcome_code": "RESOLVED_SELLER_FAVOUR"}},
        {"update_time": "2026-03-01T12:00:00.017Z"},
    ],
)
def test_a_summary_has_the_rank_of_its_report(changes: dict[str, Any]) -> None:
    """So that what is known is told from what is news without asking for it."""
    page = DisputePage.read(a_page(a_summary(**changes)))
    report = PayPalDispute.read(a_dispute(**changes)).report
    changed_at = datetime.fromisoformat(a_dispute(**changes)["update_time"])
    assert page == DisputePage((DisputeSummary("PP-D-12345", report.rank, changed_at),), None)


def test_a_list_of_nothing_may_be_empty() -> None:
    """PayPal's description has no list without an item."""
    assert DisputePage.read({"links": []}) == DisputePage((), None)
    assert DisputePage.read({}) == DisputePage((), None)


@pytest.mark.parametrize("wrong", [{"update_time": "yesterday"}, {"status": None}, {"dispute_id": "../x"}])
def test_a_summary_that_cannot_be_read_holds_up_no_other(wrong: dict[str, Any]) -> None:
    """It is named, so that somebody can look it up."""
    first, second = DisputePage.read(a_page(a_summary(**wrong), a_summary())).disputes
    assert first == UnreadableDispute(wrong.get("dispute_id", "PP-D-12345"))
    assert isinstance(second, DisputeSummary)


def test_of_a_link_only_what_is_asked_counts() -> None:
    """The token goes where it is configured to go."""
    assert DisputePage.read(a_page(link=NEXT)).next == {"page_size": "50", "next_page_token": "a+b="}


@pytest.mark.parametrize("wrong", [a_page("no object"), a_page(link=5), {"items": {}}, {"links": ["x"]}, []])
def test_what_is_no_page_is_not_read(wrong: object) -> None:
    """Nothing is guessed."""
    with pytest.raises(UNREADABLE):
        DisputePage.read(wrong)


class Pages:
    """A PayPal that has these pages, one behind the other, and this dispute."""

    def __init__(self, *pages: DisputePage | Failure, dispute: PayPalDispute | None = None) -> None:
        self._pages = list(pages)
        self._dispute = dispute
        self.asked: list[Mapping[str, str]] = []

    async def dispute_page(self, query: Mapping[str, str]) -> DisputePage | Failure:
        self.asked.append(query)
        return self._pages.pop(0)

    async def dispute(self, _: str) -> PayPalDispute | Failure:
        return self._dispute or Failure(Why.LOST)


def telling(pages: Pages, **config: str) -> Telling:
    return Telling(cast("PayPalApi", pages), config)


async def test_pages_are_asked_for_until_the_last() -> None:
    """By the first one's parameters, then by its link's."""
    pages = Pages(DisputePage.read(a_page(a_summary(), link=NEXT)), DisputePage.read(a_page()))
    assert len(await telling(pages).listed(NOON) or ()) == 1
    assert pages.asked == [first_page(NOON), {"page_size": "50", "next_page_token": "a+b="}]
    assert pages.asked[0] == {"update_time_after": "2026-03-01T12:00:00.000Z", "page_size": "50"}


async def test_a_page_that_is_missing_makes_no_list() -> None:
    """What was read of it is read again."""
    pages = Pages(DisputePage.read(a_page(a_summary(), link=NEXT)), Failure(Why.LOST))
    assert await telling(pages).listed(datetime(2026, 3, 1, tzinfo=UTC)) is None


async def test_a_list_without_an_end_ends() -> None:
    """With the newest."""
    page = DisputePage.read(a_page(*[a_summary()] * 50, link=NEXT))
    pages = Pages(*[page] * 100)
    assert len(await telling(pages).listed(NOON) or ()) == MOST_LISTED


async def test_links_that_lead_to_no_end_make_no_list() -> None:
    """Pages without a dispute, and a link to a next one on each: what stands behind them is not known, though one was found before."""
    some, nothing = DisputePage.read(a_page(a_summary(), link=NEXT)), DisputePage.read(a_page(link=NEXT))
    pages = Pages(some, *[nothing] * (2 * MOST_PAGES))
    assert await telling(pages).listed(NOON) is None
    assert len(pages.asked) == MOST_PAGES
    last = Pages(some, *[nothing] * (MOST_PAGES - 2), DisputePage.read(a_page()))
    assert len(await telling(last).listed(NOON) or ()) == 1


@pytest.mark.parametrize(
    ("configured", "seller", "reference"),
    [
        ({"merchant_id": "A"}, {"merchant_id": "A"}, "ORDER_1"),
        ({"merchant_id": "A"}, {"merchant_id": "B"}, None),
        ({"merchant_id": "A"}, {}, "ORDER_1"),
        ({}, {"merchant_id": "B"}, "ORDER_1"),
    ],
)
async def test_what_the_merchant_bought_is_no_payment_of_ours(
    configured: dict[str, str], seller: dict[str, str], reference: str | None
) -> None:
    """The invoice number is its seller's, and can be any."""
    transaction = {"invoice_number": "ORDER_1", "seller": seller}
    dispute = PayPalDispute.read(a_dispute(disputed_transactions=[transaction]))
    told = await telling(Pages(dispute=dispute), **configured).shown("PP-D-12345")
    assert told == DisputeSighting(dispute.report, reference)


async def test_a_dispute_that_paypal_does_not_tell_of_is_none() -> None:
    """It is asked for again."""
    assert await telling(Pages()).shown("PP-D-12345") is None
