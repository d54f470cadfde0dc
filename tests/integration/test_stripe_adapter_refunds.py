"""Refunds through the Stripe adapter with the real SDK against the simulated Stripe: one refund for each number, whatever becomes of the calls."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest

from server.domain.attempt import Attempt
from server.domain.clock import whole_seconds
from server.domain.ids import reference_of
from server.domain.money import Money
from server.domain.outcomes import Approved, NotSent, Refunded, RefundFailed, RefundOutcome, RefundPending, Unknown
from server.domain.refund import Refund, RefundReason
from tests.contract.gateways import HASTY_SECONDS, Bench, sandbox_url, stripe_bench
from tests.e2e.polling import until
from tests.integration.stripe_sandbox import PATIENCE_SECONDS, client_of, closing

__all__ = ["sandbox_url", "stripe_bench"]

A_DAY = timedelta(hours=23)
A_SLOW_CARD = "4000000000007726"
A_CARD_THAT_SENDS_BACK = "4000000000005126"


async def charged(bench: Bench, number: str = "4242424242424242") -> Attempt:
    """An attempt whose money was taken."""
    gateway = bench.open()
    attempt = await bench.attempt(gateway, number)
    outcome = await gateway.authorise(attempt)
    assert isinstance(outcome, Approved)
    return attempt.settle(outcome, bench.clock.now())


def a_refund(bench: Bench, charge: Attempt, amount_minor: int = 5949, **changes: Any) -> Refund:
    """A refund that was recorded just now."""
    name: UUID = uuid4()
    refund = Refund(
        id=name,
        merchant_id=charge.merchant_id,
        payment_id=charge.payment_id,
        money=Money(amount_minor, charge.money.currency),
        gateway=charge.gateway,
        reference=reference_of(name),
        created_at=whole_seconds(bench.clock.now()),
        updated_at=whole_seconds(bench.clock.now()),
    )
    return replace(refund, **changes)


async def listed(bench: Bench, charge: Attempt) -> list[Any]:
    """Stripe's own refunds of the payment."""
    assert charge.gateway_payment_id is not None
    async with closing(client_of(bench.url)) as client:
        return list((await client.v1.refunds.list_async({"payment_intent": charge.gateway_payment_id})).data)


async def lost(bench: Bench, charge: Attempt, fault: str) -> Refund:
    """A refund whose answer did not come."""
    refund = a_refund(bench, charge)
    await bench.arm("refund", fault, count=1)
    assert isinstance(await bench.open(HASTY_SECONDS).refund(refund, charge), Unknown)
    await bench.met()
    return refund


async def test_a_refund_tells_stripe_all_that_was_said(stripe_bench: Bench) -> None:
    """Amount, reason, metadata and our number; the answer has Stripe's number."""
    charge = await charged(stripe_bench)
    refund = a_refund(stripe_bench, charge, 1000, reason=RefundReason.DUPLICATE, metadata={"note[1]": "twice"})
    outcome = await stripe_bench.open().refund(refund, charge)
    assert isinstance(outcome, Refunded)
    (stored,) = await listed(stripe_bench, charge)
    assert (stored.id, stored.amount, stored.reason) == (outcome.gateway_refund_id, 1000, "duplicate")
    assert stored.metadata.to_dict() == {"note(1)": "twice", "sycee_reference": refund.reference}


async def test_one_number_is_refunded_once(stripe_bench: Bench) -> None:
    """However often it is sent, and by whom; two numbers are two refunds."""
    charge = await charged(stripe_bench)
    refund, gateway = a_refund(stripe_bench, charge, 1000), stripe_bench.open()
    first = await gateway.refund(refund, charge)
    assert [await gateway.refund(refund, charge), await gateway.resume_refund(refund, charge)] == [first, first]
    assert isinstance(await gateway.refund(a_refund(stripe_bench, charge, 1000), charge), Refunded)
    assert len(await listed(stripe_bench, charge)) == 2


async def test_more_than_is_left_fails(stripe_bench: Bench) -> None:
    """Nothing goes back; and a payment that is refunded in full elsewhere names Stripe's reason."""
    charge = await charged(stripe_bench)
    gateway = stripe_bench.open()
    outcome = await gateway.refund(a_refund(stripe_bench, charge, 5950), charge)
    assert outcome == RefundFailed("Stripe refused the request: amount.")
    await gateway.refund(a_refund(stripe_bench, charge), charge)
    again = await gateway.refund(a_refund(stripe_bench, charge), charge)
    assert again == RefundFailed("Stripe refused the request: charge_already_refunded.")


async def settled(bench: Bench, refund: Refund, charge: Attempt, end: type[RefundOutcome]) -> RefundOutcome:
    """What the gateway says when it says that."""
    gateway = bench.open()
    look = partial(gateway.resume_refund, refund, charge)
    return await until(look, lambda outcome: isinstance(outcome, end), PATIENCE_SECONDS)


async def test_a_pending_refund_is_found_succeeded_later(stripe_bench: Bench) -> None:
    """By Stripe's number once it is known, and by the key before."""
    charge = await charged(stripe_bench, A_SLOW_CARD)
    refund = a_refund(stripe_bench, charge)
    outcome = await stripe_bench.open().refund(refund, charge)
    assert isinstance(outcome, RefundPending)
    numbered = replace(refund, gateway_refund_id=outcome.gateway_refund_id)
    assert outcome.gateway_refund_id is not None
    found = Refunded(outcome.gateway_refund_id)
    assert await settled(stripe_bench, numbered, charge, Refunded) == found
    # The kept reply still says pending.
    assert await stripe_bench.open().resume_refund(refund, charge) == found


async def test_a_refund_that_comes_back_is_told_with_stripes_reason(stripe_bench: Bench) -> None:
    """Succeeded at first, failed later."""
    charge = await charged(stripe_bench, A_CARD_THAT_SENDS_BACK)
    refund = a_refund(stripe_bench, charge)
    outcome = await stripe_bench.open().refund(refund, charge)
    assert isinstance(outcome, Refunded)
    failed = await settled(stripe_bench, refund, charge, RefundFailed)
    assert failed == RefundFailed("Stripe's refund failed: expired_or_canceled_card.", outcome.gateway_refund_id)


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "reset_after"])
async def test_a_lost_refund_is_completed_within_a_day(stripe_bench: Bench, fault: str) -> None:
    """Under its key, whether it had arrived or not: once."""
    charge = await charged(stripe_bench)
    refund = await lost(stripe_bench, charge, fault)
    stripe_bench.clock.ahead = A_DAY - timedelta(minutes=1)
    assert isinstance(await stripe_bench.open().resume_refund(refund, charge), Refunded)
    assert len(await listed(stripe_bench, charge)) == 1


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after"])
async def test_a_lost_refund_is_found_or_made_after_a_day(stripe_bench: Bench, fault: str) -> None:
    """By what Stripe lists for the payment, with our number; what it does not list by then is sent under the same key."""
    charge = await charged(stripe_bench)
    refund = await lost(stripe_bench, charge, fault)
    stripe_bench.clock.ahead = A_DAY
    gateway = stripe_bench.open()
    outcome = await gateway.resume_refund(refund, charge)
    assert isinstance(outcome, Refunded)
    assert await gateway.resume_refund(refund, charge) == outcome
    assert [stored.id for stored in await listed(stripe_bench, charge)] == [outcome.gateway_refund_id]


async def test_a_refund_whose_key_holds_an_error_is_found_by_what_stripe_lists(stripe_bench: Bench) -> None:
    """A 500 says nothing, and stays under the key; until Stripe lists the refund, nobody knows."""
    charge = await charged(stripe_bench)
    refund = await lost(stripe_bench, charge, "http_500")
    gateway = stripe_bench.open()
    assert isinstance(await gateway.resume_refund(refund, charge), Unknown)
    assert charge.gateway_payment_id is not None
    async with closing(client_of(stripe_bench.url)) as client:
        made = await client.v1.refunds.create_async(
            {"payment_intent": charge.gateway_payment_id, "metadata": {"sycee_reference": refund.reference}}
        )
    assert await gateway.resume_refund(refund, charge) == Refunded(made.id)


async def test_a_refusal_of_a_repeat_is_checked_against_what_stripe_lists(stripe_bench: Bench) -> None:
    """`Already refunded` may be the very refund that is asked about, its key forgotten."""
    charge = await charged(stripe_bench)
    refund = a_refund(stripe_bench, charge)
    assert charge.gateway_payment_id is not None
    async with closing(client_of(stripe_bench.url)) as client:
        made = await client.v1.refunds.create_async(
            {"payment_intent": charge.gateway_payment_id, "metadata": {"sycee_reference": refund.reference}}
        )
    gateway = stripe_bench.open()
    assert await gateway.resume_refund(refund, charge) == Refunded(made.id)
    other = a_refund(stripe_bench, charge)
    refused = RefundFailed("Stripe refused the request: charge_already_refunded.")
    assert await gateway.resume_refund(other, charge) == refused


async def test_a_refund_that_was_never_sent_is_known_to_be_so(stripe_bench: Bench) -> None:
    """No connection, or turned away as too busy; of a repeat that proves nothing."""
    charge = await charged(stripe_bench)
    refund = a_refund(stripe_bench, charge)
    nowhere = stripe_bench.open(base_url="http://127.0.0.1:1")
    assert isinstance(await nowhere.refund(refund, charge), NotSent)
    assert isinstance(await nowhere.resume_refund(refund, charge), Unknown)
    await stripe_bench.arm("refund", "rate_limit")
    assert isinstance(await stripe_bench.open().refund(refund, charge), NotSent)
    assert isinstance(await stripe_bench.open().resume_refund(refund, charge), Unknown)
    await stripe_bench.heal()
    assert await listed(stripe_bench, charge) == []


async def test_another_accounts_key_refunds_nothing(stripe_bench: Bench) -> None:
    """Refused at first; of a repeat it says nothing."""
    charge = await charged(stripe_bench)
    refund = a_refund(stripe_bench, charge)
    stranger = stripe_bench.open(config={"secret_key": "sk_test_nobody"})
    assert isinstance(await stranger.refund(refund, charge), RefundFailed)
    assert isinstance(await stranger.resume_refund(refund, charge), Unknown)
