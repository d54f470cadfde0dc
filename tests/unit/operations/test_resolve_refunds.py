"""Resolving a refund by hand: the gateway's word first, then the operator's; with the books, the events and the evidence, once."""

import asyncio
from datetime import timedelta

import pytest

from server.domain.access import Caller
from server.domain.errors import InvalidState, PaymentNotFound, RefundAmountInvalid, RefundNotFound, ValidationError
from server.domain.events import EventType
from server.domain.ledger import PostingKind
from server.domain.outcomes import Refunded, RefundFailed
from server.domain.payment import Payment, PaymentStatus
from server.domain.refund import Refund, RefundFailure, RefundStatus
from server.domain.refund_resolution import RefundResolution, RefundVerdict
from server.domain.resolution import RESOLVABLE_AFTER
from server.operations.refund_resolving import RefundResolving
from tests.builders import A_CALLER, a_call, a_wish_to_be_refunded, an_id
from tests.crashing import Crash
from tests.fake_gateway import FakeGateways, Fault
from tests.shop import Shop

EVIDENCE = "ticket 4711: no refund under this reference"
NEVER_TOLD = [Fault.REQUEST_LOST] * 200
A_MOMENT = timedelta(seconds=1)


async def _resolve(
    shop: Shop,
    verdict: RefundVerdict,
    number: str | None = None,
    *,
    operation: int = 9,
    refund: int = 2,
    resumed: bool = False,
    caller: Caller = A_CALLER,
) -> Refund:
    resolving = RefundResolving(shop.store, FakeGateways(shop.gateway), shop.refund_settling, shop.clock)
    call = a_call(operation, resumed=resumed, caller=caller)
    return await resolving.resolve(call, an_id(1), an_id(refund), RefundResolution(verdict, EVIDENCE, number))


async def _refund(shop: Shop, operation: int, amount: str, *, slow_bank: bool = False) -> Refund:
    wish = a_wish_to_be_refunded(an_id(1), amount, slow_bank=slow_bank)
    return await shop.refunds.create(a_call(operation), wish)


async def _lost(shop: Shop, *, for_time: timedelta = RESOLVABLE_AFTER) -> None:
    """A refund of 50.00 of 59.49 whose outcome nobody ever told."""
    await shop.captured("59.49")
    shop.gateway.next("refund", Fault.REQUEST_LOST)
    shop.gateway.next("resume_refund", *NEVER_TOLD)
    await _refund(shop, 2, "50.00")
    await shop.pass_time(for_time)
    assert _stored(shop).pending


def _stored(shop: Shop) -> Refund:
    return shop.tables.refunds[an_id(2)]


async def _payment(shop: Shop) -> Payment:
    return await shop.payments.get(A_CALLER, an_id(1))


def _last_event(shop: Shop) -> EventType:
    told = [event for event in shop.tables.events.values() if event.object_id == an_id(2)]
    return max(told, key=lambda event: event.sequence).type


def _details(shop: Shop) -> dict[str, str]:
    """The only entry of the audit log."""
    (entry,) = shop.tables.audit.values()
    assert (entry.action, entry.actor, entry.object_id) == ("refund.resolve", A_CALLER.credential, str(an_id(2)))
    assert (entry.object_type, entry.created_at) == ("refund", shop.clock.now())
    return dict(entry.details)


async def test_a_refund_that_failed_is_failed(shop: Shop) -> None:
    """With its event and the evidence; nobody asks any more, and its amount can be refunded again."""
    await _lost(shop)
    with pytest.raises(RefundAmountInvalid):
        await _refund(shop, 3, "50.00")
    refund = await _resolve(shop, RefundVerdict.FAILED)
    assert (refund.status, refund.failure) == (RefundStatus.FAILED, RefundFailure.RESOLVED)
    assert refund.failure_reason == "an operator found that no money was returned"
    assert _last_event(shop) is EventType.REFUND_FAILED
    assert _details(shop) == {
        "resolution": "failed",
        "evidence": EVIDENCE,
        "previous_status": "pending",
        "status": "failed",
        "decided_by": "operator",
        "payment_id": str(an_id(1)),
    }
    assert not shop.tables.jobs
    assert (await _refund(shop, 3, "50.00")).status is RefundStatus.SUCCEEDED
    shop.assert_truth_is_told()


async def test_a_refund_that_succeeded_is_booked(shop: Shop) -> None:
    """Under the number that the operator found."""
    await _lost(shop)
    refund = await _resolve(shop, RefundVerdict.SUCCEEDED, "gr_found")
    assert (refund.status, refund.gateway_refund_id) == (RefundStatus.SUCCEEDED, "gr_found")
    assert (PostingKind.REFUND, refund.id, 1) in shop.tables.postings
    assert (await _payment(shop)).refunded_minor == 5000
    assert _last_event(shop) is EventType.REFUND_SUCCEEDED
    assert _details(shop)["gateway_refund_id"] == "gr_found"
    assert not shop.tables.jobs


async def test_what_a_person_was_asked_to_look_up_can_be_resolved(shop: Shop) -> None:
    """After a week; whether it was known that the gateway had taken it in or not."""
    await _lost(shop, for_time=timedelta(days=9))
    assert _stored(shop).needs_review
    refund = await _resolve(shop, RefundVerdict.FAILED)
    assert (refund.status, refund.needs_review) == (RefundStatus.FAILED, False)
    shop.assert_truth_is_told()


async def test_the_gateways_word_counts_more(shop: Shop) -> None:
    """It returns the money when it is asked: the verdict is kept as evidence, and does not count."""
    await _lost(shop)
    shop.gateway.heal()
    refund = await _resolve(shop, RefundVerdict.FAILED)
    assert refund.status is RefundStatus.SUCCEEDED
    told = _details(shop)
    assert (told["resolution"], told["decided_by"], told["status"]) == ("failed", "gateway", "succeeded")
    shop.assert_truth_is_told()


async def test_a_refund_that_the_gateway_works_on_is_not_resolved(shop: Shop) -> None:
    """Whether that is known before it is asked or told then: its bank may still take or refuse it."""
    await shop.captured("59.49")
    shop.gateway.next("refund", Fault.REPLY_LOST)
    shop.gateway.next("resume_refund", *NEVER_TOLD)
    await _refund(shop, 2, "50.00", slow_bank=True)
    await shop.pass_time(RESOLVABLE_AFTER)
    shop.gateway.heal()
    for why in ("says that the refund is under way", "works on the refund"):
        with pytest.raises(InvalidState, match=why):
            await _resolve(shop, RefundVerdict.FAILED)
    assert (_stored(shop).status, _stored(shop).gateway_refund_id) == (RefundStatus.PENDING, "gr_1")
    assert not shop.tables.audit
    shop.assert_truth_is_told()


async def test_a_verdict_comes_too_early_on_the_first_day(shop: Shop) -> None:
    """INVALID_STATE says from when; nothing is asked and nothing is kept."""
    await _lost(shop, for_time=RESOLVABLE_AFTER - A_MOMENT)
    asked = len(shop.gateway.calls)
    with pytest.raises(InvalidState, match="a verdict is heard from 2024-01-16T12:00:00Z"):
        await _resolve(shop, RefundVerdict.FAILED)
    assert (len(shop.gateway.calls), shop.tables.audit) == (asked, {})


async def test_what_is_known_is_not_resolved(shop: Shop) -> None:
    """Neither a refund that succeeded nor, a second time, one that was resolved."""
    await _lost(shop)
    await _resolve(shop, RefundVerdict.FAILED)
    with pytest.raises(InvalidState, match="is failed needs no verdict"):
        await _resolve(shop, RefundVerdict.SUCCEEDED, "gr_9", operation=10)
    shop.gateway.heal()
    await _refund(shop, 3, "1.00")
    with pytest.raises(InvalidState, match="is succeeded needs no verdict"):
        await _resolve(shop, RefundVerdict.FAILED, operation=11, refund=3)
    assert len(shop.tables.audit) == 1


async def test_a_refund_is_found_by_its_merchant_and_its_payment(shop: Shop) -> None:
    """PAYMENT_NOT_FOUND and REFUND_NOT_FOUND."""
    await _lost(shop)
    with pytest.raises(PaymentNotFound):
        await _resolve(shop, RefundVerdict.FAILED, caller=Caller("another", "sk_other"))
    with pytest.raises(RefundNotFound):
        await _resolve(shop, RefundVerdict.FAILED, refund=7)


async def test_a_number_that_is_missing_is_asked_for(shop: Shop) -> None:
    """VALIDATION_ERROR names it; the gateway is not asked before the request makes sense."""
    await _lost(shop)
    asked = len(shop.gateway.calls)
    with pytest.raises(ValidationError) as refused:
        await _resolve(shop, RefundVerdict.SUCCEEDED)
    assert (refused.value.field, len(shop.gateway.calls)) == ("gateway_refund_id", asked)


async def test_another_number_than_the_gateways_is_refused(shop: Shop) -> None:
    """Of a refund that the gateway took in and told nothing more of for a week."""
    await shop.captured("59.49")
    await _refund(shop, 2, "50.00", slow_bank=True)
    shop.gateway.next("resume_refund", *NEVER_TOLD)
    await shop.pass_time(timedelta(days=9))
    with pytest.raises(ValidationError, match="is not the number"):
        await _resolve(shop, RefundVerdict.SUCCEEDED, "gr_9")
    shop.gateway.bank(an_id(2), takes=True)
    assert (await _resolve(shop, RefundVerdict.SUCCEEDED)).gateway_refund_id == "gr_1"
    shop.assert_truth_is_told()


async def test_a_verdict_that_the_background_overtakes_is_refused(shop: Shop) -> None:
    """The gateway told it while the verdict was on its way: what was returned is not taken for money that came back."""
    await _lost(shop)
    asking = shop.gateway.hold("resume_refund", done=True)
    verdict = asyncio.create_task(_resolve(shop, RefundVerdict.FAILED))
    await asking.reached.wait()
    shop.gateway.heal()
    await shop.refund_settling.resume(_stored(shop))
    asking.release()
    with pytest.raises(InvalidState, match="is succeeded needs no verdict"):
        await verdict
    assert (_stored(shop).status, shop.tables.audit) == (RefundStatus.SUCCEEDED, {})
    shop.assert_truth_is_told()


@pytest.mark.parametrize("step", [1, 2, 3, 4])
async def test_a_resumed_call_answers_the_same(shop: Shop, step: int) -> None:
    """Killed at any step: one event, one entry, and the answer of an execution that was not cut off."""
    await _lost(shop)
    shop.fuse.light(step)
    with pytest.raises(Crash):
        await _resolve(shop, RefundVerdict.FAILED)
    shop.start()
    refund = await _resolve(shop, RefundVerdict.FAILED, resumed=True)
    assert (refund.status, refund.sequence, len(shop.tables.audit)) == (RefundStatus.FAILED, 2, 1)


async def test_a_refund_that_turns_up_later_counts(shop: Shop) -> None:
    """An operator can be wrong; the gateway's late word that the money went is booked, and its later one that it came back."""
    await _lost(shop)
    failed = await _resolve(shop, RefundVerdict.FAILED)
    late = await shop.refund_settling.settle(failed, Refunded("gr_late"))
    assert (late.status, late.failure, late.failure_reason) == (RefundStatus.SUCCEEDED, None, None)
    assert (PostingKind.REFUND, late.id, 1) in shop.tables.postings
    assert (await _payment(shop)).refunded_minor == 5000
    back = await shop.refund_settling.settle(late, RefundFailed("the account is closed"))
    assert (back.status, back.failure) == (RefundStatus.FAILED, RefundFailure.REVERSED)
    assert await shop.refund_settling.settle(back, Refunded("gr_late")) == back


async def test_a_refund_that_turns_up_too_late_is_told_of(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """Its amount was refunded anew meanwhile: more than was captured cannot be booked, and a person is to look."""
    await _lost(shop)
    failed = await _resolve(shop, RefundVerdict.FAILED)
    await _refund(shop, 3, "50.00")
    assert await shop.refund_settling.settle(failed, Refunded("gr_late")) == failed
    assert "a refund that a person found to have failed was done" in caplog.text
    payment = await _payment(shop)
    assert (payment.refunded_minor, payment.status) == (5000, PaymentStatus.SUCCEEDED)
    shop.assert_truth_is_told()
