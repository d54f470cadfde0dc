"""An intent's states: where each state of its payment leaves it, and from where a try can begin."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.errors import IntentStateRefused, InvalidState
from server.domain.money import Money
from server.domain.payment import Payment, PaymentMethodKind, PaymentStatus
from server.domain.payment_intent import IntentError, IntentStatus, PaymentIntent
from tests.builders import A_CHALLENGE, NOON, a_payment, an_id

LATER = NOON + timedelta(minutes=1)
A_NUMBER = "gp_1"


def an_intent(**changes: object) -> PaymentIntent:
    intent = PaymentIntent(
        id=an_id(50),
        merchant_id="default",
        money=Money.parse("59.49", "USD"),
        gateway="fake",
        kind=PaymentMethodKind.CARD,
        created_at=NOON,
        updated_at=NOON,
        method_id=an_id(60),
        payment_id=an_id(1),
        gateway_payment_id=A_NUMBER,
        status=IntentStatus.PROCESSING,
    )
    return replace(intent, **changes)  # type: ignore[arg-type]


def one_of_an_intent(**changes: object) -> Payment:
    return replace(a_payment(gateway_payment_id=A_NUMBER), intent_id=an_id(50), updated_at=LATER, **changes)  # type: ignore[arg-type]


FAILED = {"failure_code": "CARD_DECLINED", "failure_message": "no"}
UNSENT = {"failure_code": "GATEWAY_UNAVAILABLE", "failure_message": "unreachable"}


@pytest.mark.parametrize(
    ("payment", "status"),
    [
        (one_of_an_intent(status=PaymentStatus.PROCESSING), IntentStatus.PROCESSING),
        (one_of_an_intent(status=PaymentStatus.PROCESSING, authorised=True), IntentStatus.PROCESSING),
        (one_of_an_intent(status=PaymentStatus.PENDING, authorised=True), IntentStatus.REQUIRES_CAPTURE),
        (one_of_an_intent(status=PaymentStatus.PENDING, next_action=A_CHALLENGE), IntentStatus.REQUIRES_ACTION),
        (one_of_an_intent(status=PaymentStatus.PENDING, **FAILED), IntentStatus.REQUIRES_PAYMENT_METHOD),
        (one_of_an_intent(status=PaymentStatus.PENDING, **UNSENT), IntentStatus.REQUIRES_CONFIRMATION),
        (one_of_an_intent(status=PaymentStatus.SUCCEEDED), IntentStatus.SUCCEEDED),
        (one_of_an_intent(status=PaymentStatus.REFUNDED), IntentStatus.SUCCEEDED),
        (one_of_an_intent(status=PaymentStatus.CANCELED, canceled_at=LATER), IntentStatus.CANCELED),
    ],
)
def test_an_intent_stands_where_its_payment_says(payment: Payment, status: IntentStatus) -> None:
    """With the customer's action only while it waits for that, and without a payment method where it needs another."""
    followed = an_intent().follow(payment)
    assert followed.status is status
    assert (followed.next_action is not None) is (status is IntentStatus.REQUIRES_ACTION)
    assert (followed.method_id is None) is (status is IntentStatus.REQUIRES_PAYMENT_METHOD)
    error = IntentError(payment.failure_code, payment.failure_message or "") if payment.failure_code else None
    assert (followed.error, followed.canceled_at) == (error, payment.canceled_at)
    assert followed.updated_at == (NOON if followed == an_intent() else LATER)
    assert followed.follow(payment) == followed


@pytest.mark.parametrize("status", IntentStatus)
def test_a_try_begins_only_where_one_is_waited_for(status: IntentStatus) -> None:
    """Everywhere else another one could charge beside it."""
    intent, waits = an_intent(status=status), (IntentStatus.REQUIRES_PAYMENT_METHOD, IntentStatus.REQUIRES_CONFIRMATION)
    if status in waits:
        begun = intent.begin(one_of_an_intent(), an_id(61), "https://shop.example")
        assert (begun.status, begun.method_id, begun.return_url) == (
            IntentStatus.PROCESSING,
            an_id(61),
            "https://shop.example",
        )
        return
    with pytest.raises(IntentStateRefused):
        intent.begin(one_of_an_intent(), None, None)


def test_a_payment_is_tried_again_only_after_its_try_has_failed() -> None:
    """It forgets the failed one's number and failure, and goes on under its own id."""
    failed = one_of_an_intent().await_another_try("CARD_DECLINED", "no", LATER, "gp_9").payment
    assert (failed.between_tries, failed.gateway_payment_id, failed.failure_code) == (True, "gp_9", "CARD_DECLINED")
    again = failed.try_again(None, "REF_2", LATER).payment
    assert (again.status, again.gateway_payment_id, again.failure_code) == (PaymentStatus.PROCESSING, None, None)
    assert again.reference == "REF_2"
    for other in (
        again,
        one_of_an_intent(status=PaymentStatus.PENDING, authorised=True),
        one_of_an_intent(status=PaymentStatus.PENDING, next_action=A_CHALLENGE),
        one_of_an_intent(status=PaymentStatus.SUCCEEDED),
        one_of_an_intent(status=PaymentStatus.CANCELED),
    ):
        with pytest.raises(InvalidState):
            other.try_again(None, "REF_2", LATER)


def test_an_intent_that_was_not_tried_is_canceled_by_itself() -> None:
    """There is no payment that could be."""
    canceled = an_intent(payment_id=None, status=IntentStatus.REQUIRES_CONFIRMATION).cancel(LATER)
    assert (canceled.status, canceled.canceled_at, canceled.updated_at) == (IntentStatus.CANCELED, LATER, LATER)
