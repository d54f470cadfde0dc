"""A payment changes by its verbs alone, and each verb refuses what its state does not allow."""

from dataclasses import FrozenInstanceError, replace
from datetime import timedelta

import pytest

from server.domain.errors import AlreadyCaptured, InvalidAmount, InvalidState
from server.domain.events import EventType
from server.domain.money import Money
from server.domain.payment import Payment, PaymentStatus
from tests.builders import A_CHALLENGE, NOON, a_payment

LATER = NOON + timedelta(minutes=5)

WAITING = a_payment(next_action=A_CHALLENGE)
AUTHORISED = a_payment(authorised=True)
CAPTURED = a_payment(captured="59.49")
REFUNDED = a_payment(captured="59.49", status=PaymentStatus.REFUNDED)
ENDED = [a_payment(status=PaymentStatus.FAILED), a_payment(status=PaymentStatus.CANCELED)]
UNDER_WAY = [
    a_payment(),
    a_payment(authorised=True, status=PaymentStatus.PROCESSING),
    a_payment(next_action=A_CHALLENGE, status=PaymentStatus.PROCESSING),
]


def _named(payment: Payment) -> str:
    return f"{payment.status}{'-authorised' if payment.authorised else ''}{'-waiting' if payment.next_action else ''}"


def test_a_payment_begins_with_its_first_event() -> None:
    """`payment.created` is number 1, and is stored with the payment."""
    change = replace(a_payment(), sequence=0).begin()
    assert change.events == ((EventType.PAYMENT_CREATED, 1),)
    assert change.payment.sequence == 1
    assert change.posting is None


@pytest.mark.parametrize("payment", [CAPTURED, REFUNDED], ids=_named)
def test_capture_twice_is_refused(payment: Payment) -> None:
    """ALREADY_CAPTURED, whatever became of the money since."""
    with pytest.raises(AlreadyCaptured):
        payment.begin_capture(None, LATER)


@pytest.mark.parametrize("payment", [WAITING, *ENDED, *UNDER_WAY], ids=_named)
def test_capturing_what_is_not_authorised_is_refused(payment: Payment) -> None:
    """INVALID_STATE: while the customer must act, while something is under way, and after the end."""
    with pytest.raises(InvalidState):
        payment.begin_capture(None, LATER)


def test_over_capture_is_refused() -> None:
    """INVALID_AMOUNT: at most what was authorised."""
    with pytest.raises(InvalidAmount):
        AUTHORISED.begin_capture(Money.parse("59.50", "USD"), LATER)


@pytest.mark.parametrize(("asked", "wanted"), [(None, "59.49"), ("59.49", "59.49"), ("0.01", "0.01")])
def test_a_capture_takes_all_unless_told_otherwise(asked: str | None, wanted: str) -> None:
    """Any part from one minor unit on may be captured."""
    amount = None if asked is None else Money.parse(asked, "USD")
    change, money = AUTHORISED.begin_capture(amount, LATER)
    assert str(money) == wanted
    assert change.payment.status is PaymentStatus.PROCESSING
    assert (change.events, change.posting) == ((), None)


@pytest.mark.parametrize("payment", [CAPTURED, REFUNDED], ids=_named)
def test_cancelling_what_is_captured_is_refused(payment: Payment) -> None:
    """ALREADY_CAPTURED: captured money is refunded, not cancelled."""
    with pytest.raises(AlreadyCaptured):
        payment.begin_cancel(LATER)


@pytest.mark.parametrize("payment", [*ENDED, *UNDER_WAY], ids=_named)
def test_cancelling_what_is_not_pending_is_refused(payment: Payment) -> None:
    """INVALID_STATE: there is nothing to end, or something else is under way."""
    with pytest.raises(InvalidState):
        payment.begin_cancel(LATER)


@pytest.mark.parametrize("payment", [WAITING, AUTHORISED], ids=_named)
def test_a_vain_capture_or_cancel_leaves_no_trace(payment: Payment) -> None:
    """What waited waits again: for the customer as before, or for a capture."""
    under_way = payment.begin_cancel(LATER).payment
    assert under_way.status is PaymentStatus.PROCESSING
    assert replace(under_way.reopen(LATER).payment, updated_at=payment.updated_at) == payment


def test_a_capture_earns_what_was_taken_and_says_so() -> None:
    """A partial capture posts the part; an authorised payment tells of capture and success, in that order."""
    change = AUTHORISED.capture("gp_1", Money(1250, "USD"), LATER, None)
    assert change.posting is not None
    assert {abs(entry.amount_minor) for entry in change.posting.entries} == {1250}
    assert change.events == ((EventType.PAYMENT_CAPTURED, 2), (EventType.PAYMENT_SUCCEEDED, 3))
    assert (change.payment.captured_minor, change.payment.captured_at) == (1250, LATER)


def test_a_payment_captured_at_once_tells_of_its_success_alone() -> None:
    """Nobody asked for that capture."""
    change = a_payment().capture("gp_1", Money(5949, "USD"), LATER, "https://receipts.example/1")
    assert change.events == ((EventType.PAYMENT_SUCCEEDED, 2),)
    assert change.payment.receipt_url == "https://receipts.example/1"


def test_nothing_is_left_to_do_on_an_ended_payment() -> None:
    """No action for the customer and no time to expire at, however it ended."""
    waiting = a_payment(next_action=A_CHALLENGE, expires_at=LATER)
    ends = [
        waiting.capture("gp_1", waiting.money, LATER, None),
        waiting.fail("CARD_DECLINED", "no", LATER, None),
        waiting.cancel(None, LATER),
    ]
    assert all((end.payment.next_action, end.payment.expires_at) == (None, None) for end in ends)


def test_metadata_is_what_it_was_at_the_beginning() -> None:
    """Neither the payment's nor the map that it was made from can change it."""
    given = {"till": "7"}
    payment = replace(a_payment(), metadata=given)
    given["till"] = "8"
    assert payment.metadata == {"till": "7"}
    with pytest.raises(TypeError):
        payment.metadata["till"] = "8"  # type: ignore[index]


def test_nobody_assigns_a_status() -> None:
    """A payment is a value."""
    with pytest.raises(FrozenInstanceError):
        a_payment().status = PaymentStatus.SUCCEEDED  # type: ignore[misc]
