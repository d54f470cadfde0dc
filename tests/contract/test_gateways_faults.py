"""What every gateway makes of lost requests and lost answers: it never charges twice and never calls an unknown outcome failed."""

import pytest

from gateways.setup import OpenGateway
from server.domain.attempt import Attempt, AttemptKind
from server.domain.outcomes import Approved, Canceled, NotSent, Outcome, Tokenised, Unknown, Waiting
from tests.contract.gateways import HASTY_SECONDS, Bench, bench, following, sandbox_url

__all__ = ["bench", "sandbox_url"]

# A gateway that hangs is given up after HASTY_SECONDS; every other fault answers at once.
HANGING = ("timeout_before", "timeout_after")
LOSING = (*HANGING, "reset_after", "http_500")


def under(bench: Bench, fault: str) -> OpenGateway:
    """A gateway that does not wait long where waiting is what the fault makes it do."""
    return bench.open(HASTY_SECONDS) if fault in HANGING else bench.open()


async def resumed(bench: Bench, attempt: Attempt, times: int = 3) -> Outcome:
    """What the background hears in the end, asking more than once."""
    gateway = bench.open()
    outcomes = [await gateway.resume(attempt) for _ in range(times)]
    assert len(set(map(type, outcomes))) == 1, outcomes
    return outcomes[-1]


async def open_payment(bench: Bench) -> Attempt:
    """A payment that can still be ended: its money is reserved, or its customer has not paid yet."""
    if bench.reserves:
        return await bench.authorised(bench.open())
    waiting, _ = await bench.waiting(bench.open())
    return waiting


@pytest.mark.parametrize("fault", LOSING)
async def test_a_lost_answer_is_unknown(bench: Bench, fault: str) -> None:
    """A call whose answer never came may have been executed: it is neither approved nor failed."""
    bench.needs_a_call()
    attempt = await bench.attempt(bench.open())
    await bench.arm("pay", fault, count=1)
    assert isinstance(await under(bench, fault).authorise(attempt), Unknown)


@pytest.mark.parametrize("fault", [*HANGING, "reset_after"])
async def test_a_lost_authorisation_is_found_or_made_once(bench: Bench, fault: str) -> None:
    """Asked again, the gateway tells of the one payment there is."""
    bench.needs_a_call()
    attempt = await bench.attempt(bench.open())
    await bench.arm("pay", fault, count=1)
    await under(bench, fault).authorise(attempt)
    await bench.met()
    outcome = await bench.paid(bench.open(), attempt, await resumed(bench, attempt))
    assert isinstance(outcome, Approved)
    (payment,) = await bench.payments(attempt)
    assert (payment["gateway_payment_id"], payment["captured_minor"]) == (outcome.gateway_payment_id, 5949)


async def test_an_error_of_the_gateway_is_never_taken_for_an_end(bench: Bench) -> None:
    """A 5xx says nothing of what was done: the outcome is what can be read at the gateway, or stays unknown."""
    bench.needs_a_call()
    attempt = await bench.attempt(bench.open())
    await bench.arm("pay", "http_500", count=1)
    await bench.open().authorise(attempt)
    outcome = await resumed(bench, attempt)
    if isinstance(outcome, Waiting):
        outcome = await bench.paid(bench.open(), attempt, outcome)
    charged = [payment for payment in await bench.payments(attempt) if payment["captured_minor"]]
    assert len(charged) == (1 if isinstance(outcome, Approved) else 0)
    assert isinstance(outcome, Approved | Unknown)


@pytest.mark.parametrize("fault", LOSING)
async def test_an_attempt_that_is_repeated_under_faults_charges_once(bench: Bench, fault: str) -> None:
    """However often an attempt is sent and asked for while answers are lost, one payment has its reference."""
    bench.needs_a_call()
    attempt = await bench.attempt(bench.open())
    await bench.arm("*", fault, count=3)
    hasty = under(bench, fault)
    await hasty.authorise(attempt)
    for _ in range(3):
        await hasty.resume(attempt)
    await bench.heal()
    outcome = await resumed(bench, attempt)
    payments = await bench.payments(attempt)
    assert len(payments) == (0 if isinstance(outcome, Unknown) else 1)
    assert isinstance(outcome, Unknown | (Approved if bench.simulated.cards else Waiting))


@pytest.mark.parametrize("fault", LOSING)
async def test_a_lost_capture_takes_its_amount_once(bench: Bench, fault: str) -> None:
    """The capture is unknown at first; asked again, it has taken exactly what it was to take."""
    bench.needs_manual_capture()
    capture = following(await bench.authorised(bench.open()), AttemptKind.CAPTURE, 1200)
    await bench.arm("capture", fault, count=1)
    assert isinstance(await under(bench, fault).capture(capture), Unknown)
    await bench.met()
    outcome = await resumed(bench, capture)
    assert isinstance(outcome, Approved)
    assert (outcome.captured, outcome.amount_minor) == (True, 1200)
    assert [payment["captured_minor"] for payment in await bench.payments(capture)] == [1200]


@pytest.mark.parametrize("fault", LOSING)
async def test_a_lost_void_ends_the_payment(bench: Bench, fault: str) -> None:
    """The void is unknown at first, unless the gateway was asked at once what became of it; asked again, the payment is ended."""
    void = following(await open_payment(bench), AttemptKind.VOID)
    await bench.arm("cancel", fault, count=1)
    done = fault in ("timeout_after", "reset_after")
    assert isinstance(await under(bench, fault).void(void), Unknown | Canceled if done else Unknown)
    await bench.met()
    assert isinstance(await resumed(bench, void), Canceled)
    assert [payment["captured_minor"] for payment in await bench.payments(void)] == [0]


@pytest.mark.parametrize("fault", [*LOSING, "rate_limit"])
async def test_a_look_that_fails_tells_nothing(bench: Bench, fault: str) -> None:
    """A payment that cannot be read is unknown, whatever was in the way."""
    authorised = await open_payment(bench)
    await bench.arm("fetch", fault)
    hasty = under(bench, fault)
    assert isinstance(await hasty.fetch(authorised), Unknown)
    assert isinstance(await hasty.resume(following(authorised, AttemptKind.VOID)), Unknown)
    await bench.heal()
    assert [payment["captured_minor"] for payment in await bench.payments(authorised)] == [0]


async def test_a_busy_gateway_is_asked_again(bench: Bench) -> None:
    """Being turned away once costs the caller nothing."""
    bench.needs_a_call()
    gateway = bench.open()
    attempt = await bench.attempt(gateway)
    await bench.arm("pay", "rate_limit", count=1)
    assert isinstance(await bench.paid(gateway, attempt, await gateway.authorise(attempt)), Approved)
    assert len(await bench.payments(attempt)) == 1


async def test_a_gateway_that_stays_busy_was_sent_nothing(bench: Bench) -> None:
    """After a bounded number of tries nothing was executed, and the caller may try again; of an earlier call it tells nothing."""
    bench.needs_a_call()
    gateway = bench.open()
    attempt = await bench.attempt(gateway)
    await bench.arm("pay", "rate_limit")
    assert isinstance(await gateway.authorise(attempt), NotSent)
    assert isinstance(await gateway.resume(attempt), Unknown)
    assert await bench.payments(attempt) == []


async def test_a_slow_gateway_is_waited_for(bench: Bench) -> None:
    """An answer within the time-out is an answer."""
    gateway = bench.open()
    attempt = await bench.attempt(gateway)
    await bench.arm("pay", "slow", count=1, delay_ms=20)
    assert isinstance(await bench.paid(gateway, attempt, await gateway.authorise(attempt)), Approved)


async def test_a_lost_token_costs_nothing(bench: Bench) -> None:
    """Every fault at once: cards are still turned into tokens, or nothing was sent."""
    gateway = bench.open()
    await bench.arm("*", "http_500")
    assert isinstance(await gateway.tokenise(bench.simulated.instrument(), "a-key"), Tokenised | NotSent)
