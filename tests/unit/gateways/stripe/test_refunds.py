"""Stripe's refunds in our words."""

from dataclasses import replace

import pytest

from gateways.stripe.keys import refund_key
from gateways.stripe.refunds import outcome_of
from gateways.stripe.replies import ReturnedMoney
from gateways.stripe.request import refund_params
from server.domain.outcomes import Refunded, RefundFailed, RefundOutcome, RefundPending, Unknown
from server.domain.refund import RefundReason
from tests.builders import a_payment, a_refund, an_id

PAYMENT = a_payment("1.230", "KWD", captured="1.230")


@pytest.mark.parametrize(
    ("status", "failure_reason", "outcome"),
    [
        ("succeeded", None, Refunded("re_1")),
        ("pending", None, RefundPending("re_1")),
        ("requires_action", None, RefundPending("re_1")),
        ("failed", "lost_or_stolen_card", RefundFailed("Stripe's refund failed: lost_or_stolen_card.", "re_1")),
        ("failed", None, RefundFailed("Stripe's refund failed.", "re_1")),
        ("canceled", "merchant_request", RefundFailed("Stripe's refund was canceled: merchant_request.", "re_1")),
        ("something_new", None, Unknown("Stripe's refund is something_new.")),
    ],
)
def test_each_documented_status_has_its_outcome(
    status: str, failure_reason: str | None, outcome: RefundOutcome
) -> None:
    """One that is not documented says nothing."""
    assert outcome_of(ReturnedMoney("re_1", status, failure_reason, None, replayed=False)) == outcome


def test_a_refund_is_the_same_bytes_for_ever() -> None:
    """Whatever order its metadata came in; our number is one key more, and the amount is in Stripe's unit."""
    refund = replace(a_refund(PAYMENT), reason=RefundReason.DUPLICATE, metadata={"b": "2", "a[0]": "1"})
    params = refund_params(refund, "pi_1")
    assert params == {
        "payment_intent": "pi_1",
        "amount": 1230,
        "reason": "duplicate",
        "metadata": {"a(0)": "1", "b": "2", "sycee_reference": refund.reference},
    }
    again = refund_params(replace(refund, metadata={"a[0]": "1", "b": "2"}), "pi_1")
    assert str(again) == str(params)
    assert "reason" not in refund_params(a_refund(PAYMENT), "pi_1")


def test_a_key_belongs_to_one_refund() -> None:
    """And to no attempt."""
    assert refund_key(a_refund(PAYMENT)) == f"{an_id(500)}:refund"
