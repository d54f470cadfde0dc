"""Refunding: never more than was captured, each refund once, and what a gateway says of it counts whenever it comes."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.errors import (
    AlreadyRefunded,
    DomainError,
    GatewayError,
    GatewayUnavailable,
    InvalidAmount,
    InvalidState,
    NotSupported,
    PaymentNotFound,
    RefundAmountInvalid,
    RefundNotFound,
)
from server.domain.events import EventType
from server.domain.jobs import JobKind
from server.domain.ledger import PostingKind
from server.domain.listing import Cursor, PaymentFilter, PaymentQuery, RefundQuery
from server.domain.outcomes import Refunded, RefundFailed, RefundPending, Unknown
from server.domain.payment import Payment, PaymentStatus
from server.domain.refund import Refund, RefundFailure, RefundReason, RefundStatus
from server.operations.commands import CreateRefund
from server.operations.settling import Settling
from tests.builders import A_CALLER, a_call, a_wish_to_be_paid, a_wish_to_be_refunded, an_id
from tests.fake_gateway import Fault
from tests.shop import Shop

A_WHILE = timedelta(minutes=30)
A_WEEK = timedelta(days=7)


async def _refund(shop: Shop, operation: int = 2, amount: str | None = None, *, slow_bank: bool = False) -> Refund:
    wish = a_wish_to_be_refunded(shop.payment().id, amount, slow_bank=slow_bank)
    return await shop.refunds.create(a_call(operation), wish)


async def _read(shop: Shop) -> Payment:
    return await shop.payments.get(A_CALLER, shop.payment().id)


def _told(shop: Shop, refund: Refund) -> list[tuple[int, EventType]]:
    events = (event for event in shop.tables.events.values() if event.object_id == refund.id)
    return sorted((event.sequence, event.type) for event in events)


async def test_a_refund_returns_all_that_was_captured(shop: Shop) -> None:
    """Without an amount; the payment is `refunded` then, and books and outbox say so."""
    await shop.captured("59.49")
    refund = await _refund(shop)
    assert (refund.status, str(refund.money), refund.gateway_refund_id) == (RefundStatus.SUCCEEDED, "59.49", "gr_1")
    payment = await _read(shop)
    assert (payment.status, payment.refunded_minor, payment.refunds) == (PaymentStatus.REFUNDED, 5949, (refund,))
    assert _told(shop, refund) == [(1, EventType.REFUND_CREATED), (2, EventType.REFUND_SUCCEEDED)]
    shop.assert_truth_is_told()


async def test_partial_refunds_may_be_many(shop: Shop) -> None:
    """Two equal ones under two keys are two; what is left is refunded by one without an amount."""
    await shop.captured("59.49")
    amounts = [str((await _refund(shop, number, amount)).money) for number, amount in ((2, "10"), (3, "10.00"))]
    assert amounts == ["10.00", "10.00"]
    assert (await _read(shop)).status is PaymentStatus.SUCCEEDED
    assert str((await _refund(shop, 4)).money) == "39.49"
    assert (await _read(shop)).status is PaymentStatus.REFUNDED
    shop.assert_truth_is_told()


async def test_a_refund_never_passes_what_is_left(shop: Shop) -> None:
    """REFUND_AMOUNT_INVALID names the amount; after a partial capture the captured part is the limit."""
    payment = await shop.authorised(amount="59.49")
    await shop.capture("20.00")
    await _refund(shop, 3, "5.00")
    with pytest.raises(RefundAmountInvalid, match=r"amount: must be at most 15\.00"):
        await _refund(shop, 4, "15.01")
    await _refund(shop, 5, "15.00")
    with pytest.raises(AlreadyRefunded):
        await _refund(shop, 6, "0.01")
    with pytest.raises(AlreadyRefunded):
        await _refund(shop, 7)
    assert shop.gateway.returned_minor(payment.reference) == 2000
    shop.assert_truth_is_told()


@pytest.mark.parametrize("amount", ["0", "-1", "1.001", "1e1", ""])
async def test_a_refund_of_what_is_no_amount_is_refused(shop: Shop, amount: str) -> None:
    """INVALID_AMOUNT, and nothing is sent."""
    await shop.captured()
    with pytest.raises(InvalidAmount):
        await _refund(shop, amount=amount)
    assert "refund" not in shop.gateway.calls


async def test_an_amount_that_the_gateway_cannot_express_is_refused(shop: Shop) -> None:
    """INVALID_AMOUNT before anything is sent, as at creation."""
    await shop.payments.create(a_call(1), a_wish_to_be_paid("1.230", "KWD"))
    with pytest.raises(InvalidAmount):
        await _refund(shop, amount="1.001")
    assert shop.tables.refunds == {}


@pytest.mark.parametrize("token", ["tok_challenge", "tok_works"])
async def test_what_is_not_captured_is_not_refunded(shop: Shop, token: str) -> None:
    """INVALID_STATE while the payment waits, and while its outcome is unknown."""
    await shop.payments.create(a_call(1), a_wish_to_be_paid(token=token))
    with pytest.raises(InvalidState, match="nothing to refund"):
        await _refund(shop)


async def test_an_authorisation_is_not_refunded(shop: Shop) -> None:
    """INVALID_STATE: it is canceled instead, also while its capture is under way."""
    await shop.authorised()
    with pytest.raises(InvalidState):
        await _refund(shop)
    shop.gateway.next("capture", Fault.REQUEST_LOST)
    await shop.capture()
    with pytest.raises(InvalidState):
        await _refund(shop, 3)


async def test_refunding_what_does_not_exist_is_refused(shop: Shop) -> None:
    """PAYMENT_NOT_FOUND, and REFUND_NOT_FOUND for a refund of another payment."""
    with pytest.raises(PaymentNotFound):
        await shop.refunds.create(a_call(2), a_wish_to_be_refunded(an_id(99)))
    payment = await shop.captured()
    other = await shop.payments.create(a_call(5), a_wish_to_be_paid())
    refund = await shop.refunds.create(a_call(6), a_wish_to_be_refunded(payment.id))
    assert await shop.refunds.get(A_CALLER, payment.id, refund.id) == refund
    with pytest.raises(RefundNotFound):
        await shop.refunds.get(A_CALLER, other.id, refund.id)
    stranger = replace(A_CALLER, merchant_id="other")
    with pytest.raises(PaymentNotFound):
        await shop.refunds.get(stranger, payment.id, refund.id)
    with pytest.raises(PaymentNotFound):
        await shop.refunds.create(a_call(7, caller=stranger), a_wish_to_be_refunded(payment.id))


async def test_a_gateway_without_partial_refunds_returns_all_or_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NOT_SUPPORTED for a part."""
    monkeypatch.setattr(shop.gateway, "capabilities", replace(shop.gateway.capabilities, partial_refund=False))
    await shop.captured("59.49")
    with pytest.raises(NotSupported):
        await _refund(shop, amount="59.48")
    assert (await _refund(shop, 3, "59.49")).status is RefundStatus.SUCCEEDED
    shop.assert_truth_is_told()


async def test_a_refund_keeps_what_the_caller_said(shop: Shop) -> None:
    """Reason and metadata, and the number that it has for ever."""
    payment = await shop.captured()
    command = CreateRefund(payment_id=payment.id, reason=RefundReason.DUPLICATE, metadata={"note": "twice"})
    refund = await shop.refunds.create(a_call(2), command)
    assert (refund.reason, dict(refund.metadata), refund.id) == (RefundReason.DUPLICATE, {"note": "twice"}, an_id(2))
    assert shop.gateway.returned[refund.id].refund.reference == refund.reference


@pytest.mark.parametrize(
    ("fault", "refused", "failure"),
    [
        (Fault.REFUSED, GatewayError, RefundFailure.REFUSED),
        (Fault.UNREACHABLE, GatewayUnavailable, RefundFailure.NOT_SENT),
    ],
)
async def test_a_refund_that_did_not_happen_is_kept_as_failed_and_holds_nothing(
    shop: Shop, fault: Fault, refused: type[DomainError], failure: RefundFailure
) -> None:
    """The error names it; all of the payment can be refunded as before."""
    await shop.captured()
    shop.gateway.next("refund", fault)
    with pytest.raises(refused) as error:
        await _refund(shop)
    assert error.value.facts == {"payment_id": str(shop.payment().id), "refund_id": str(an_id(2))}
    (refund,) = (await _read(shop)).refunds
    assert (refund.status, refund.failure, bool(refund.failure_reason)) == (RefundStatus.FAILED, failure, True)
    assert _told(shop, refund) == [(1, EventType.REFUND_CREATED), (2, EventType.REFUND_FAILED)]
    shop.assert_truth_is_told()
    assert (await _refund(shop, 3)).status is RefundStatus.SUCCEEDED
    shop.assert_truth_is_told()


@pytest.mark.parametrize("fault", [Fault.REQUEST_LOST, Fault.REPLY_LOST, Fault.REQUEST_LATE])
async def test_a_refund_whose_answer_is_lost_is_pending_and_found_out(shop: Shop, fault: Fault) -> None:
    """No error; it holds its amount until then, and there is one refund however late the request arrives."""
    payment = await shop.captured("59.49")
    shop.gateway.next("refund", fault)
    assert (await _refund(shop, amount="50.00")).status is RefundStatus.PENDING
    assert (await _read(shop)).refunding_minor == 5000
    with pytest.raises(RefundAmountInvalid):
        await _refund(shop, 3, "10.00")
    await shop.pass_time(A_WHILE)
    shop.gateway.deliver_late()
    assert shop.tables.refunds[an_id(2)].status is RefundStatus.SUCCEEDED
    assert shop.gateway.returned_minor(payment.reference) == 5000
    shop.assert_truth_is_told()


async def test_what_is_held_is_no_refunded_payment(shop: Shop) -> None:
    """INVALID_STATE rather than ALREADY_REFUNDED, as nobody knows yet."""
    await shop.captured()
    shop.gateway.next("refund", Fault.REQUEST_LOST)
    await _refund(shop)
    assert (await _read(shop)).status is PaymentStatus.SUCCEEDED
    with pytest.raises(InvalidState, match="held by refunds"):
        await _refund(shop, 3, "1.00")


@pytest.mark.parametrize("takes", [True, False])
async def test_a_pending_refund_is_settled_when_the_bank_has_spoken(shop: Shop, takes: bool) -> None:
    """After days, by asking; what failed is free again."""
    await shop.captured()
    refund = await _refund(shop, slow_bank=True)
    assert (refund.status, refund.gateway_refund_id) == (RefundStatus.PENDING, "gr_1")
    await shop.pass_time(timedelta(days=9))
    assert shop.tables.refunds[refund.id].status is RefundStatus.PENDING
    assert not shop.tables.refunds[refund.id].needs_review
    shop.gateway.bank(refund.id, takes=takes)
    await shop.pass_time(timedelta(hours=6, seconds=1))
    payment = await _read(shop)
    assert payment.status is (PaymentStatus.REFUNDED if takes else PaymentStatus.SUCCEEDED)
    assert payment.refunding_minor == 0
    shop.assert_truth_is_told()


async def test_a_refund_can_fail_after_it_succeeded(shop: Shop) -> None:
    """The money is back: posted back, the payment no longer `refunded`, and free to be refunded again."""
    await shop.captured()
    refund = await _refund(shop)
    shop.gateway.bank(refund.id, takes=False)
    failed = await shop.refund_settling.settle(refund, RefundFailed("the account is closed"))
    assert (failed.status, failed.failure) == (RefundStatus.FAILED, RefundFailure.REVERSED)
    payment = await _read(shop)
    assert (payment.status, payment.refunded_minor) == (PaymentStatus.SUCCEEDED, 0)
    assert (PostingKind.REFUND_REVERSAL, refund.id, 1) in shop.tables.postings
    assert _told(shop, refund)[-1] == (3, EventType.REFUND_FAILED)
    shop.assert_truth_is_told()
    await _refund(shop, 3)
    shop.assert_truth_is_told()


@pytest.mark.parametrize("late", [Refunded("gr_1"), RefundPending("gr_1"), RefundFailed("again"), Unknown("lost")])
async def test_an_older_answer_takes_nothing_back(shop: Shop, late: Refunded | RefundPending | RefundFailed) -> None:
    """What arrives after a failure changes nothing, `updated_at` included."""
    await shop.captured()
    refund = await _refund(shop)
    await shop.refund_settling.settle(refund, RefundFailed("the account is closed"))
    before = await _read(shop)
    shop.clock.move(A_WHILE)
    await shop.refund_settling.settle(refund, late)
    assert await _read(shop) == before


async def test_one_answer_counts_once(shop: Shop) -> None:
    """A call and a callback with the same news: one posting, no gap in the events."""
    await shop.captured()
    refund = await _refund(shop, slow_bank=True)
    settled = [shop.refund_settling.settle(refund, Refunded("gr_1")) for _ in range(2)]
    first, second = await asyncio.gather(*settled)
    assert first == second
    shop.gateway.bank(refund.id, takes=True)
    shop.assert_truth_is_told()


async def test_concurrent_refunds_never_pass_what_was_captured(shop: Shop) -> None:
    """Ten callers want 10.00 each of 59.49: five are refunded, the others are told so before anything is sent."""
    payment = await shop.captured("59.49")
    wish = a_wish_to_be_refunded(payment.id, "10.00")
    calls = (shop.refunds.create(a_call(number), wish) for number in range(2, 12))
    told = await asyncio.gather(*calls, return_exceptions=True)
    assert sum(isinstance(each, Refund) for each in told) == 5
    assert sum(isinstance(each, RefundAmountInvalid) for each in told) == 5
    assert shop.gateway.calls.count("refund") == 5
    assert shop.gateway.returned_minor(payment.reference) == 5000
    shop.assert_truth_is_told()


async def test_one_refund_executed_twice_is_one_refund(shop: Shop) -> None:
    """The first execution was taken for dead and goes on: both tell of the same refund."""
    payment = await shop.captured()
    wish, slow = a_wish_to_be_refunded(payment.id, "10.00"), shop.gateway.hold("refund")
    first = asyncio.create_task(shop.refunds.create(a_call(2), wish))
    await slow.reached.wait()
    second = await shop.refunds.create(a_call(2, resumed=True), wish)
    slow.release()
    assert await first == second
    assert len(shop.gateway.returned) == 1
    shop.assert_truth_is_told()


async def test_a_resumed_refund_is_told_as_it_was_settled(shop: Shop) -> None:
    """The same error, though all of the payment has been refunded by others since."""
    await shop.captured()
    shop.gateway.next("refund", Fault.REFUSED)
    with pytest.raises(GatewayError) as first:
        await _refund(shop)
    await _refund(shop, 3)
    with pytest.raises(GatewayError) as again:
        await shop.refunds.create(a_call(2, resumed=True), a_wish_to_be_refunded(shop.payment().id))
    assert (again.value.message, again.value.facts) == (first.value.message, first.value.facts)


async def test_a_failure_to_send_proves_nothing_when_others_may_have_sent(shop: Shop) -> None:
    """The caller connects for so long that the background takes its refund over; its `not sent` must not free the amount."""
    payment = await shop.captured()
    shop.gateway.next("refund", Fault.UNREACHABLE)
    stalled = shop.gateway.hold("refund")
    refunding = asyncio.create_task(shop.refunds.create(a_call(2), a_wish_to_be_refunded(payment.id)))
    await stalled.reached.wait()
    shop.gateway.next("resume_refund", Fault.REQUEST_LATE)
    await shop.pass_time(timedelta(seconds=21))
    stalled.release()
    assert (await refunding).status is RefundStatus.PENDING
    shop.gateway.deliver_late()
    await shop.pass_time(A_WHILE)
    shop.assert_truth_is_told()


async def test_age_never_fails_a_refund(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """After a week of silence a person is told, once, and the gateway is asked on."""
    await shop.captured()
    shop.gateway.next("refund", Fault.REQUEST_LOST)
    shop.gateway.next("resume_refund", *[Fault.REQUEST_LOST] * 70)
    refund = await _refund(shop)
    await shop.pass_time(A_WEEK + timedelta(days=1))
    stored = shop.tables.refunds[refund.id]
    assert (stored.status, stored.needs_review, stored.updated_at) == (RefundStatus.PENDING, True, refund.updated_at)
    assert [record.message for record in caplog.records] == [
        "a refund's outcome is still unknown; look it up at the gateway"
    ]
    await shop.pass_time(A_WEEK)
    assert (shop.tables.refunds[refund.id].status, shop.tables.refunds[refund.id].needs_review) == (
        RefundStatus.SUCCEEDED,
        False,
    )
    shop.assert_truth_is_told()


async def test_refunds_are_listed_newest_first(shop: Shop) -> None:
    """By page, and behind the last one seen; a payment shows them oldest first."""
    payment = await shop.captured("59.49")
    made = [(await _refund(shop, number, "1.00")).id for number in range(2, 7)]
    assert [refund.id for refund in (await _read(shop)).refunds] == made
    newest = made[::-1]
    first = await shop.refunds.list(A_CALLER, RefundQuery(payment.id, per_page=2))
    assert ([refund.id for refund in first.items], first.total, first.next) == (newest[:2], 5, Cursor(newest[1]))
    last = await shop.refunds.list(A_CALLER, RefundQuery(payment.id, page=3, per_page=2))
    assert ([refund.id for refund in last.items], last.total, last.next) == (newest[4:], 5, None)
    behind = await shop.refunds.list(A_CALLER, RefundQuery(payment.id, per_page=2, after=first.next))
    assert ([refund.id for refund in behind.items], behind.total) == (newest[2:4], None)
    assert (await shop.refunds.list(A_CALLER, RefundQuery(payment.id, page=4, per_page=2))).items == ()
    assert (await shop.refunds.list(A_CALLER, RefundQuery(payment.id, after=Cursor(an_id(99))))).items == ()
    with pytest.raises(PaymentNotFound):
        await shop.refunds.list(A_CALLER, RefundQuery(an_id(99)))


async def test_lists_of_payments_show_refunds_too(shop: Shop) -> None:
    """As reading one does."""
    await shop.captured()
    refund = await _refund(shop)
    (listed,) = (await shop.payments.list(A_CALLER, PaymentQuery(PaymentFilter()))).items
    assert (listed.status, listed.refunds) == (PaymentStatus.REFUNDED, (refund,))


async def test_the_service_itself_refunds_in_one_transaction_with_the_cause(shop: Shop) -> None:
    """Recorded where the caller decides it, sent by the background at once, and once however often it is recorded."""
    payment = await shop.captured()
    for _ in range(2):
        refund = await shop.store.transaction(lambda tx: shop.refund_recording.record_in(tx, payment, an_id(900)))
        assert (refund.status, refund.money) == (RefundStatus.PENDING, payment.money)
    assert [job.kind for job in shop.tables.jobs.values()] == [JobKind.SETTLE_REFUND]
    await shop.pass_time(timedelta(seconds=1))
    assert (await _read(shop)).status is PaymentStatus.REFUNDED
    assert shop.gateway.calls.count("resume_refund") == 1
    shop.assert_truth_is_told()


async def test_a_late_success_is_refunded_in_the_transaction_that_records_it(shop: Shop) -> None:
    """The payment is settled and refunded together, or neither."""
    payment = await shop.payments.create(a_call(1), a_wish_to_be_paid(token="tok_challenge"))
    shop.gateway.customer(payment.reference, pays=True)
    attempt = shop.tables.attempts[payment.id]
    outcome = await shop.gateway.fetch(attempt)
    settling: Settling = shop.settling

    def settle_and_refund(tx):  # type: ignore[no-untyped-def]
        settled, _ = settling.settle_in(tx, attempt, outcome)
        return shop.refund_recording.record_in(tx, settled, an_id(900))

    await shop.store.transaction(settle_and_refund)
    await shop.pass_time(A_WHILE)
    assert (await _read(shop)).status is PaymentStatus.REFUNDED
    shop.assert_truth_is_told()
