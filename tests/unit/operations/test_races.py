"""Two at once: whoever comes second finds what the first one did, and there is one charge."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.attempt import AttemptKind, AttemptStatus
from server.domain.errors import AlreadyCaptured, DomainError, GatewayUnavailable, InvalidState
from server.domain.payment import Payment, PaymentStatus
from server.domain.settlement import AUTHORISATION_VALID_FOR
from server.operations.asking import ALONE_FOR, IN_FLIGHT_FOR
from server.operations.commands import CapturePayment
from tests.builders import a_call, a_wish_to_be_paid
from tests.clock_and_ids import StoppedClock
from tests.fake_gateway import Fault
from tests.gateway_truth import Standing
from tests.shop import Shop

A_WHILE = timedelta(minutes=30)


async def _both(*calls: Awaitable[Payment]) -> list[Payment | BaseException]:
    return await asyncio.gather(*calls, return_exceptions=True)


async def test_the_background_asks_while_the_caller_still_waits(shop: Shop) -> None:
    """Both speak of one key, so both are told of one charge."""
    slow = shop.gateway.hold("authorise")
    creating = asyncio.create_task(shop.payments.create(a_call(1), a_wish_to_be_paid()))
    await slow.reached.wait()
    await shop.pass_time(IN_FLIGHT_FOR + timedelta(seconds=1))
    assert shop.payment().status is PaymentStatus.SUCCEEDED
    slow.release()
    assert (await creating).status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()


async def test_an_older_answer_comes_too_late(shop: Shop) -> None:
    """The caller is told to send the customer to a challenge that is passed already: what is known since counts."""
    slow = shop.gateway.hold("authorise", done=True)
    creating = asyncio.create_task(shop.payments.create(a_call(1), a_wish_to_be_paid(token="tok_challenge")))
    await slow.reached.wait()
    shop.gateway.customer(shop.payment().reference, pays=True)
    await shop.pass_time(IN_FLIGHT_FOR + timedelta(seconds=1))
    slow.release()
    assert (await creating).status is PaymentStatus.SUCCEEDED
    assert shop.attempt_of(AttemptKind.AUTHORISE).status is AttemptStatus.APPROVED
    shop.assert_truth_is_told()


async def test_a_call_that_could_not_be_sent_so_late_proves_nothing(shop: Shop) -> None:
    """The background may have sent it meanwhile: the payment must not be failed while that is under way."""
    shop.gateway.next("authorise", Fault.UNREACHABLE)
    stalled, asking = shop.gateway.hold("authorise"), shop.gateway.hold("resume", done=True)
    creating = asyncio.create_task(shop.payments.create(a_call(1), a_wish_to_be_paid()))
    await stalled.reached.wait()
    working = asyncio.create_task(shop.pass_time(IN_FLIGHT_FOR + timedelta(seconds=1)))
    await asking.reached.wait()
    stalled.release()
    assert (await creating).status is PaymentStatus.PROCESSING
    asking.release()
    await working
    await shop.pass_time(A_WHILE)
    assert shop.payment().status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()


@pytest.mark.parametrize("lost", [False, True])
async def test_a_call_that_could_not_be_sent_proves_nothing_beside_another(shop: Shop, lost: bool) -> None:
    """Another call, which wants the same payment, has sent it meanwhile, and its customer may be looking at the challenge; or what became of that is not known."""
    shop.gateway.next("authorise", Fault.UNREACHABLE)
    stalled = shop.gateway.hold("authorise")
    creating = asyncio.create_task(shop.payments.create(a_call(1), a_wish_to_be_paid(token="tok_challenge")))
    await stalled.reached.wait()
    if lost:
        shop.gateway.next("resume", Fault.REPLY_LOST)
    await shop.settling.resume(shop.attempt_of(AttemptKind.AUTHORISE))
    stalled.release()
    assert (await creating).status is (PaymentStatus.PROCESSING if lost else PaymentStatus.PENDING)
    shop.gateway.customer(shop.payment().reference, pays=True)
    await shop.pass_time(A_WHILE)
    assert shop.payment().status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()


async def test_a_call_that_could_not_be_sent_proves_nothing_while_another_is_under_way(shop: Shop) -> None:
    """That one says before it sends that it will."""
    shop.gateway.next("authorise", Fault.UNREACHABLE)
    stalled, other = shop.gateway.hold("authorise"), shop.gateway.hold("resume", done=True)
    creating = asyncio.create_task(shop.payments.create(a_call(1), a_wish_to_be_paid()))
    await stalled.reached.wait()
    resuming = asyncio.create_task(shop.settling.resume(shop.attempt_of(AttemptKind.AUTHORISE)))
    await other.reached.wait()
    stalled.release()
    assert (await creating).status is PaymentStatus.PROCESSING
    other.release()
    assert (await resuming)[0].status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()


async def test_a_call_that_could_not_be_sent_proves_nothing_beside_a_replica_whose_clock_is_ahead(shop: Shop) -> None:
    """By its clock the first call could not prove anything any more, and by that call's own it can."""
    shop.gateway.next("authorise", Fault.UNREACHABLE)
    stalled, other = shop.gateway.hold("authorise"), shop.gateway.hold("resume", done=True)
    creating = asyncio.create_task(shop.payments.create(a_call(1), a_wish_to_be_paid()))
    await stalled.reached.wait()
    shop.clock.move(ALONE_FOR - timedelta(seconds=2))
    ahead = StoppedClock()
    ahead.move_to(shop.clock.now() + timedelta(seconds=4))
    shop.clock = ahead
    shop.start()
    resuming = asyncio.create_task(shop.settling.resume(shop.attempt_of(AttemptKind.AUTHORISE)))
    await other.reached.wait()
    stalled.release()
    assert (await creating).status is PaymentStatus.PROCESSING
    other.release()
    assert (await resuming)[0].status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()


async def test_what_could_not_be_sent_is_sent_by_nobody_else(shop: Shop) -> None:
    """Another call had seen it under way, and finds it ended: it looks, and sends nothing for a payment that has failed."""
    shop.gateway.next("authorise", Fault.UNREACHABLE)
    stalled = shop.gateway.hold("authorise")
    creating = asyncio.create_task(shop.payments.create(a_call(1), a_wish_to_be_paid()))
    await stalled.reached.wait()
    seen = shop.attempt_of(AttemptKind.AUTHORISE)
    stalled.release()
    with pytest.raises(GatewayUnavailable):
        await creating
    payment, _ = await shop.settling.resume(seen)
    assert (payment.status, shop.gateway.payments) == (PaymentStatus.FAILED, {})
    shop.assert_truth_is_told()


async def test_money_that_was_taken_counts_after_every_other_answer(shop: Shop) -> None:
    """Should an attempt be taken for not sent and the gateway say later that it has the money, then the payment is paid."""
    shop.gateway.next("authorise", Fault.UNREACHABLE)
    with pytest.raises(DomainError):
        await shop.payments.create(a_call(1), a_wish_to_be_paid())
    attempt = shop.attempt_of(AttemptKind.AUTHORISE)
    await shop.settling.settle(attempt, await shop.gateway.authorise(attempt))
    assert shop.payment().status is PaymentStatus.SUCCEEDED
    assert shop.attempt_of(AttemptKind.AUTHORISE).status is AttemptStatus.APPROVED
    shop.assert_truth_is_told()


async def test_an_approval_after_a_cancel_is_not_dropped(shop: Shop) -> None:
    """A gateway that ended a payment and took the money after all: the books follow the money."""
    payment = await shop.payments.create(a_call(1), a_wish_to_be_paid(token="tok_challenge"))
    await shop.payments.cancel(a_call(2), payment.id)
    held = shop.gateway.of_reference(payment.reference)
    assert held is not None
    shop.gateway.payments[payment.id] = replace(held, standing=Standing.TAKEN, taken_minor=5949)
    await shop.pass_time(A_WHILE)
    assert shop.payment().status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()


async def test_two_replicas_settle_one_answer_once(shop: Shop) -> None:
    """The second finds it settled: one posting, no gap in the events."""
    shop.gateway.next("authorise", Fault.REPLY_LOST)
    await shop.payments.create(a_call(1), a_wish_to_be_paid())
    attempt = shop.attempt_of(AttemptKind.AUTHORISE)
    first, second = await asyncio.gather(shop.settling.resume(attempt), shop.settling.resume(attempt))
    assert replace(first[0], version=0) == replace(second[0], version=0)
    shop.assert_truth_is_told()


async def test_of_two_captures_one_is_made(shop: Shop) -> None:
    """The other is refused before anything is sent."""
    payment = await shop.authorised()
    one = shop.payments.capture(a_call(2), CapturePayment(payment.id, "10.00"))
    other = shop.payments.capture(a_call(3), CapturePayment(payment.id, "20.00"))
    first, second = await _both(one, other)
    assert isinstance(first, Payment)
    assert isinstance(second, InvalidState)
    assert shop.gateway.calls.count("capture") == 1
    assert shop.payment().captured_minor == 1000
    shop.assert_truth_is_told()


@pytest.mark.parametrize("capture_first", [True, False])
async def test_of_a_capture_and_a_cancel_the_first_wins(shop: Shop, capture_first: bool) -> None:
    """The other is refused while it is under way, and after it."""
    payment = await shop.authorised()
    slow = shop.gateway.hold("capture" if capture_first else "void")
    capture = shop.payments.capture(a_call(2), CapturePayment(payment.id))
    cancel = shop.payments.cancel(a_call(3), payment.id)
    first = asyncio.create_task(capture if capture_first else cancel)
    await slow.reached.wait()
    with pytest.raises(InvalidState):
        await (cancel if capture_first else capture)
    slow.release()
    assert (await first).status is (PaymentStatus.SUCCEEDED if capture_first else PaymentStatus.CANCELED)
    shop.assert_truth_is_told()


@pytest.mark.parametrize("refused", [True, False])
async def test_a_payment_does_not_expire_under_a_capture(shop: Shop, refused: bool) -> None:
    """What is under way goes on; if it fails, the payment expires after it."""
    payment = await shop.authorised()
    shop.clock.move(AUTHORISATION_VALID_FOR - timedelta(seconds=1))
    slow = shop.gateway.hold("capture")
    if refused:
        shop.gateway.next("capture", Fault.REFUSED)
    capturing = asyncio.create_task(shop.payments.capture(a_call(2), CapturePayment(payment.id)))
    await slow.reached.wait()
    await shop.pass_time(timedelta(seconds=10))
    assert shop.payment().status is PaymentStatus.PROCESSING
    slow.release()
    await asyncio.wait([capturing])
    assert capturing.exception() is not None if refused else capturing.result().captured
    await shop.pass_time(A_WHILE)
    assert shop.payment().status is (PaymentStatus.CANCELED if refused else PaymentStatus.SUCCEEDED)
    shop.assert_truth_is_told()


async def test_a_capture_after_the_expiry_began_is_refused(shop: Shop) -> None:
    """INVALID_STATE while it is closed, and after it."""
    payment = await shop.authorised()
    closing = shop.gateway.hold("void")
    expiring = asyncio.create_task(shop.pass_time(AUTHORISATION_VALID_FOR + timedelta(seconds=1)))
    await closing.reached.wait()
    with pytest.raises(InvalidState):
        await shop.payments.capture(a_call(2), CapturePayment(payment.id))
    closing.release()
    await expiring
    assert shop.payment().status is PaymentStatus.CANCELED
    shop.assert_truth_is_told()


async def test_a_challenge_passed_during_a_vain_cancel_can_be_captured(shop: Shop) -> None:
    """The background learns of the reserved money while the cancel is under way, and the cancel then finds that it came too late."""
    payment = await shop.payments.create(a_call(1), a_wish_to_be_paid(token="tok_challenge", manual=True))
    slow = shop.gateway.hold("void")
    shop.gateway.next("void", Fault.REFUSED)
    cancelling = asyncio.create_task(shop.payments.cancel(a_call(2), payment.id))
    await slow.reached.wait()
    shop.gateway.customer(payment.reference, pays=True)
    await shop.settling.resume(shop.attempt_of(AttemptKind.AUTHORISE))
    assert shop.payment().status is PaymentStatus.PROCESSING
    slow.release()
    with pytest.raises(DomainError):
        await cancelling
    assert (await shop.payments.capture(a_call(3), CapturePayment(payment.id))).captured
    shop.assert_truth_is_told()


async def test_one_creation_executed_twice_is_one_payment(shop: Shop) -> None:
    """The first execution was taken for dead and goes on: both tell of the same payment."""
    slow = shop.gateway.hold("tokenise")
    first = asyncio.create_task(shop.payments.create(a_call(1), a_wish_to_be_paid()))
    await slow.reached.wait()
    second = await shop.payments.create(a_call(1, resumed=True), a_wish_to_be_paid())
    slow.release()
    assert (await first).id == second.id
    assert len(shop.gateway.payments) == 1
    shop.assert_truth_is_told()


async def test_one_capture_executed_twice_is_one_capture(shop: Shop) -> None:
    """The first execution records it between two steps of the second: that is no reason to refuse the second."""
    command = CapturePayment((await shop.authorised()).id)
    answers = await _both(
        shop.payments.capture(a_call(2, resumed=True), command), shop.payments.capture(a_call(2), command)
    )
    assert [getattr(answer, "captured", answer) for answer in answers] == [True, True]
    shop.assert_truth_is_told()


async def test_one_cancel_executed_twice_is_one_cancel(shop: Shop) -> None:
    """As with captures."""
    payment_id = (await shop.authorised()).id
    answers = await _both(
        shop.payments.cancel(a_call(2, resumed=True), payment_id), shop.payments.cancel(a_call(2), payment_id)
    )
    assert [getattr(answer, "status", answer) for answer in answers] == [PaymentStatus.CANCELED] * 2
    shop.assert_truth_is_told()


async def test_a_resumed_call_does_not_see_its_own_capture_as_another_ones(shop: Shop) -> None:
    """The same operation, cut off before its answer, tells of its own capture; another one is told ALREADY_CAPTURED."""
    command = CapturePayment((await shop.authorised()).id)
    first = await shop.payments.capture(a_call(2), command)
    again = await shop.payments.capture(a_call(2, resumed=True), command)
    assert replace(again, version=0) == replace(first, version=0)
    with pytest.raises(AlreadyCaptured):
        await shop.payments.capture(a_call(3, resumed=True), command)
