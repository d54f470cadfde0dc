"""What our PayPal adapter makes of a PayPal on which nothing goes wrong."""

import asyncio
from datetime import timedelta

import pytest

from server.domain.attempt import AttemptKind
from server.domain.money import Money
from server.domain.outcomes import (
    Approved,
    Canceled,
    Declined,
    NextActionKind,
    NotSent,
    Refunded,
    RefundFailed,
    Refused,
    Unknown,
    Unpaid,
    Waiting,
)
from tests.integration.paypal_bench import CONFIG, PAY_WITHIN, RETURN_URL, Bench, a_refund, bench, following

__all__ = ["bench"]


async def test_an_order_sends_the_customer_to_paypal(bench: Bench) -> None:
    """The payment waits for its customer until a time of ours, and no money has moved."""
    gateway = bench.open()
    attempt = bench.attempt(gateway)
    outcome = await gateway.authorise(attempt)
    assert isinstance(outcome, Waiting)
    assert outcome.next_action is not None
    assert outcome.next_action.kind is NextActionKind.REDIRECT
    assert outcome.expires_at == attempt.created_at + PAY_WITHIN
    assert await bench.captured_minor(attempt) == [0]


async def test_an_order_says_what_the_attempt_says(bench: Bench) -> None:
    """Amount, our two numbers, a description of one line, and where the customer goes afterwards."""
    gateway = bench.open()
    attempt = await bench.waiting(gateway)
    answer = await bench.sandbox.call("GET", f"/v2/checkout/orders/{attempt.gateway_payment_id}")
    (unit,) = answer.body["purchase_units"]
    assert answer.body["intent"] == "CAPTURE"
    assert unit["amount"] == {"currency_code": "USD", "value": "59.49"}
    assert (unit["invoice_id"], unit["custom_id"]) == (attempt.reference, str(attempt.payment_id))
    assert unit["description"] == "Two cups and a pot"
    assert attempt.request["cancel_url"] == RETURN_URL


async def test_an_approval_is_no_payment(bench: Bench) -> None:
    """Looking changes nothing: the customer's consent alone moves no money."""
    gateway = bench.open()
    attempt = await bench.approved(gateway)
    assert await gateway.fetch(attempt) == Unpaid(attempt.gateway_payment_id)
    assert await bench.captured_minor(attempt) == [0]


async def test_an_approved_order_is_captured_once(bench: Bench) -> None:
    """Whoever resumes after the approval takes the money; whoever resumes again takes nothing."""
    gateway = bench.open()
    attempt = await bench.approved(gateway)
    first = await gateway.resume(attempt)
    assert isinstance(first, Approved)
    assert (first.gateway_payment_id, first.amount_minor, first.captured) == (attempt.gateway_payment_id, 5949, True)
    assert first.paid_at is not None
    assert await gateway.resume(attempt) == first == await gateway.fetch(attempt)
    assert await bench.captured_minor(attempt) == [5949]


async def test_an_approved_order_is_captured_once_by_many(bench: Bench) -> None:
    """Replicas that resume at the same moment take the money once, and all hear of it."""
    gateways = [bench.open() for _ in range(3)]
    attempt = await bench.approved(gateways[0])
    outcomes = await asyncio.gather(*(gateway.resume(attempt) for gateway in gateways * 2))
    assert {type(outcome) for outcome in outcomes} == {Approved}
    assert await bench.captured_minor(attempt) == [5949]


async def test_a_customer_who_has_not_approved_still_can(bench: Bench) -> None:
    """Before the time is over nothing changes."""
    gateway = bench.open()
    attempt = await bench.waiting(gateway)
    assert await gateway.resume(attempt) == Unpaid(attempt.gateway_payment_id)
    assert await gateway.fetch(attempt) == Unpaid(attempt.gateway_payment_id)


async def test_an_order_whose_time_is_over_is_ended(bench: Bench) -> None:
    """Nobody completes it any more, even if the customer approves it then."""
    gateway = bench.open()
    attempt = await bench.waiting(gateway)
    bench.clock.ahead = PAY_WITHIN + timedelta(minutes=2, seconds=1)
    assert await gateway.resume(attempt) == Canceled(attempt.gateway_payment_id)
    await bench.buyer(attempt)
    assert await gateway.resume(attempt) == Canceled(attempt.gateway_payment_id)
    assert await bench.captured_minor(attempt) == [0]


async def test_an_approval_in_time_is_found_a_little_late(bench: Bench) -> None:
    """The background looks once a minute: what was approved before the time was over is captured after it."""
    gateway = bench.open()
    attempt = await bench.approved(gateway)
    bench.clock.ahead = PAY_WITHIN + timedelta(seconds=50)
    assert isinstance(await gateway.resume(attempt), Approved)


async def test_between_the_last_capture_and_the_end_nothing_is_decided(bench: Bench) -> None:
    """A capture that another replica has just begun may still be under way: the order is neither captured nor ended."""
    gateway = bench.open()
    attempt = await bench.approved(gateway)
    bench.clock.ahead = PAY_WITHIN + timedelta(seconds=90)
    assert isinstance(await gateway.resume(attempt), Unpaid)
    assert await bench.captured_minor(attempt) == [0]


async def test_a_declined_means_of_payment_ends_the_payment(bench: Bench) -> None:
    """The customer pays anew with a new payment."""
    gateway = bench.open()
    attempt = await bench.waiting(gateway)
    await bench.buyer(attempt, "fail")
    assert isinstance(await gateway.resume(attempt), Declined)
    assert await bench.captured_minor(attempt) == [0]


async def test_a_bank_transfer_is_waited_for(bench: Bench) -> None:
    """PayPal works on the money: nothing is asked of the customer, and it is paid in the end."""
    gateway = bench.open()
    attempt = await bench.waiting(gateway)
    url = f"{bench.sandbox.paypal}/checkoutnow?token={attempt.gateway_payment_id}"
    await bench.sandbox.decide(url, "echeck")
    assert await gateway.resume(attempt) == Waiting(attempt.gateway_payment_id)
    await bench.sandbox.inbox.wait_for("PAYMENT.CAPTURE.COMPLETED")
    assert isinstance(await gateway.fetch(attempt), Approved)


async def test_a_manual_payment_is_reserved_and_then_captured(bench: Bench) -> None:
    """A part of it, which leaves nothing to capture; capturing again tells of the first."""
    gateway = bench.open()
    reserved = await bench.reserved(gateway)
    assert await bench.captured_minor(reserved) == [0]
    outcome = await gateway.capture(following(reserved, AttemptKind.CAPTURE, bench.clock.now(), 1200))
    assert isinstance(outcome, Approved)
    assert (outcome.captured, outcome.amount_minor) == (True, 1200)
    assert await gateway.capture(following(reserved, AttemptKind.CAPTURE, bench.clock.now())) == outcome
    assert await bench.captured_minor(reserved) == [1200]


async def test_more_than_was_authorised_is_refused(bench: Bench) -> None:
    """Though PayPal would take up to 115 % of it."""
    gateway = bench.open()
    reserved = await bench.reserved(gateway)
    over = following(reserved, AttemptKind.CAPTURE, bench.clock.now(), 5950)
    assert isinstance(await gateway.capture(over), Refused)
    assert await bench.captured_minor(reserved) == [0]


async def test_a_void_releases_what_is_reserved(bench: Bench) -> None:
    """Once and again, and a capture is told of it."""
    gateway = bench.open()
    reserved = await bench.reserved(gateway)
    ended = Canceled(reserved.gateway_payment_id)
    assert await gateway.void(following(reserved, AttemptKind.VOID, bench.clock.now())) == ended
    assert await gateway.void(following(reserved, AttemptKind.VOID, bench.clock.now())) == ended
    assert await gateway.capture(following(reserved, AttemptKind.CAPTURE, bench.clock.now())) == ended


async def test_a_void_of_what_is_paid_tells_of_the_payment(bench: Bench) -> None:
    """The money stays taken."""
    gateway = bench.open()
    paid = await bench.paid(gateway)
    assert isinstance(await gateway.void(following(paid, AttemptKind.VOID, bench.clock.now())), Approved)
    assert await bench.captured_minor(paid) == [5949]


async def test_an_order_that_nobody_approved_is_ended_at_once(bench: Bench) -> None:
    """We alone could have captured it."""
    gateway = bench.open()
    waiting = await bench.waiting(gateway)
    void = following(waiting, AttemptKind.VOID, bench.clock.now())
    assert await gateway.void(void) == Canceled(waiting.gateway_payment_id)


async def test_an_approved_order_is_ended_when_no_capture_can_be_under_way(bench: Bench) -> None:
    """A capture that was begun before the void was recorded would still take the money: the void waits it out."""
    gateway = bench.open()
    approved = await bench.approved(gateway)
    void = following(approved, AttemptKind.VOID, bench.clock.now())
    assert isinstance(await gateway.void(void), Unknown)
    bench.clock.ahead = timedelta(seconds=61)
    assert await gateway.resume(void) == Canceled(approved.gateway_payment_id)
    assert await bench.captured_minor(approved) == [0]


async def test_of_a_capture_and_a_void_at_once_one_wins(bench: Bench) -> None:
    """Both end with PayPal's truth."""
    gateway = bench.open()
    for _ in range(3):
        reserved = await bench.reserved(gateway)
        capture = following(reserved, AttemptKind.CAPTURE, bench.clock.now())
        void = following(reserved, AttemptKind.VOID, bench.clock.now())
        await asyncio.gather(gateway.capture(capture), gateway.void(void))
        ended = await gateway.resume(capture)
        assert ended == await gateway.resume(void)
        assert await bench.captured_minor(reserved) == [5949 if isinstance(ended, Approved) else 0]


@pytest.mark.parametrize("money", [Money(5949, "USD"), Money(120000, "HUF"), Money(500, "JPY"), Money(8800, "TWD")])
async def test_amounts_come_back_as_they_were_sent(bench: Bench, money: Money) -> None:
    """Whatever decimals PayPal writes, ours is what an outcome tells."""
    gateway = bench.open()
    outcome = await gateway.resume(await bench.approved(gateway, money=money))
    assert isinstance(outcome, Approved)
    assert outcome.amount_minor == money.amount_minor


async def test_refunds_are_made_one_by_one(bench: Bench) -> None:
    """Two equal parts under two numbers are two refunds, and one number is one."""
    gateway = bench.open()
    paid = await bench.paid(gateway)
    first, second = (a_refund(paid, bench.clock.now(), 1000) for _ in range(2))
    outcome = await gateway.refund(first, paid)
    assert isinstance(outcome, Refunded)
    assert await gateway.refund(first, paid) == outcome
    assert isinstance(await gateway.refund(second, paid), Refunded)
    assert await bench.refunded_minor(paid) == [2000]


async def test_a_refund_of_more_than_is_left_has_failed(bench: Bench) -> None:
    """PayPal's definitive no, named by its code."""
    gateway = bench.open()
    paid = await bench.paid(gateway)
    await gateway.refund(a_refund(paid, bench.clock.now(), 5000), paid)
    outcome = await gateway.refund(a_refund(paid, bench.clock.now(), 950), paid)
    assert isinstance(outcome, RefundFailed)
    assert "REFUND_AMOUNT_EXCEEDED" in outcome.message
    assert await bench.refunded_minor(paid) == [5000]


async def test_a_captured_authorization_is_refunded(bench: Bench) -> None:
    """The order tells of its capture, whichever way it came about."""
    gateway = bench.open()
    reserved = await bench.reserved(gateway)
    await gateway.capture(following(reserved, AttemptKind.CAPTURE, bench.clock.now()))
    assert isinstance(await gateway.refund(a_refund(reserved, bench.clock.now()), reserved), Refunded)
    assert await bench.refunded_minor(reserved) == [5949]


async def test_wrong_credentials_are_refused(bench: Bench) -> None:
    """Of an earlier call they tell nothing, and nothing that is said contains a part of them."""
    denied = bench.open({**CONFIG, "secret": "7Qx9-of-nobody"})
    gateway = bench.open()
    attempt, waiting = bench.attempt(gateway), await bench.waiting(gateway)
    outcomes = [await denied.authorise(attempt), await denied.resume(attempt), await denied.resume(waiting)]
    assert [type(outcome) for outcome in outcomes] == [Refused, Unknown, Unknown]
    assert "7Qx9" not in repr(outcomes)


async def test_an_unreachable_paypal_was_sent_nothing(bench: Bench) -> None:
    """A refused connection proves that this call was not executed, and says nothing of an earlier one."""
    gone = bench.open(base_url="http://127.0.0.1:9/paypal")
    gateway = bench.open()
    attempt, paid = bench.attempt(gateway), await bench.paid(gateway)
    assert isinstance(await gone.authorise(attempt), NotSent)
    assert isinstance(await gone.resume(attempt), Unknown)
    assert isinstance(await gone.refund(a_refund(paid, bench.clock.now()), paid), NotSent)
    assert isinstance(await gone.resume_refund(a_refund(paid, bench.clock.now()), paid), Unknown)
