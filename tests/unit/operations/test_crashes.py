"""The service is killed between any two steps of a call: after a restart the gateway's truth, the payment and the books agree, and there is one charge."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from itertools import product

import pytest

from server.domain.attempt import AttemptKind
from server.domain.errors import DomainError
from server.domain.payment import Payment, PaymentStatus
from server.domain.refund import Refund, RefundStatus
from server.domain.settlement import AUTHORISATION_VALID_FOR
from server.operations.commands import CapturePayment
from tests.builders import a_call, a_wish_to_be_paid, a_wish_to_be_refunded, an_id
from tests.crashing import Crash
from tests.fake_gateway import Fault
from tests.shop import Shop

A_WHILE = timedelta(minutes=30)

Operation = Callable[[Shop, bool], Awaitable[Payment | Refund]]


async def _nothing(_shop: Shop) -> None:
    """A payment begins with its creation."""


async def _authorised(shop: Shop) -> None:
    await shop.authorised()


async def _captured(shop: Shop) -> None:
    await shop.captured()


async def _create(shop: Shop, resumed: bool) -> Payment:
    return await shop.payments.create(a_call(2, resumed=resumed), a_wish_to_be_paid())


async def _create_declined(shop: Shop, resumed: bool) -> Payment:
    return await shop.payments.create(a_call(2, resumed=resumed), a_wish_to_be_paid(token="tok_declined"))


async def _create_challenged(shop: Shop, resumed: bool) -> Payment:
    return await shop.payments.create(a_call(2, resumed=resumed), a_wish_to_be_paid(token="tok_challenge"))


async def _create_manual(shop: Shop, resumed: bool) -> Payment:
    return await shop.payments.create(a_call(2, resumed=resumed), a_wish_to_be_paid(manual=True))


async def _capture(shop: Shop, resumed: bool) -> Payment:
    return await shop.payments.capture(a_call(2, resumed=resumed), CapturePayment(an_id(1), "12.50"))


async def _cancel(shop: Shop, resumed: bool) -> Payment:
    return await shop.payments.cancel(a_call(2, resumed=resumed), an_id(1))


async def _refund(shop: Shop, resumed: bool) -> Refund:
    return await shop.refunds.create(a_call(2, resumed=resumed), a_wish_to_be_refunded(an_id(1), "12.50"))


async def _refund_all(shop: Shop, resumed: bool) -> Refund:
    return await shop.refunds.create(a_call(2, resumed=resumed), a_wish_to_be_refunded(an_id(1)))


# What comes before, what is cut off, and its steps: two for each commit and each call of the gateway.
OPERATIONS: Mapping[str, tuple[Callable[[Shop], Awaitable[object]], Operation, int]] = {
    "create": (_nothing, _create, 8),
    "create, declined": (_nothing, _create_declined, 8),
    "create, challenged": (_nothing, _create_challenged, 8),
    "create, manual": (_nothing, _create_manual, 8),
    "capture": (_authorised, _capture, 6),
    "cancel": (_authorised, _cancel, 6),
    "refund": (_captured, _refund, 6),
    "refund all": (_captured, _refund_all, 6),
}
EVERY_STEP = [(name, step) for name, (_, _, steps) in OPERATIONS.items() for step in range(1, steps + 1)]


async def _outcome(call: Awaitable[Payment | Refund]) -> tuple[PaymentStatus | RefundStatus, int] | str:
    """What the caller learns."""
    try:
        told = await call
    except DomainError as error:
        return error.reason
    return told.status, told.captured_minor if isinstance(told, Payment) else told.money.amount_minor


async def _killed(shop: Shop, name: str, step: int) -> None:
    before, operation, _ = OPERATIONS[name]
    await before(shop)
    shop.fuse.light(step)
    with pytest.raises(Crash):
        await operation(shop, False)
    shop.assert_nothing_is_forgotten()
    shop.start()


@pytest.mark.parametrize("name", OPERATIONS)
async def test_every_step_is_tried(shop: Shop, name: str) -> None:
    """An operation has as many steps as the tests below cut it off at."""
    before, operation, steps = OPERATIONS[name]
    await before(shop)
    shop.fuse.light(steps + 1)
    await _outcome(operation(shop, False))
    assert shop.fuse.steps == steps


@pytest.mark.parametrize(("name", "step"), EVERY_STEP)
async def test_the_background_finishes_what_was_cut_off(shop: Shop, name: str, step: int) -> None:
    """Nobody asks again: what was recorded is settled, and what was not has never been sent."""
    await _killed(shop, name, step)
    await shop.pass_time(A_WHILE)
    shop.assert_truth_is_told()


@pytest.mark.parametrize(("name", "step"), EVERY_STEP)
@pytest.mark.parametrize("later", [False, True])
async def test_a_caller_who_asks_again_is_told_what_an_uncut_call_is(
    shop: Shop, name: str, step: int, later: bool
) -> None:
    """At once, or after the background has done it: the same answer, and one charge."""
    _, operation, _ = OPERATIONS[name]
    untroubled = Shop()
    await OPERATIONS[name][0](untroubled)
    expected = await _outcome(operation(untroubled, False))

    await _killed(shop, name, step)
    if later:
        await shop.pass_time(A_WHILE)
    assert await _outcome(operation(shop, True)) == expected
    assert await _outcome(operation(shop, True)) == expected
    await shop.pass_time(A_WHILE)
    shop.assert_truth_is_told()


@pytest.mark.parametrize("name", OPERATIONS)
async def test_a_repeated_call_may_be_cut_off_as_well(name: str) -> None:
    """Any step of the first call, any step of the second: the third one succeeds."""
    _, operation, steps = OPERATIONS[name]
    for first, second in product(range(1, steps + 1), repeat=2):
        shop = Shop()
        await _killed(shop, name, first)
        shop.fuse.light(second)
        try:
            await _outcome(operation(shop, True))
        except Crash:
            shop.start()
        shop.fuse.light(0)
        shop.assert_nothing_is_forgotten()
        await _outcome(operation(shop, True))
        await shop.pass_time(A_WHILE)
        shop.assert_truth_is_told()


@pytest.mark.parametrize("name", OPERATIONS)
@pytest.mark.parametrize("step", range(1, 7))
async def test_the_background_may_be_cut_off_as_well(shop: Shop, name: str, step: int) -> None:
    """A lost answer, and a crash at any step of finding out: its lease passes, and another process goes on."""
    before, operation, _ = OPERATIONS[name]
    await before(shop)
    for call in ("authorise", "capture", "void", "refund"):
        shop.gateway.next(call, Fault.REPLY_LOST)
    await _outcome(operation(shop, False))
    shop.fuse.light(step)
    with pytest.raises(Crash):
        await shop.pass_time(A_WHILE)
    shop.assert_nothing_is_forgotten()
    shop.start()
    await shop.pass_time(A_WHILE)
    shop.assert_truth_is_told()


@pytest.mark.parametrize("step", range(1, 9))
async def test_an_expiry_may_be_cut_off(shop: Shop, step: int) -> None:
    """At any of its steps: the payment is closed in the end, once."""
    await shop.authorised()
    await shop.pass_time(AUTHORISATION_VALID_FOR - timedelta(seconds=1))
    shop.fuse.light(step)
    with pytest.raises(Crash):
        await shop.pass_time(A_WHILE)
    shop.assert_nothing_is_forgotten()
    shop.start()
    await shop.pass_time(A_WHILE)
    assert shop.payment().status is PaymentStatus.CANCELED
    assert [row.kind for row in shop.tables.attempts.values()] == [AttemptKind.AUTHORISE, AttemptKind.VOID]
    shop.assert_truth_is_told()


@pytest.mark.parametrize("step", range(1, 9))
async def test_a_crash_beside_a_lost_request_charges_once(shop: Shop, step: int) -> None:
    """The request arrives after the crash, after the restart and after it was sent again."""
    shop.gateway.next("authorise", Fault.REQUEST_LATE)
    await _killed(shop, "create", step)
    await shop.pass_time(A_WHILE)
    shop.gateway.deliver_late()
    await shop.pass_time(A_WHILE)
    shop.assert_truth_is_told()


@pytest.mark.parametrize("step", range(1, 7))
async def test_a_crash_beside_a_lost_refund_refunds_once(shop: Shop, step: int) -> None:
    """The request arrives after the crash, after the restart and after it was sent again."""
    shop.gateway.next("refund", Fault.REQUEST_LATE)
    await _killed(shop, "refund", step)
    await shop.pass_time(A_WHILE)
    shop.gateway.deliver_late()
    await shop.pass_time(A_WHILE)
    assert len(shop.gateway.returned) == len(shop.tables.refunds) <= 1
    shop.assert_truth_is_told()


@pytest.mark.parametrize("step", range(1, 9))
async def test_a_refund_of_the_services_own_may_be_cut_off(shop: Shop, step: int) -> None:
    """At any step of sending it: it is sent in the end, and once."""
    payment = await shop.captured()
    await shop.store.transaction(lambda tx: shop.refund_recording.record_in(tx, payment, an_id(900)))
    shop.gateway.next("resume_refund", Fault.REPLY_LOST)
    shop.fuse.light(step)
    with pytest.raises(Crash):
        await shop.pass_time(A_WHILE)
    shop.assert_nothing_is_forgotten()
    shop.start()
    await shop.pass_time(A_WHILE)
    assert len(shop.gateway.returned) == 1
    shop.assert_truth_is_told()
