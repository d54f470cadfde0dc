"""Stripe's payouts in our words, and its webhooks about them."""

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest

from gateways.stripe.callback import read_webhook
from gateways.stripe.dialect import StripeDialect
from gateways.stripe.keys import later_stop_key, payout_key, stop_key
from gateways.stripe.payouts import report_of
from gateways.stripe.replies import SentMoney
from gateways.stripe.request import payout_params
from server.domain.callback import CheckResult, News, NoNews, PayoutNews
from server.domain.money import Money
from server.domain.payout import Payout, PayoutStatus, Stop
from server.domain.payout_outcomes import PayoutReport
from tests.builders import NOON, an_id
from tests.unit.gateways.stripe.test_callback import SECRET, posted, read, results, signed

MADE, ARRIVES = int(NOON.timestamp()), int(datetime(2024, 1, 17, tzinfo=UTC).timestamp())
REPORT = PayoutReport("po_1", Money(5949, "USD"), PayoutStatus.PENDING, NOON, arrival_date=date(2024, 1, 17))
PAYOUT = Payout(an_id(), "default", Money(1230, "KWD"), "stripe", 1, NOON, NOON, "REF1", gateway_payout_id="po_1")


def a_payout(**changes: Any) -> dict[str, Any]:
    """A Payout of 59.49 USD that Stripe made by itself."""
    return {
        "id": "po_1",
        "object": "payout",
        "amount": 5949,
        "currency": "usd",
        "status": "pending",
        "created": MADE,
        "arrival_date": ARRIVES,
        "failure_code": None,
        "metadata": {},
    } | changes


def news_of(type: str, **changes: Any) -> News | None:
    return read(type, a_payout(**changes)).news


@pytest.mark.parametrize(
    ("type", "status"),
    [
        ("payout.created", PayoutStatus.PENDING),
        ("payout.updated", PayoutStatus.IN_TRANSIT),
        ("payout.paid", PayoutStatus.PAID),
        ("payout.canceled", PayoutStatus.CANCELED),
    ],
)
def test_each_event_tells_where_the_payout_stands(type: str, status: PayoutStatus) -> None:
    """By what the object says of itself."""
    report = PayoutReport("po_1", Money(5949, "USD"), status, NOON, arrival_date=date(2024, 1, 17))
    assert news_of(type, status=status.value) == PayoutNews(report)


def test_a_failed_payout_says_why() -> None:
    """In Stripe's own word, which quotes nothing."""
    news = news_of("payout.failed", status="failed", failure_code="account_closed")
    assert isinstance(news, PayoutNews)
    assert news.report.failure_reason == "The bank did not take the payout: account_closed."


def test_our_number_is_read_from_the_metadata() -> None:
    """Of a payout that was asked for here; an amount below zero is taken from the bank."""
    news = news_of("payout.created", amount=-100, metadata={"sycee_reference": "REF1"})
    assert isinstance(news, PayoutNews)
    assert (news.report.reference, news.report.money) == ("REF1", Money(-100, "USD"))


@pytest.mark.parametrize("type", ["payout.reconciliation_completed", "transfer.created"])
def test_other_events_change_nothing(type: str) -> None:
    """Nor does a status that is not documented."""
    assert isinstance(news_of(type), NoNews)
    assert isinstance(news_of("payout.updated", status="lost_in_space"), NoNews)


def test_a_connected_accounts_payout_is_not_ours() -> None:
    """Its money is that account's, though its webhook comes to the same address under the same secret."""
    event = {"id": "evt_1", "object": "event", "type": "payout.paid", "account": "acct_1"}
    body = json.dumps(event | {"data": {"object": a_payout(status="paid")}})
    assert isinstance(read_webhook(posted(body, signed(body)), SECRET).news, NoNews)


@pytest.mark.parametrize(
    "changes",
    [
        *({"amount": amount} for amount in (0, 10**12, "5949", None, True, 59.49)),
        *({"currency": currency} for currency in ("xxx", None, "")),
        *({"created": created} for created in (-1, 10**18, "now", None)),
        *({"id": id} for id in ("", None, "po_\x00", "po_\ud83d")),
        {"arrival_date": None},
        {"failure_code": "\x00"},
        {"metadata": {"sycee_reference": "REF\x001"}},
    ],
)
def test_what_is_no_payout_is_not_believed(changes: dict[str, Any]) -> None:
    """However rightly it is signed."""
    reading = read("payout.created", a_payout(**changes))
    assert (reading.news, results(reading)["event"]) == (None, CheckResult.FAILED)


def test_a_payout_names_no_payment() -> None:
    """Its credentials are not looked for by one."""
    body = json.dumps({"id": "evt_1", "object": "event", "type": "payout.paid", "data": {"object": a_payout()}})
    assert StripeDialect().reference_in(posted(body, signed(body))) is None
    assert (read("payout.paid", a_payout()).reference, read("payout.paid", a_payout()).event_id) == (None, "evt_1")


def test_a_status_that_is_not_documented_is_no_report() -> None:
    """Nothing is made of it."""
    assert report_of(SentMoney.of(a_payout())) == REPORT
    assert report_of(SentMoney.of(a_payout(status="new"))) is None


def test_a_payout_is_the_same_bytes_for_ever() -> None:
    """In Stripe's unit, with our number."""
    assert payout_params(PAYOUT) == {"amount": 1230, "currency": "kwd", "metadata": {"sycee_reference": "REF1"}}


def test_a_key_belongs_to_one_payout_or_one_order_to_stop_it() -> None:
    """A repeat of the order has one of its own."""
    assert payout_key(PAYOUT) == f"{an_id()}:payout"
    ordered = PAYOUT.begin_stop(an_id(2), NOON)
    assert ordered.stop == Stop(an_id(2), NOON)
    assert stop_key(ordered) == f"{an_id(2)}:stop"
    assert later_stop_key(ordered, NOON) == f"{an_id(2)}:stop:{MADE}"
