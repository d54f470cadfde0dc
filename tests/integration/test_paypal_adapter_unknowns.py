"""What our PayPal adapter makes of lost requests and lost answers: money is taken and returned once, and an unknown outcome is never called failed."""

from dataclasses import replace
from datetime import timedelta

import pytest

from gateways.paypal.adapter import PayPalGateway
from server.domain.attempt import AttemptKind
from server.domain.outcomes import (
    Approved,
    Canceled,
    NextActionKind,
    NotSent,
    Refunded,
    Unknown,
    Unpaid,
    Waiting,
)
from tests.e2e.polling import until
from tests.integration.paypal_bench import PAY_WITHIN, Bench, a_refund, bench, following

__all__ = ["bench"]

HASTY_SECONDS = 0.4
PATIENCE_SECONDS = 20.0
HANGING = ("timeout_before", "timeout_after")
LOSING = (*HANGING, "reset_after", "http_500")
DONE = ("timeout_after", "reset_after")


async def under(bench: Bench, fault: str) -> PayPalGateway:
    """A gateway that does not wait long where waiting is what the fault makes it do; for the call that meets it, and no other. It has its token already."""
    gateway = bench.open(timeout_seconds=HASTY_SECONDS) if fault in HANGING else bench.open()
    waiting = await bench.waiting(bench.open())
    await until(lambda: gateway.fetch(waiting), lambda outcome: not isinstance(outcome, Unknown), PATIENCE_SECONDS)
    return gateway


@pytest.mark.parametrize("fault", LOSING)
async def test_a_lost_order_is_opened_again_as_the_same(bench: Bench, fault: str) -> None:
    """Unknown at first; asked again there is one order, and the customer learns where to go."""
    gateway, hasty = bench.open(), await under(bench, fault)
    attempt = bench.attempt(gateway)
    await bench.sandbox.arm("pay", fault, count=1)
    assert isinstance(await hasty.authorise(attempt), Unknown)
    await bench.sandbox.met()
    first, second = await gateway.resume(attempt), await gateway.resume(attempt)
    assert isinstance(first, Waiting)
    assert first == second
    assert first.next_action is not None
    assert first.next_action.kind is NextActionKind.REDIRECT
    assert len(await bench.sandbox.payments(attempt.reference)) == 1


async def test_an_order_without_a_number_is_over_with_its_time(bench: Bench) -> None:
    """Nobody knows where to approve it and nobody can complete it: no money moved, and none can any more."""
    gateway = await under(bench, "reset_after")
    attempt = bench.attempt(gateway)
    await bench.sandbox.arm("pay", "reset_after", count=1)
    await gateway.authorise(attempt)
    assert isinstance(await gateway.fetch(attempt), Unknown)
    bench.clock.ahead = PAY_WITHIN + timedelta(seconds=1)
    assert await gateway.resume(attempt) == Canceled(None) == await gateway.fetch(attempt)
    assert await bench.captured_minor(attempt) == [0]


@pytest.mark.parametrize("fault", LOSING)
async def test_a_lost_completion_is_found_or_made_once(bench: Bench, fault: str) -> None:
    """The capture of an approved order may have happened: it is asked for under the same number, and the money is taken once."""
    gateway, hasty = bench.open(), await under(bench, fault)
    attempt = await bench.approved(gateway)
    await bench.sandbox.arm("capture", fault, count=1)
    assert isinstance(await hasty.resume(attempt), Unknown)
    await bench.sandbox.met()
    assert await bench.captured_minor(attempt) == [5949 if fault in DONE else 0]
    assert isinstance(await gateway.resume(attempt), Approved)
    assert await bench.captured_minor(attempt) == [5949]


@pytest.mark.parametrize("fault", LOSING)
async def test_a_lost_reservation_is_found_or_made_once(bench: Bench, fault: str) -> None:
    """The same for money that is only reserved."""
    gateway, hasty = bench.open(), await under(bench, fault)
    attempt = await bench.approved(gateway, capture_method="manual")
    await bench.sandbox.arm("pay", fault, count=1)
    assert isinstance(await hasty.resume(attempt), Unknown)
    await bench.sandbox.met()
    outcome = await gateway.resume(attempt)
    assert isinstance(outcome, Approved)
    assert (outcome.captured, outcome.amount_minor) == (False, 5949)


@pytest.mark.parametrize("fault", LOSING)
async def test_a_lost_capture_is_found_or_made_once(bench: Bench, fault: str) -> None:
    """A part of the reservation is captured under one number, and the rest is released."""
    gateway, hasty = bench.open(), await under(bench, fault)
    capture = following(await bench.reserved(gateway), AttemptKind.CAPTURE, bench.clock.now(), 1200)
    await bench.sandbox.arm("capture", fault, count=1)
    assert isinstance(await hasty.capture(capture), Unknown)
    await bench.sandbox.met()
    outcome = await gateway.resume(capture)
    assert isinstance(outcome, Approved)
    assert outcome.amount_minor == 1200
    assert await bench.captured_minor(capture) == [1200]


@pytest.mark.parametrize("fault", LOSING)
async def test_a_lost_void_ends_the_payment(bench: Bench, fault: str) -> None:
    """Unknown at first, ended when asked again."""
    gateway, hasty = bench.open(), await under(bench, fault)
    void = following(await bench.reserved(gateway), AttemptKind.VOID, bench.clock.now())
    await bench.sandbox.arm("cancel", fault, count=1)
    assert isinstance(await hasty.void(void), Unknown)
    await bench.sandbox.met()
    assert await gateway.resume(void) == Canceled(void.gateway_payment_id)


@pytest.mark.parametrize("fault", LOSING)
async def test_a_lost_refund_is_found_or_made_once(bench: Bench, fault: str) -> None:
    """The order lists it by our number, or the same number is sent again: the money is returned once."""
    gateway, hasty = bench.open(), await under(bench, fault)
    paid = await bench.paid(gateway)
    refund = a_refund(paid, bench.clock.now(), 1000)
    await bench.sandbox.arm("refund", fault, count=1)
    assert isinstance(await hasty.refund(refund, paid), Unknown)
    await bench.sandbox.met()
    outcome = await gateway.resume_refund(refund, paid)
    assert isinstance(outcome, Refunded)
    assert await gateway.resume_refund(refund, paid) == outcome
    assert await bench.refunded_minor(paid) == [1000]


async def test_a_refund_is_found_when_its_number_is_forgotten(bench: Bench) -> None:
    """After 44 days the request id proves nothing: what the order lists is told, and what it does not list is not sent again."""
    gateway = await under(bench, "reset_after")
    paid = await bench.paid(gateway)
    lost, never_sent = (a_refund(paid, bench.clock.now(), 1000) for _ in range(2))
    await bench.sandbox.arm("refund", "reset_after", count=1)
    await gateway.refund(lost, paid)
    bench.clock.ahead = timedelta(days=44)
    assert isinstance(await gateway.resume_refund(lost, paid), Refunded)
    assert isinstance(await gateway.resume_refund(never_sent, paid), Unknown)
    assert await bench.refunded_minor(paid) == [1000]


@pytest.mark.parametrize("fault", [*LOSING, "rate_limit"])
async def test_a_look_that_fails_tells_nothing(bench: Bench, fault: str) -> None:
    """A payment that cannot be read is unknown, and nothing is done with it."""
    reserved, gateway = await bench.reserved(bench.open()), await under(bench, fault)
    capture = following(reserved, AttemptKind.CAPTURE, bench.clock.now())
    await bench.sandbox.arm("fetch", fault)
    assert isinstance(await gateway.fetch(reserved), Unknown)
    assert isinstance(await gateway.resume(capture), Unknown)
    assert isinstance(await gateway.capture(capture), NotSent)
    await bench.sandbox.heal()
    assert await bench.captured_minor(reserved) == [0]


async def test_a_busy_paypal_is_asked_again(bench: Bench) -> None:
    """Being turned away once costs the caller nothing; being turned away for good means that nothing was sent."""
    gateway = bench.open()
    await bench.sandbox.arm("pay", "rate_limit", count=1)
    assert isinstance(await gateway.authorise(bench.attempt(gateway)), Waiting)
    await bench.sandbox.arm("pay", "rate_limit")
    attempt = bench.attempt(gateway)
    assert isinstance(await gateway.authorise(attempt), NotSent)
    assert isinstance(await gateway.resume(attempt), Unknown)
    assert await bench.sandbox.payments(attempt.reference) == []


async def test_a_look_never_opens_an_order(bench: Bench) -> None:
    """An attempt that was never sent stays unsent, however often it is looked for."""
    gateway = bench.open()
    attempt = bench.attempt(gateway)
    assert isinstance(await gateway.fetch(attempt), Unknown)
    assert await bench.sandbox.payments(attempt.reference) == []


async def test_an_order_that_paypal_has_forgotten_is_ended_with_its_time(bench: Bench) -> None:
    """That PayPal does not know it is no proof before: afterwards nobody can complete it."""
    gateway = bench.open()
    forgotten = replace(await bench.waiting(gateway), gateway_payment_id="5O190127TN364715T")
    assert isinstance(await gateway.resume(forgotten), Unknown)
    bench.clock.ahead = PAY_WITHIN + timedelta(minutes=3)
    assert await gateway.resume(forgotten) == Canceled("5O190127TN364715T") == await gateway.fetch(forgotten)


async def test_another_accounts_order_is_never_ended(bench: Bench) -> None:
    """PayPal says that it is not ours to see, which tells nothing of what becomes of it."""
    waiting = await bench.waiting(bench.open())
    credentials = {"client_id": "another", "secret": "one"}
    await bench.sandbox.control("POST", "merchants", {"gateway": "paypal", **credentials})
    bench.clock.ahead = PAY_WITHIN + timedelta(minutes=3)
    assert isinstance(await bench.open(credentials).resume(waiting), Unknown)


async def test_a_customer_comes_back_unpaid_after_a_lost_look(bench: Bench) -> None:
    """What the customer was shown still stands."""
    gateway = bench.open()
    waiting = await bench.waiting(gateway)
    await bench.sandbox.arm("fetch", "http_500", count=10)
    assert isinstance(await gateway.resume(waiting), Unknown)
    await bench.sandbox.heal()
    assert isinstance(await gateway.resume(waiting), Unpaid)
