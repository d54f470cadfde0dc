"""What PayPal's events say, once they are believed."""

import json
from typing import Any

import pytest

from gateways.paypal.events import Event
from server.domain.callback import LookUp, NoNews, PaymentNews, RefundNews
from server.domain.money import Money
from server.domain.outcomes import Approved, Declined, Refunded, RefundFailed, RefundPending, Waiting

AMOUNT = {"currency_code": "USD", "value": "59.49"}
A_CAPTURE = {
    "id": "3C6",
    "status": "COMPLETED",
    "amount": AMOUNT,
    "invoice_id": "R1",
    "supplementary_data": {"related_ids": {"order_id": "5O1"}},
    "create_time": "2026-11-26T18:00:00Z",
}


def an_event(event_type: str, **resource: Any) -> Event:
    return Event.read(json.dumps({"id": "WH-1", "event_type": event_type, "resource": resource}).encode())


@pytest.mark.parametrize(
    ("what", "status", "outcome"),
    [
        ("COMPLETED", "COMPLETED", Approved),
        ("COMPLETED", "REFUNDED", Approved),
        ("COMPLETED", "PENDING", Waiting),
        ("PENDING", "PENDING", Waiting),
        ("DENIED", "DECLINED", Declined),
        ("DECLINED", "FAILED", Declined),
    ],
)
def test_a_capture_says_what_its_status_says(what: str, status: str, outcome: type) -> None:
    """An event may arrive when things have gone on: its name is a hint, the status is the fact."""
    event = an_event(f"PAYMENT.CAPTURE.{what}", **{**A_CAPTURE, "status": status})
    news = event.news()
    assert isinstance(news, PaymentNews)
    assert isinstance(news.outcome, outcome)
    assert news.money == (Money(5949, "USD") if outcome is Approved else None)
    assert (event.reference, event.order_id) == ("R1", "5O1")


@pytest.mark.parametrize(
    "changes",
    [
        {"supplementary_data": {}},
        {"supplementary_data": []},
        {"supplementary_data": {"related_ids": {"order_id": "5O1", "authorization_id": "A"}}},
        {"status": "INVENTED"},
        {"amount": {"currency_code": "USD", "value": "1e9"}},
        {"amount": {"currency_code": "XXY", "value": "1"}},
        {"amount": None},
        {"id": None},
        {"create_time": "yesterday"},
    ],
    ids=str,
)
def test_a_capture_that_says_too_little_is_looked_up(changes: dict[str, Any]) -> None:
    """Nothing is guessed."""
    assert an_event("PAYMENT.CAPTURE.COMPLETED", **{**A_CAPTURE, **changes}).news() == LookUp()


@pytest.mark.parametrize("what", ["ORDER.APPROVED", "ORDER.COMPLETED", "ORDER.VOIDED", "PAYMENT-APPROVAL.REVERSED"])
def test_an_orders_event_makes_us_look(what: str) -> None:
    """It names the payment, and the order itself tells the rest."""
    event = an_event(f"CHECKOUT.{what}", id="5O1", order_id="5O1", purchase_units=[{"invoice_id": "R1"}])
    assert (event.news(), event.reference, event.order_id) == (LookUp(), "R1", "5O1")


@pytest.mark.parametrize("units", [[], [1], "x", None])
def test_an_order_without_a_readable_unit_names_no_payment(units: object) -> None:
    """And does no harm."""
    assert an_event("CHECKOUT.ORDER.APPROVED", id="5O1", purchase_units=units).reference is None


@pytest.mark.parametrize(
    ("status", "outcome"), [("COMPLETED", Refunded), ("PENDING", RefundPending), ("FAILED", RefundFailed)]
)
def test_a_refund_of_ours_is_told_by_its_number(status: str, outcome: type) -> None:
    """Beside it stands the payment's, as we asked PayPal to keep it."""
    resource = {"id": "1JU", "status": status, "amount": AMOUNT, "invoice_id": "RF", "custom_id": "R1"}
    event = an_event("PAYMENT.CAPTURE.REFUNDED", **resource)
    news = event.news()
    assert isinstance(news, RefundNews)
    assert isinstance(news.outcome, outcome)
    assert (news.reference, news.gateway_refund_id, news.money) == ("RF", "1JU", Money(5949, "USD"))
    assert event.reference == "R1"


@pytest.mark.parametrize("custom_id", [None, "0190a5c4-7d3e-7b1c-9f2a-6e1d5c4b3a29"])
def test_a_refund_made_at_paypal_names_the_payment_alone(custom_id: str | None) -> None:
    """It has the payment's own invoice and custom ids."""
    assert an_event("PAYMENT.CAPTURE.REFUNDED", id="1JU", invoice_id="R1", custom_id=custom_id).reference == "R1"


def test_a_reversal_is_no_refund_of_ours() -> None:
    """PayPal took the money back: the number is PayPal's, and none of ours."""
    event = an_event("PAYMENT.CAPTURE.REVERSED", id="1JU", status="COMPLETED", amount=AMOUNT, invoice_id="R1")
    assert event.news() == RefundNews(Refunded("1JU"), None, "1JU", Money(5949, "USD"))


def test_other_events_bring_no_news() -> None:
    """Each kind that is not about payments is taken note of."""
    assert isinstance(an_event("BILLING.PLAN.CREATED").news(), NoNews)
