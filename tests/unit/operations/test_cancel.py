"""Cancelling and expiring: ended at the gateway first, and only then here."""

from datetime import timedelta

import pytest

from server.domain.attempt import AttemptKind, AttemptStatus
from server.domain.errors import AlreadyCaptured, DomainError, GatewayError, GatewayUnavailable, InvalidState
from server.domain.events import EventType
from server.domain.payment import Payment, PaymentStatus
from server.domain.settlement import AUTHORISATION_VALID_FOR, CUSTOMER_MAY_TAKE
from server.operations.commands import CapturePayment
from tests.builders import a_call, a_wish_to_be_paid
from tests.fake_gateway import Fault
from tests.gateway_truth import Standing
from tests.shop import Shop

A_WHILE = timedelta(minutes=30)


async def _challenged(shop: Shop) -> Payment:
    return await shop.payments.create(a_call(1), a_wish_to_be_paid(token="tok_challenge"))


async def _cancel(shop: Shop, operation: int = 2) -> Payment:
    return await shop.payments.cancel(a_call(operation), shop.payment().id)


async def test_a_cancel_releases_what_was_reserved(shop: Shop) -> None:
    """The payment is `canceled` here and at the gateway."""
    await shop.authorised()
    payment = await _cancel(shop)
    assert payment.status is PaymentStatus.CANCELED
    assert payment.canceled_at is not None
    assert shop.held() is Standing.ENDED
    shop.assert_truth_is_told()


async def test_a_cancel_ends_what_waits_for_the_customer(shop: Shop) -> None:
    """And nobody looks for the customer any more."""
    await _challenged(shop)
    await _cancel(shop)
    await shop.pass_time(A_WHILE)
    assert shop.payment().status is PaymentStatus.CANCELED
    assert shop.attempt_of(AttemptKind.AUTHORISE).status is AttemptStatus.CANCELED
    shop.assert_truth_is_told()


async def test_what_was_paid_before_it_could_be_cancelled_is_ended_no_more(shop: Shop) -> None:
    """Whoever waited for the customer only looks: there are gateways where an end returns the money."""
    await _challenged(shop)
    shop.gateway.customer(shop.payment().reference, pays=True)
    with pytest.raises(AlreadyCaptured):
        await _cancel(shop)
    await shop.pass_time(A_WHILE)
    assert shop.attempt_of(AttemptKind.AUTHORISE).status is AttemptStatus.APPROVED
    assert (shop.gateway.calls.count("void"), shop.gateway.calls.count("resume")) == (1, 0)
    shop.assert_truth_is_told()


async def test_cancelling_twice_is_refused(shop: Shop) -> None:
    """INVALID_STATE."""
    await shop.authorised()
    await _cancel(shop)
    with pytest.raises(InvalidState):
        await _cancel(shop, 3)


async def test_cancelling_what_is_captured_is_refused(shop: Shop) -> None:
    """ALREADY_CAPTURED."""
    await shop.payments.create(a_call(1), a_wish_to_be_paid())
    with pytest.raises(AlreadyCaptured):
        await _cancel(shop)


@pytest.mark.parametrize(("fault", "refused"), [(Fault.REFUSED, GatewayError), (Fault.UNREACHABLE, GatewayUnavailable)])
async def test_a_cancel_that_did_not_happen_leaves_the_payment(
    shop: Shop, fault: Fault, refused: type[DomainError]
) -> None:
    """It is pending as before, can be captured, and still expires."""
    await shop.authorised()
    shop.gateway.next("void", fault)
    with pytest.raises(refused):
        await _cancel(shop)
    shop.assert_truth_is_told()
    await shop.payments.capture(a_call(3), CapturePayment(shop.payment().id))
    assert shop.payment().status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()


@pytest.mark.parametrize("fault", [Fault.REQUEST_LOST, Fault.REPLY_LOST])
@pytest.mark.parametrize("challenged", [True, False])
async def test_a_cancel_whose_answer_is_lost_is_found_out(shop: Shop, fault: Fault, challenged: bool) -> None:
    """`processing` until then; no look at the payment in between makes it pending again."""
    await (_challenged(shop) if challenged else shop.authorised())
    shop.gateway.next("void", fault)
    shop.gateway.next("resume", *[Fault.REQUEST_LOST] * 2)
    assert (await _cancel(shop)).status is PaymentStatus.PROCESSING
    for _ in range(8):
        if shop.payment().status is PaymentStatus.CANCELED:
            break
        assert shop.payment().status is PaymentStatus.PROCESSING
        with pytest.raises(InvalidState):
            await _cancel(shop, 3)
        await shop.pass_time(timedelta(seconds=8))
    await shop.pass_time(A_WHILE)
    assert shop.payment().status is PaymentStatus.CANCELED
    shop.assert_truth_is_told()


async def test_a_customer_who_pays_before_the_cancel_arrives_has_paid(shop: Shop) -> None:
    """ALREADY_CAPTURED, and the payment has succeeded."""
    payment = await _challenged(shop)
    shop.gateway.customer(payment.reference, pays=True)
    with pytest.raises(AlreadyCaptured):
        await _cancel(shop)
    assert shop.payment().status is PaymentStatus.SUCCEEDED
    await shop.pass_time(A_WHILE)
    shop.assert_truth_is_told()


async def test_nobody_completes_a_payment_while_it_is_cancelled(shop: Shop) -> None:
    """The background only looks at the authorisation then: it would otherwise confirm what the merchant wants to end."""
    await _challenged(shop)
    shop.gateway.next("void", Fault.REQUEST_LOST)
    await _cancel(shop)
    asked = shop.gateway.calls.count("resume")
    waiting = shop.attempt_of(AttemptKind.AUTHORISE)
    await shop.settling.resume(waiting)
    assert shop.gateway.calls.count("resume") == asked
    assert shop.gateway.calls[-1] == "fetch"


async def test_a_challenge_that_nobody_passes_expires(shop: Shop) -> None:
    """It is closed at the gateway, then canceled here."""
    await _challenged(shop)
    await shop.pass_time(CUSTOMER_MAY_TAKE + A_WHILE)
    assert shop.payment().status is PaymentStatus.CANCELED
    assert shop.held() is Standing.ENDED
    shop.assert_truth_is_told()


async def test_reserved_money_that_nobody_captures_is_released(shop: Shop) -> None:
    """When the card network's hold ends."""
    await shop.authorised()
    await shop.pass_time(AUTHORISATION_VALID_FOR - timedelta(minutes=1))
    assert shop.payment().status is PaymentStatus.PENDING
    shop.clock.move(timedelta(minutes=1))
    await shop.worker.run_due()
    assert shop.payment().status is PaymentStatus.CANCELED
    assert not shop.tables.jobs
    assert [event.type for event in shop.tables.events.values()][-1] is EventType.PAYMENT_CANCELED
    shop.assert_truth_is_told()


async def test_a_customer_who_pays_in_the_last_second_has_paid(shop: Shop) -> None:
    """Closing finds the money taken."""
    payment = await _challenged(shop)
    closing = shop.gateway.hold("void")
    shop.clock.move(CUSTOMER_MAY_TAKE)
    closing.release()
    shop.gateway.customer(payment.reference, pays=True)
    await shop.pass_time(A_WHILE)
    assert shop.payment().status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()


async def test_what_cannot_be_closed_yet_is_closed_later(shop: Shop) -> None:
    """The gateway cannot be reached when the time is over."""
    await _challenged(shop)
    shop.gateway.next("void", *[Fault.UNREACHABLE] * 3)
    await shop.pass_time(CUSTOMER_MAY_TAKE + timedelta(hours=2))
    assert shop.payment().status is PaymentStatus.CANCELED
    assert shop.gateway.calls.count("void") == 4
    shop.assert_truth_is_told()


async def test_a_gateway_that_refuses_to_close_is_asked_ever_more_rarely(shop: Shop) -> None:
    """A payment that can never be closed must not cost an attempt a minute for ever."""
    await _challenged(shop)
    shop.gateway.next("void", *[Fault.REFUSED] * 1000)
    await shop.pass_time(CUSTOMER_MAY_TAKE + timedelta(days=2))
    assert shop.payment().status is PaymentStatus.PENDING
    assert shop.gateway.calls.count("void") < 20
    shop.assert_nothing_is_forgotten()
