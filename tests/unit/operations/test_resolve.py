"""Resolving by hand: the gateway's word first, then the operator's; with the books, the events and the evidence, once."""

import asyncio
from datetime import timedelta

import pytest

from server.domain.access import Caller
from server.domain.attempt import AttemptKind, AttemptStatus
from server.domain.errors import InvalidState, PaymentNotFound, ValidationError
from server.domain.events import EventType
from server.domain.ledger import PostingKind
from server.domain.outcomes import Outcome, Waiting
from server.domain.payment import Payment, PaymentStatus
from server.domain.resolution import RESOLVABLE_AFTER, Resolution, Verdict
from server.operations.commands import CapturePayment
from server.operations.resolving import Resolving
from tests.builders import A_CALLER, a_call, a_wish_to_be_paid, an_id
from tests.crashing import Crash
from tests.fake_gateway import FakeGateways, Fault
from tests.shop import Shop

EVIDENCE = "ticket 4711: no charge under this reference"
NEVER_TOLD = [Fault.REQUEST_LOST] * 200


async def _resolve(
    shop: Shop,
    verdict: Verdict,
    number: str | None = None,
    *,
    operation: int = 9,
    resumed: bool = False,
    caller: Caller = A_CALLER,
) -> Payment:
    resolving = Resolving(shop.store, FakeGateways(shop.gateway), shop.settling, shop.clock)
    call = a_call(operation, resumed=resumed, caller=caller)
    return await resolving.resolve(call, an_id(1), Resolution(verdict, EVIDENCE, number))


async def _lost(shop: Shop, *, for_time: timedelta = RESOLVABLE_AFTER) -> None:
    """A payment whose creation nobody ever told the outcome of."""
    shop.gateway.next("authorise", Fault.REQUEST_LOST)
    shop.gateway.next("resume", *NEVER_TOLD)
    await shop.payments.create(a_call(1), a_wish_to_be_paid())
    await shop.pass_time(for_time)
    assert shop.payment().status is PaymentStatus.PROCESSING


async def _lost_operation(shop: Shop, kind: AttemptKind) -> None:
    """An authorised payment whose capture of a part, or whose cancel, nobody ever told the outcome of."""
    await shop.authorised()
    shop.gateway.next("capture", Fault.REQUEST_LOST)
    shop.gateway.next("void", Fault.REQUEST_LOST)
    shop.gateway.next("resume", *NEVER_TOLD)
    if kind is AttemptKind.CAPTURE:
        await shop.payments.capture(a_call(2), CapturePayment(an_id(1), "12.50"))
    else:
        await shop.payments.cancel(a_call(2), an_id(1))
    await shop.pass_time(RESOLVABLE_AFTER)


def _tells_again(shop: Shop) -> None:
    """The line to the gateway is good again."""
    shop.gateway._faults["resume"].clear()


def _last_events(shop: Shop) -> list[EventType]:
    return [event.type for event in shop.tables.events.values()][1:]


def _details(shop: Shop) -> dict[str, str]:
    """The only entry of the audit log."""
    (entry,) = shop.tables.audit.values()
    assert (entry.action, entry.actor, entry.object_id) == ("payment.resolve", A_CALLER.credential, str(an_id(1)))
    assert entry.created_at == shop.clock.now()
    return dict(entry.details)


async def test_a_payment_that_failed_is_failed(shop: Shop) -> None:
    """With its event and the evidence; nobody asks any more."""
    await _lost(shop)
    payment = await _resolve(shop, Verdict.FAILED)
    assert (payment.status, payment.failure_code) == (PaymentStatus.FAILED, "GATEWAY_ERROR")
    assert _last_events(shop) == [EventType.PAYMENT_FAILED]
    assert _details(shop) == {
        "resolution": "failed",
        "evidence": EVIDENCE,
        "previous_status": "processing",
        "status": "failed",
        "decided_by": "operator",
        "attempt_id": str(an_id(1)),
    }
    assert shop.attempt_of(AttemptKind.AUTHORISE).status is AttemptStatus.REFUSED
    shop.assert_truth_is_told()


async def test_a_payment_that_succeeded_is_booked(shop: Shop) -> None:
    """All of it, under the number that the operator found."""
    await _lost(shop)
    payment = await _resolve(shop, Verdict.SUCCEEDED, "gp_found")
    assert (payment.status, payment.captured_minor, payment.gateway_payment_id) == ("succeeded", 5949, "gp_found")
    assert (PostingKind.CHARGE, payment.id, 1) in shop.tables.postings
    assert _last_events(shop) == [EventType.PAYMENT_SUCCEEDED]
    assert _details(shop)["gateway_payment_id"] == "gp_found"
    assert not shop.tables.jobs


async def test_a_payment_that_was_ended_is_canceled(shop: Shop) -> None:
    """The operator need not know a number."""
    await _lost(shop)
    payment = await _resolve(shop, Verdict.CANCELED)
    assert (payment.status, payment.gateway_payment_id) == (PaymentStatus.CANCELED, None)
    assert _last_events(shop) == [EventType.PAYMENT_CANCELED]
    assert not shop.tables.postings


async def test_what_was_given_up_can_be_resolved(shop: Shop) -> None:
    """After a week nobody asks any more but the verdict's own question."""
    await _lost(shop, for_time=timedelta(days=9))
    assert shop.attempt_of(AttemptKind.AUTHORISE).status is AttemptStatus.NEEDS_REVIEW
    assert (await _resolve(shop, Verdict.FAILED)).status is PaymentStatus.FAILED
    shop.assert_truth_is_told()


@pytest.mark.parametrize("kind", [AttemptKind.CAPTURE, AttemptKind.VOID])
@pytest.mark.parametrize(
    ("verdict", "status"),
    [
        (Verdict.SUCCEEDED, PaymentStatus.SUCCEEDED),
        (Verdict.FAILED, PaymentStatus.PENDING),
        (Verdict.CANCELED, PaymentStatus.CANCELED),
    ],
)
async def test_an_operation_is_resolved(shop: Shop, kind: AttemptKind, verdict: Verdict, status: PaymentStatus) -> None:
    """What was captured is what was asked for; one that did not happen leaves the payment as before it, to be captured or to expire."""
    await _lost_operation(shop, kind)
    payment = await _resolve(shop, verdict)
    asked = 1250 if kind is AttemptKind.CAPTURE else 5949
    assert (payment.status, payment.captured_minor) == (status, asked if verdict is Verdict.SUCCEEDED else 0)
    assert payment.gateway_payment_id == "gp_1"
    assert shop.attempt_of(kind).final


async def test_the_gateways_word_counts_more(shop: Shop) -> None:
    """It tells that it took the money: the verdict is kept as evidence, and does not count."""
    await _lost(shop)
    _tells_again(shop)
    payment = await _resolve(shop, Verdict.FAILED)
    assert payment.status is PaymentStatus.SUCCEEDED
    told = _details(shop)
    assert (told["resolution"], told["decided_by"], told["status"]) == ("failed", "gateway", "succeeded")
    shop.assert_truth_is_told()


async def test_a_capture_that_is_under_way_cannot_be_resolved(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway may still do it: no verdict would be final."""
    await _lost_operation(shop, AttemptKind.CAPTURE)

    async def under_way(_attempt: object) -> Outcome:
        return Waiting("gp_1")

    monkeypatch.setattr(shop.gateway, "resume", under_way)
    with pytest.raises(InvalidState, match="under way"):
        await _resolve(shop, Verdict.CANCELED)
    assert not shop.tables.audit


async def test_a_verdict_comes_too_early_on_the_first_day(shop: Shop) -> None:
    """INVALID_STATE, nothing is asked and nothing is kept."""
    await _lost(shop, for_time=RESOLVABLE_AFTER - timedelta(seconds=1))
    asked = len(shop.gateway.calls)
    with pytest.raises(InvalidState, match="from 2024-01-16T12:00:00Z"):
        await _resolve(shop, Verdict.FAILED)
    assert (len(shop.gateway.calls), shop.tables.audit) == (asked, {})


@pytest.mark.parametrize("token", ["tok_good", "tok_works", "tok_challenge"])
async def test_what_is_known_is_not_resolved(shop: Shop, token: str) -> None:
    """Paid, worked on, or waiting for the customer."""
    await shop.payments.create(a_call(1), a_wish_to_be_paid(token=token))
    await shop.pass_time(timedelta(minutes=1))
    shop.clock.move(RESOLVABLE_AFTER)
    with pytest.raises(InvalidState):
        await _resolve(shop, Verdict.FAILED)


async def test_another_merchants_payment_is_not_found(shop: Shop) -> None:
    """PAYMENT_NOT_FOUND."""
    await _lost(shop)
    with pytest.raises(PaymentNotFound):
        await _resolve(shop, Verdict.FAILED, caller=Caller("another", "sk_other"))


async def test_a_number_that_is_missing_is_asked_for(shop: Shop) -> None:
    """VALIDATION_ERROR names it; the gateway is not asked before the request makes sense."""
    await _lost(shop)
    asked = len(shop.gateway.calls)
    with pytest.raises(ValidationError) as refused:
        await _resolve(shop, Verdict.SUCCEEDED)
    assert refused.value.field == "gateway_payment_id"
    assert len(shop.gateway.calls) == asked


async def test_resolving_twice_is_refused(shop: Shop) -> None:
    """A second operator finds it settled."""
    await _lost(shop)
    await _resolve(shop, Verdict.FAILED)
    with pytest.raises(InvalidState):
        await _resolve(shop, Verdict.SUCCEEDED, "gp_9", operation=10)
    assert shop.payment().status is PaymentStatus.FAILED
    assert len(shop.tables.audit) == 1


async def test_a_verdict_that_the_background_overtakes_is_refused(shop: Shop) -> None:
    """The gateway told it while the verdict was on its way."""
    await _lost(shop)
    asking = shop.gateway.hold("resume", done=True)
    verdict = asyncio.create_task(_resolve(shop, Verdict.FAILED))
    await asking.reached.wait()
    _tells_again(shop)
    await shop.settling.resume(shop.attempt_of(AttemptKind.AUTHORISE))
    asking.release()
    with pytest.raises(InvalidState):
        await verdict
    assert shop.payment().status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()


@pytest.mark.parametrize("step", [1, 2, 3, 4])
async def test_a_resumed_call_answers_the_same(shop: Shop, step: int) -> None:
    """Killed at any step: one event, one entry, and the answer of an execution that was not cut off."""
    await _lost(shop)
    shop.fuse.light(step)
    with pytest.raises(Crash):
        await _resolve(shop, Verdict.FAILED)
    shop.start()
    payment = await _resolve(shop, Verdict.FAILED, resumed=True)
    assert (payment.status, payment.failure_code) == (PaymentStatus.FAILED, "GATEWAY_ERROR")
    assert _last_events(shop) == [EventType.PAYMENT_FAILED]
    assert len(shop.tables.audit) == 1


async def test_money_that_turns_up_later_counts(shop: Shop) -> None:
    """An operator can be wrong; the gateway's late word that it took the money is booked."""
    await _lost(shop)
    await _resolve(shop, Verdict.FAILED)
    attempt = shop.attempt_of(AttemptKind.AUTHORISE)
    _tells_again(shop)
    await shop.settling.settle(attempt, await shop.gateway.resume(attempt))
    assert shop.payment().status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()
