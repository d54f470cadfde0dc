"""What Stripe's disputes mean: every status in its place, and the money as the balance transactions have it."""

from datetime import UTC, datetime
from itertools import pairwise
from typing import Any, get_args

import pytest
import stripe

from gateways.stripe.disputes import listed, report_of
from server.domain.dispute import NOTHING_MOVED, DisputeStatus, Moved
from server.domain.dispute_list import DisputeSighting, UnreadableDispute
from server.domain.money import Money

TAKEN = {"amount": -5949, "currency": "usd", "fee": 1500}
GIVEN = {"amount": 5949, "currency": "usd", "fee": 0}


def a_dispute(**changes: Any) -> dict[str, Any]:
    return {
        "id": "du_1",
        "amount": 5949,
        "currency": "usd",
        "status": "needs_response",
        "reason": "fraudulent",
        "balance_transactions": [TAKEN],
        "evidence_details": {"due_by": 1_700_000_000},
    } | changes


def test_a_dispute_is_read() -> None:
    """Amount, reason, deadline, and what was taken with its fee."""
    report = report_of(a_dispute())
    assert (report.gateway_dispute_id, report.money, report.reason) == ("du_1", Money(5949, "USD"), "fraudulent")
    assert report.evidence_due_by == datetime.fromtimestamp(1_700_000_000, UTC)
    assert report.moved == Moved(taken_minor=5949, fee_minor=1500)


@pytest.mark.parametrize(
    ("movements", "moved"),
    [
        ([], NOTHING_MOVED),
        ([TAKEN], Moved(5949, 0, 1500)),
        ([TAKEN, GIVEN], Moved(5949, 5949, 1500)),
        ([TAKEN, GIVEN | {"fee": -1500}], Moved(5949, 5949, 1500, 1500)),
        ([TAKEN, GIVEN | {"fee": 200}], Moved(5949, 5949, 1700)),
        ([TAKEN | {"amount": -5000}, GIVEN | {"amount": 949}], Moved(5000, 949, 1500)),
        ([{"amount": -5500, "currency": "eur", "fee": 1500}], Moved(5949)),
    ],
)
def test_the_money_moves_as_stripe_moved_it(movements: list[Any], moved: Moved) -> None:
    """Whatever the status is: it is told apart from it, and later."""
    for status in ("needs_response", "won"):
        assert report_of(a_dispute(status=status, balance_transactions=movements)).moved == moved


def test_a_fee_that_cannot_be_said_is_not_posted() -> None:
    """In another currency, or in hundredths of a króna: the payment's books have no account for it, and the dispute is read all the same."""
    assert report_of(a_dispute(balance_transactions=[TAKEN | {"currency": "eur"}])).moved.fee_minor == 0
    taken = {"amount": -500000, "currency": "isk", "fee": 155050}
    assert report_of(a_dispute(currency="isk", amount=500000, balance_transactions=[taken])).moved == Moved(5000)


def test_every_status_of_stripes_is_known() -> None:
    """As the SDK lists them."""
    words, _ = get_args(stripe.Dispute.__annotations__["status"])
    assert {report_of(a_dispute(status=status)).status for status in get_args(words)} == set(DisputeStatus)


@pytest.mark.parametrize(
    "way",
    [
        ["warning_needs_response", "warning_under_review", "warning_closed"],
        ["warning_needs_response", "warning_under_review", "needs_response", "under_review", "lost"],
        ["needs_response", "under_review", "won"],
        ["needs_response", "under_review", "lost", "appeal_needs_response", "appeal_under_review"],
    ],
)
def test_a_later_status_has_a_higher_rank(way: list[str]) -> None:
    """Along every way that a dispute goes."""
    ranks = [report_of(a_dispute(status=status)).rank for status in way]
    assert all(earlier < later for earlier, later in pairwise(ranks))


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "unheard_of"},
        {"amount": "5949"},
        {"amount": True},
        {"currency": None},
        {"balance_transactions": None},
        {"id": ""},
    ],
)
def test_what_is_no_dispute_is_not_read(wrong: dict[str, Any]) -> None:
    """Nothing is guessed."""
    with pytest.raises((LookupError, TypeError, AttributeError)):
        report_of(a_dispute(**wrong))


def test_the_status_is_the_contracts() -> None:
    """An inquiry and a chargeback wait for the same."""
    for status in ("needs_response", "warning_needs_response"):
        assert report_of(a_dispute(status=status)).status is DisputeStatus.NEEDS_RESPONSE


def test_a_listed_dispute_names_its_payment() -> None:
    """By its PaymentIntent; that of a charge without one is of no payment of ours."""
    whole = a_dispute(payment_intent="pi_1")
    assert listed(whole) == DisputeSighting(report_of(whole), gateway_payment_id="pi_1")
    assert listed(a_dispute(payment_intent=None)) == DisputeSighting(report_of(a_dispute()))


@pytest.mark.parametrize("wrong", [{"status": "pondered"}, {"amount": "5949"}, {"balance_transactions": None}])
def test_a_listed_dispute_that_cannot_be_read_holds_up_no_other(wrong: dict[str, Any]) -> None:
    """It is named, so that somebody can look it up."""
    assert listed(a_dispute(**wrong)) == UnreadableDispute("du_1")
    assert listed({"id": 5}) == UnreadableDispute("")
