"""Creating a payment: what the gateway does with it is what the caller is told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.attempt import AttemptKind, AttemptStatus
from server.domain.errors import (
    DomainError,
    GatewayError,
    GatewayNotEnabled,
    GatewayUnavailable,
    IncorrectCvc,
    InsufficientFunds,
    InvalidAmount,
    InvalidCurrency,
    InvalidPaymentMethod,
    NotSupported,
)
from server.domain.events import EventType
from server.domain.gateway import Instrument
from server.domain.payment import CaptureMethod, PaymentMethodKind, PaymentStatus
from server.operations.commands import CreatePayment
from tests.builders import A_CHALLENGE, a_call, a_wish_to_be_paid, an_id
from tests.fake_gateway import Fault
from tests.gateway_truth import Standing
from tests.shop import Shop

A_WHILE = timedelta(minutes=30)


def _told(shop: Shop) -> list[EventType]:
    return [shop.tables.events[key].type for key in sorted(shop.tables.events)]


async def test_an_approved_payment_succeeds(shop: Shop) -> None:
    """Its money is in the books, and nobody asks for it any more."""
    payment = await shop.payments.create(a_call(1), a_wish_to_be_paid("59.49"))
    assert (payment.status, payment.captured_minor) == (PaymentStatus.SUCCEEDED, 5949)
    assert payment.id == an_id(1)
    assert payment.metadata == {"till": "7"}
    assert _told(shop) == [EventType.PAYMENT_CREATED, EventType.PAYMENT_SUCCEEDED]
    shop.assert_truth_is_told()


async def test_a_manual_payment_waits_for_its_capture(shop: Shop) -> None:
    """It is `pending`, reserved and not captured."""
    payment = await shop.authorised()
    assert (payment.status, payment.authorised, payment.captured) == (PaymentStatus.PENDING, True, False)
    assert shop.held() is Standing.HELD
    shop.assert_truth_is_told()


async def test_a_payment_that_needs_the_customer_says_what_to_do(shop: Shop) -> None:
    """It is `pending` with its next action, until the customer has done it."""
    payment = await shop.payments.create(a_call(1), a_wish_to_be_paid(token="tok_challenge"))
    assert (payment.status, payment.next_action) == (PaymentStatus.PENDING, A_CHALLENGE)
    shop.gateway.customer(payment.reference, pays=True)
    await shop.pass_time(timedelta(minutes=5))
    assert (shop.payment().status, shop.payment().next_action) == (PaymentStatus.SUCCEEDED, None)
    shop.assert_truth_is_told()


async def test_a_customer_who_took_a_while_does_not_wait_as_long_again(shop: Shop) -> None:
    """What was passed after a minute and a half is paid seconds later."""
    payment = await shop.payments.create(a_call(1), a_wish_to_be_paid(token="tok_challenge"))
    await shop.pass_time(timedelta(seconds=90))
    shop.gateway.customer(payment.reference, pays=True)
    await shop.pass_time(timedelta(seconds=6))
    assert shop.payment().status is PaymentStatus.SUCCEEDED


async def test_a_customer_who_fails_the_challenge_has_not_paid(shop: Shop) -> None:
    """The payment is kept as `failed`."""
    payment = await shop.payments.create(a_call(1), a_wish_to_be_paid(token="tok_challenge"))
    shop.gateway.customer(payment.reference, pays=False)
    await shop.pass_time(timedelta(minutes=5))
    assert shop.payment().status is PaymentStatus.FAILED
    shop.assert_truth_is_told()


async def test_a_gateway_may_work_on_a_payment_for_days(shop: Shop) -> None:
    """It is `processing` all the time, and asked for as long as the gateway says so."""
    await shop.payments.create(a_call(1), a_wish_to_be_paid(token="tok_works"))
    await shop.pass_time(timedelta(days=10))
    assert shop.payment().status is PaymentStatus.PROCESSING
    assert shop.attempt_of(AttemptKind.AUTHORISE).status is AttemptStatus.WAITING
    shop.assert_truth_is_told()


@pytest.mark.parametrize(
    ("token", "reason", "code"),
    [("tok_declined", InsufficientFunds, "INSUFFICIENT_FUNDS"), ("tok_refused", GatewayError, "GATEWAY_ERROR")],
)
async def test_a_payment_that_the_gateway_denies_is_kept(
    shop: Shop, token: str, reason: type[DomainError], code: str
) -> None:
    """The error names the payment, which is `failed` and says why."""
    with pytest.raises(reason) as denied:
        await shop.payments.create(a_call(1), a_wish_to_be_paid(token=token))
    assert denied.value.facts == {"payment_id": str(an_id(1))}
    assert (shop.payment().status, shop.payment().failure_code) == (PaymentStatus.FAILED, code)
    assert _told(shop) == [EventType.PAYMENT_CREATED, EventType.PAYMENT_FAILED]
    shop.assert_truth_is_told()


async def test_a_payment_that_was_not_sent_is_kept_and_may_be_repeated(shop: Shop) -> None:
    """GATEWAY_UNAVAILABLE, and nothing happened at the gateway."""
    shop.gateway.next("authorise", Fault.UNREACHABLE)
    with pytest.raises(GatewayUnavailable):
        await shop.payments.create(a_call(1), a_wish_to_be_paid())
    assert shop.payment().status is PaymentStatus.FAILED
    assert shop.held() is None
    await shop.pass_time(A_WHILE)
    shop.assert_truth_is_told()
    assert "resume" not in shop.gateway.calls


@pytest.mark.parametrize("fault", [Fault.REQUEST_LOST, Fault.REPLY_LOST])
async def test_a_lost_answer_is_no_failure(shop: Shop, fault: Fault) -> None:
    """The caller is told `processing`; the background finds out, and there is one charge."""
    shop.gateway.next("authorise", fault)
    payment = await shop.payments.create(a_call(1), a_wish_to_be_paid())
    assert payment.status is PaymentStatus.PROCESSING
    await shop.pass_time(A_WHILE)
    assert shop.payment().status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()


async def test_a_request_that_arrives_late_charges_once(shop: Shop) -> None:
    """It was under way while the background sent it again under the same key."""
    shop.gateway.next("authorise", Fault.REQUEST_LATE)
    await shop.payments.create(a_call(1), a_wish_to_be_paid())
    await shop.pass_time(timedelta(seconds=10))
    shop.gateway.deliver_late()
    await shop.pass_time(A_WHILE)
    assert shop.payment().status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()


async def test_an_unknown_outcome_never_fails_by_age(shop: Shop) -> None:
    """After a week without an answer a person must find out: the payment is still `processing`, and a late answer still counts."""
    shop.gateway.next("authorise", Fault.REPLY_LOST)
    shop.gateway.next("resume", *[Fault.REQUEST_LOST] * 200)
    await shop.payments.create(a_call(1), a_wish_to_be_paid())
    await shop.pass_time(timedelta(days=8))
    attempt = shop.attempt_of(AttemptKind.AUTHORISE)
    assert (shop.payment().status, attempt.status) == (PaymentStatus.PROCESSING, AttemptStatus.NEEDS_REVIEW)
    assert not shop.tables.jobs
    await shop.settling.settle(attempt, await shop.gateway.fetch(replace(attempt, gateway_payment_id="gp_1")))
    assert shop.payment().status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()


async def test_a_gateway_that_cannot_be_asked_proves_nothing(shop: Shop) -> None:
    """That the second call could not be sent says nothing of the first one."""
    shop.gateway.next("authorise", Fault.REPLY_LOST)
    shop.gateway.next("resume", *[Fault.UNREACHABLE] * 3)
    await shop.payments.create(a_call(1), a_wish_to_be_paid())
    await shop.pass_time(timedelta(seconds=30))
    assert shop.payment().status is PaymentStatus.PROCESSING
    await shop.pass_time(A_WHILE)
    assert shop.payment().status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"amount": "0"}, InvalidAmount),
        ({"amount": "1.001"}, InvalidAmount),
        ({"amount": "1.234", "currency": "KWD"}, InvalidAmount),
        ({"currency": "XXX"}, InvalidCurrency),
        ({"currency": "EUR"}, InvalidCurrency),
        ({"gateway": "other"}, GatewayNotEnabled),
        ({"gateway": None}, GatewayNotEnabled),
        ({"instrument": Instrument(PaymentMethodKind.PAYPAL), "gateway": "fake"}, NotSupported),
        ({"instrument": Instrument(PaymentMethodKind.CARD, token="tok_unusable")}, InvalidPaymentMethod),
    ],
)
async def test_what_cannot_be_sent_leaves_nothing(
    shop: Shop, changes: dict[str, object], refused: type[DomainError]
) -> None:
    """Refused before anything is charged or stored."""
    wish: CreatePayment = replace(a_wish_to_be_paid(), **changes)  # type: ignore[arg-type]
    with pytest.raises(refused):
        await shop.payments.create(a_call(1), wish)
    assert not shop.tables.payments
    assert not shop.tables.jobs
    assert set(shop.gateway.calls) <= {"tokenise"}


async def test_a_gateway_that_captures_at_once_alone_is_respected(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """NOT_SUPPORTED: a capability that the gateway lacks."""
    monkeypatch.setattr(
        shop.gateway,
        "capabilities",
        replace(shop.gateway.capabilities, capture_methods=frozenset({CaptureMethod.AUTOMATIC})),
    )
    with pytest.raises(NotSupported):
        await shop.authorised()


async def test_a_card_that_is_declined_as_such_is_kept_as_a_failed_payment(shop: Shop) -> None:
    """A gateway may look at the code when it takes the card: a decline like any other, in one transaction."""
    shop.gateway.next("tokenise", Fault.DECLINED)
    with pytest.raises(IncorrectCvc) as declined:
        await shop.payments.create(a_call(1), a_wish_to_be_paid())
    assert declined.value.facts == {"payment_id": str(an_id(1))}
    assert shop.payment().failure_code == "INCORRECT_CVC"
    assert shop.gateway.calls == ["tokenise"]
    shop.assert_truth_is_told()


async def test_a_card_that_the_gateway_refuses_to_take_is_kept_as_a_failed_payment(shop: Shop) -> None:
    """GATEWAY_ERROR: it is not the customer's fault."""
    shop.gateway.next("tokenise", Fault.REFUSED)
    with pytest.raises(GatewayError):
        await shop.payments.create(a_call(1), a_wish_to_be_paid())
    assert shop.payment().status is PaymentStatus.FAILED
    shop.assert_truth_is_told()


async def test_a_card_that_cannot_be_taken_leaves_nothing(shop: Shop) -> None:
    """GATEWAY_UNAVAILABLE: making a token moves no money, so the whole call may simply be repeated."""
    shop.gateway.next("tokenise", Fault.UNREACHABLE)
    with pytest.raises(GatewayUnavailable):
        await shop.payments.create(a_call(1), a_wish_to_be_paid())
    assert not shop.tables.payments
    payment = await shop.payments.create(a_call(1), a_wish_to_be_paid())
    assert payment.status is PaymentStatus.SUCCEEDED


async def test_a_resumed_creation_needs_its_card_no_more(shop: Shop) -> None:
    """It goes on with what it had recorded, even if no card can be taken at the moment."""
    shop.gateway.next("authorise", Fault.REPLY_LOST)
    await shop.payments.create(a_call(1), a_wish_to_be_paid())
    shop.gateway.next("tokenise", Fault.UNREACHABLE)
    payment = await shop.payments.create(a_call(1, resumed=True), a_wish_to_be_paid())
    assert payment.status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()


async def test_another_merchants_payment_does_not_exist(shop: Shop) -> None:
    """Not to be read, captured, canceled or listed."""
    payment = await shop.authorised()
    stranger = replace(a_call(2).caller, merchant_id="other")
    with pytest.raises(DomainError) as refused:
        await shop.payments.get(stranger, payment.id)
    assert refused.value.reason == "PAYMENT_NOT_FOUND"
    with pytest.raises(DomainError) as refused:
        await shop.payments.cancel(a_call(2, caller=stranger), payment.id)
    assert refused.value.reason == "PAYMENT_NOT_FOUND"
