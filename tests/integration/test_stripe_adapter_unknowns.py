"""How the Stripe adapter finds out what became of a lost call: under its key for 23 hours, then by what Stripe lists."""

from datetime import timedelta

import pytest

from server.domain.attempt import Attempt, AttemptKind
from server.domain.money import Money
from server.domain.outcomes import Approved, Canceled, Unknown, Waiting
from tests.contract.gateways import (
    A_CHALLENGED_CARD,
    HASTY_SECONDS,
    Bench,
    following,
    sandbox_url,
    stripe_bench,
)
from tests.integration.stripe_sandbox import client_of, closing

__all__ = ["sandbox_url", "stripe_bench"]

A_DAY = timedelta(hours=23)


async def lost(bench: Bench, fault: str) -> Attempt:
    """An attempt whose answer did not come."""
    attempt = await bench.attempt(bench.open())
    await bench.arm("pay", fault, count=1)
    assert isinstance(await bench.open(HASTY_SECONDS).authorise(attempt), Unknown)
    await bench.met()
    return attempt


async def test_a_request_that_was_lost_is_sent_again_within_a_day(stripe_bench: Bench) -> None:
    """The stored attempt is all that it takes: the payment is made under its key, once."""
    attempt = await lost(stripe_bench, "timeout_before")
    stripe_bench.clock.ahead = A_DAY - timedelta(minutes=1)
    assert isinstance(await stripe_bench.open().resume(attempt), Approved)
    assert len(await stripe_bench.payments(attempt)) == 1


async def test_a_request_that_was_lost_is_not_sent_again_after_a_day(stripe_bench: Bench) -> None:
    """Stripe forgets the key: a repeat could be a second charge. What it does not list stays unknown."""
    attempt = await lost(stripe_bench, "timeout_before")
    stripe_bench.clock.ahead = A_DAY
    assert isinstance(await stripe_bench.open().resume(attempt), Unknown)
    assert await stripe_bench.payments(attempt) == []


async def test_a_payment_whose_answer_was_lost_is_found_after_a_day(stripe_bench: Bench) -> None:
    """Stripe lists it with our reference."""
    attempt = await lost(stripe_bench, "timeout_after")
    stripe_bench.clock.ahead = A_DAY
    gateway = stripe_bench.open()
    outcome = await gateway.resume(attempt)
    assert isinstance(outcome, Approved)
    assert outcome.amount_minor == 5949
    assert await gateway.fetch(attempt) == outcome


async def test_an_attempt_that_was_sent_late_is_found_too(stripe_bench: Bench) -> None:
    """A request may have been executed at a repeat, hours after its attempt was stored."""
    gateway = stripe_bench.open()
    stripe_bench.clock.ahead = -timedelta(hours=22)
    attempt = await stripe_bench.attempt(gateway)
    stripe_bench.clock.ahead = timedelta(0)
    made = await gateway.resume(attempt)
    stripe_bench.clock.ahead = timedelta(hours=2)
    assert isinstance(made, Approved)
    assert await gateway.resume(attempt) == made


async def test_a_kept_error_is_resolved_by_what_stripe_lists(stripe_bench: Bench) -> None:
    """The key answers with its 500 for ever; the payment that Stripe made all the same is found."""
    attempt = await lost(stripe_bench, "http_500")
    gateway = stripe_bench.open()
    assert isinstance(await gateway.resume(attempt), Unknown)
    async with closing(client_of(stripe_bench.url)) as client:
        intent = await client.v1.payment_intents.create_async(
            {
                "amount": 5949,
                "currency": "usd",
                "confirm": True,
                "payment_method": "pm_card_visa",
                "allowed_payment_method_types": ["card"],
                "metadata": {"sycee_reference": attempt.reference},
            }
        )
    outcome = await gateway.resume(attempt)
    assert isinstance(outcome, Approved)
    assert outcome.gateway_payment_id == intent.id


async def test_a_payment_that_was_made_and_not_confirmed_is_confirmed(stripe_bench: Bench) -> None:
    """An error in the middle of the call may leave Stripe's payment waiting for its confirmation: that is made up for, once."""
    attempt = await lost(stripe_bench, "http_500")
    async with closing(client_of(stripe_bench.url)) as client:
        await client.v1.payment_intents.create_async(
            {
                "amount": 5949,
                "currency": "usd",
                "capture_method": "automatic",
                "payment_method": attempt.request["payment_method"],
                "allowed_payment_method_types": ["card"],
                "metadata": {"sycee_reference": attempt.reference},
            }
        )
    gateway = stripe_bench.open()
    outcome = await gateway.resume(attempt)
    assert isinstance(outcome, Approved)
    assert await gateway.resume(attempt) == outcome
    assert [payment["captured_minor"] for payment in await stripe_bench.payments(attempt)] == [5949]


async def test_a_key_of_other_parameters_charges_nothing(stripe_bench: Bench) -> None:
    """Stripe refuses to reuse a key: what was charged under it is found by our reference, unchanged."""
    gateway = stripe_bench.open()
    attempt = await stripe_bench.attempt(gateway)
    first = await gateway.authorise(attempt)
    changed = Attempt(
        **{name: getattr(attempt, name) for name in attempt.__dataclass_fields__ if name != "money"},
        money=Money(1, "USD"),
    )
    assert isinstance(await gateway.authorise(changed), Unknown)
    assert await gateway.resume(changed) == first


async def test_a_kept_reply_is_not_taken_for_the_present(stripe_bench: Bench) -> None:
    """The key answers as the first call was answered: where the customer has gone on since, the payment is read."""
    gateway = stripe_bench.open()
    attempt = await stripe_bench.attempt(gateway, A_CHALLENGED_CARD)
    assert isinstance(await gateway.authorise(attempt), Waiting)
    await stripe_bench.customer(attempt, "succeed")
    assert isinstance(await gateway.resume(attempt), Approved)


@pytest.mark.parametrize("hours", [0, 25, 24 * 6])
@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "http_500"])
async def test_a_capture_and_a_void_are_completed_at_any_age(stripe_bench: Bench, fault: str, hours: int) -> None:
    """The state of Stripe's payment keeps either from happening twice, with or without its key."""
    gateway, hasty = stripe_bench.open(), stripe_bench.open(HASTY_SECONDS)
    capture = following(await stripe_bench.authorised(gateway), AttemptKind.CAPTURE, 1200)
    void = following(await stripe_bench.authorised(gateway), AttemptKind.VOID)
    await stripe_bench.arm("capture", fault, count=1)
    await stripe_bench.arm("cancel", fault, count=1)
    assert isinstance(await hasty.capture(capture), Unknown)
    assert isinstance(await hasty.void(void), Unknown)
    await stripe_bench.met()
    stripe_bench.clock.ahead = timedelta(hours=hours, seconds=1)
    captured = await gateway.resume(capture)
    assert isinstance(captured, Approved)
    assert captured.amount_minor == 1200
    assert isinstance(await gateway.resume(void), Canceled)


async def test_a_void_that_was_lost_before_a_capture_tells_of_the_capture(stripe_bench: Bench) -> None:
    """Captured from elsewhere meanwhile, the payment has its money, and the void is told so."""
    gateway = stripe_bench.open()
    void = following(await stripe_bench.authorised(gateway), AttemptKind.VOID)
    await stripe_bench.arm("cancel", "timeout_before", count=1)
    assert isinstance(await stripe_bench.open(HASTY_SECONDS).void(void), Unknown)
    await stripe_bench.met()
    captured = await gateway.capture(following(void, AttemptKind.CAPTURE))
    assert await gateway.resume(void) == captured
