"""Refunds, example by example: what may be refunded, and what an answer makes of a refund and of its payment."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.errors import AlreadyRefunded, InvalidState, RefundAmountInvalid
from server.domain.ledger import Account, Posting
from server.domain.money import Money
from server.domain.outcomes import Refunded, RefundFailed, RefundOutcome, RefundPending
from server.domain.payment import Payment, PaymentStatus
from server.domain.refund import RefundStatus
from server.domain.refunding import begin_refund, settle_refund
from tests.builders import A_CHALLENGE, NOON, a_payment, a_refund, an_id

LATER = NOON + timedelta(minutes=1)


def _usd(amount: str) -> Money:
    return Money.parse(amount, "USD")


@pytest.mark.parametrize(
    "payment",
    [
        a_payment(),
        a_payment(authorised=True),
        a_payment(next_action=A_CHALLENGE),
        a_payment(status=PaymentStatus.FAILED),
        a_payment(status=PaymentStatus.CANCELED),
    ],
    ids=lambda payment: payment.status,
)
def test_only_captured_money_is_refunded(payment: Payment) -> None:
    """INVALID_STATE for every payment whose money is not taken."""
    with pytest.raises(InvalidState, match="has nothing to refund"):
        payment.check_refund(None)


def test_all_that_is_left_is_what_nobody_else_has() -> None:
    """Neither what went back nor what is held; a failed refund holds nothing."""
    payment = a_payment("59.49", captured="20.00")
    told: list[tuple[str, RefundOutcome]] = [
        ("1.00", Refunded("gr_1")),
        ("2.00", RefundPending("gr_2")),
        ("4.00", RefundFailed("no")),
    ]
    for number, (amount, outcome) in enumerate(told):
        begun = begin_refund(payment, a_refund(payment, amount, id=an_id(500 + number)))
        change = settle_refund(begun.payment, begun.refund, outcome, LATER)
        payment = begun.payment if change is None else change.payment
    assert payment.check_refund(None) == _usd("17.00")
    assert payment.check_refund(_usd("17.00")) == _usd("17.00")
    with pytest.raises(RefundAmountInvalid) as error:
        payment.check_refund(_usd("17.01"))
    assert (error.value.field, error.value.violation) == ("amount", "must be at most 17.00, what is left to refund")


def test_a_payment_that_is_refunded_in_full_says_so() -> None:
    """ALREADY_REFUNDED, whatever is asked for; but not while nobody knows yet."""
    payment = a_payment(captured="20.00")
    begun = begin_refund(payment, a_refund(payment))
    with pytest.raises(InvalidState, match="held"):
        begun.payment.check_refund(_usd("1.00"))
    change = settle_refund(begun.payment, begun.refund, Refunded("gr_1"), LATER)
    assert change is not None
    assert change.payment.status is PaymentStatus.REFUNDED
    with pytest.raises(AlreadyRefunded):
        change.payment.check_refund(_usd("1.00"))


def test_a_payment_changes_when_its_refunds_do() -> None:
    """`updated_at` follows; its own events do not, as refunds have theirs."""
    payment = a_payment(captured="20.00")
    begun = begin_refund(payment, replace(a_refund(payment, "1.00"), created_at=LATER, updated_at=LATER))
    assert (begun.payment.updated_at, begun.payment.sequence) == (LATER, payment.sequence)


def test_the_gateways_number_is_kept_as_soon_as_it_is_known() -> None:
    """Also without any other news; the same number once more is none."""
    payment = a_payment(captured="20.00")
    begun = begin_refund(payment, a_refund(payment))
    change = settle_refund(begun.payment, begun.refund, RefundPending("gr_1"), LATER)
    assert change is not None
    assert (change.refund.status, change.refund.gateway_refund_id) == (RefundStatus.PENDING, "gr_1")
    assert (change.event, change.posting) == (None, None)
    assert settle_refund(change.payment, change.refund, RefundPending("gr_1"), LATER) is None
    assert settle_refund(change.payment, change.refund, RefundPending(None), LATER) is None


def test_a_reversal_undoes_what_the_refund_posted() -> None:
    """Account by account."""
    refunded = Posting.refund(an_id(), "fake", _usd("5.00"))
    back = Posting.refund_reversal(an_id(), "fake", _usd("5.00"))
    assert {entry.account: entry.amount_minor for entry in refunded.entries} == {
        Account.GATEWAY_AVAILABLE: -500,
        Account.MERCHANT: 500,
    }
    assert [(entry.account, -entry.amount_minor) for entry in back.entries] == [
        (entry.account, entry.amount_minor) for entry in refunded.entries
    ]
