"""What every gateway makes of refunds: each number once, never more than was captured, and nothing is called failed before it is."""

import asyncio
from functools import partial
from uuid import UUID, uuid4

import pytest

from server.domain.attempt import Attempt
from server.domain.clock import whole_seconds
from server.domain.ids import reference_of
from server.domain.money import Money
from server.domain.outcomes import Approved, NotSent, Refunded, RefundFailed, RefundOutcome, RefundPending, Unknown
from server.domain.refund import Refund, RefundReason
from tests.contract.gateways import HASTY_SECONDS, Bench, bench, sandbox_url
from tests.e2e.polling import until

__all__ = ["bench", "sandbox_url"]

_PATIENCE_SECONDS = 10.0

# A gateway that hangs is given up after HASTY_SECONDS; every other fault answers at once.
HANGING = ("timeout_before", "timeout_after")


async def charged(bench: Bench) -> Attempt:
    """An attempt whose money was taken."""
    gateway = bench.open()
    attempt = await bench.attempt(gateway)
    outcome = await bench.paid(gateway, attempt, await gateway.authorise(attempt))
    assert isinstance(outcome, Approved), outcome
    return attempt.settle(outcome, bench.clock.now())


def a_refund(bench: Bench, charge: Attempt, amount_minor: int = 5949) -> Refund:
    """A refund that was recorded just now."""
    name: UUID = uuid4()
    return Refund(
        id=name,
        merchant_id=charge.merchant_id,
        payment_id=charge.payment_id,
        money=Money(amount_minor, charge.money.currency),
        gateway=charge.gateway,
        reference=reference_of(name),
        created_at=whole_seconds(bench.clock.now()),
        updated_at=whole_seconds(bench.clock.now()),
        reason=RefundReason.REQUESTED_BY_CUSTOMER,
        metadata={"note": "元宝"},
    )


async def settled(bench: Bench, refund: Refund, charge: Attempt) -> RefundOutcome:
    """What the background hears in the end."""
    look = partial(bench.open().resume_refund, refund, charge)
    return await until(look, lambda outcome: isinstance(outcome, Refunded | RefundFailed), _PATIENCE_SECONDS)


async def returned(bench: Bench, charge: Attempt) -> int:
    """The gateway's own truth, in minor units."""
    (payment,) = await bench.payments(charge)
    minor: int = payment["refunded_minor"]
    return minor


async def test_a_full_refund_returns_everything(bench: Bench) -> None:
    """Taken in at once, returned at once or a moment later."""
    charge = await charged(bench)
    refund = a_refund(bench, charge)
    assert isinstance(await bench.open().refund(refund, charge), Refunded | RefundPending)
    assert isinstance(await settled(bench, refund, charge), Refunded)
    assert await returned(bench, charge) == 5949


async def test_parts_are_returned_each_under_its_number(bench: Bench) -> None:
    """One that is sent or asked for again is one; two equal ones are two."""
    charge = await charged(bench)
    gateway, refunds = bench.open(), [a_refund(bench, charge, 1000) for _ in range(2)]
    for refund in refunds:
        for _ in range(2):
            assert isinstance(await gateway.refund(refund, charge), Refunded | RefundPending)
        assert isinstance(await settled(bench, refund, charge), Refunded)
        assert isinstance(await gateway.resume_refund(refund, charge), Refunded)
    assert await returned(bench, charge) == 2000


async def test_refunds_at_the_same_moment_are_each_made_once(bench: Bench) -> None:
    """Two replicas that send the same number, beside another one."""
    charge = await charged(bench)
    gateway, refunds = bench.open(), [a_refund(bench, charge, amount_minor) for amount_minor in (1000, 2000)]
    await asyncio.gather(*(gateway.resume_refund(refund, charge) for refund in refunds * 2))
    for refund in refunds:
        assert isinstance(await settled(bench, refund, charge), Refunded)
    assert await returned(bench, charge) == 3000


async def test_more_than_is_left_fails(bench: Bench) -> None:
    """And says so in words that name no secret; what is left can still be returned."""
    charge = await charged(bench)
    first, too_much, rest = (a_refund(bench, charge, amount_minor) for amount_minor in (1000, 5000, 4949))
    gateway = bench.open()
    await gateway.refund(first, charge)
    assert isinstance(await settled(bench, first, charge), Refunded)
    outcome = await gateway.refund(too_much, charge)
    assert isinstance(outcome, RefundFailed)
    assert outcome.message
    assert isinstance(await gateway.resume_refund(too_much, charge), RefundFailed)
    await gateway.refund(rest, charge)
    assert isinstance(await settled(bench, rest, charge), Refunded)
    assert await returned(bench, charge) == 5949


@pytest.mark.parametrize("fault", [*HANGING, "reset_after"])
async def test_a_lost_refund_is_found_or_made_once(bench: Bench, fault: str) -> None:
    """The answer that did not come is unknown; asked again, the gateway tells of the one refund there is."""
    charge = await charged(bench)
    refund = a_refund(bench, charge, 1000)
    await bench.arm("refund", fault, count=1)
    hasty = bench.open(HASTY_SECONDS) if fault in HANGING else bench.open()
    assert isinstance(await hasty.refund(refund, charge), Unknown)
    await bench.met()
    assert isinstance(await settled(bench, refund, charge), Refunded)
    assert await returned(bench, charge) == 1000


async def test_an_error_of_the_gateway_is_never_taken_for_a_failure(bench: Bench) -> None:
    """A 5xx says nothing of what was done."""
    charge = await charged(bench)
    refund = a_refund(bench, charge, 1000)
    await bench.arm("refund", "http_500", count=1)
    assert not isinstance(await bench.open().refund(refund, charge), RefundFailed | NotSent)
    for _ in range(3):
        assert not isinstance(await bench.open().resume_refund(refund, charge), RefundFailed | NotSent)
    assert await returned(bench, charge) in (0, 1000)


async def test_a_refund_that_was_sent_to_nobody_is_not_sent(bench: Bench) -> None:
    """Only the first time: a repeat may follow a call that was executed."""
    charge = await charged(bench)
    refund, nowhere = a_refund(bench, charge, 1000), bench.open(base_url="http://127.0.0.1:1")
    assert isinstance(await nowhere.refund(refund, charge), NotSent)
    assert isinstance(await nowhere.resume_refund(refund, charge), Unknown)
    assert await returned(bench, charge) == 0
