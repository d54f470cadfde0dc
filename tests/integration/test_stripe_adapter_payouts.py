"""Payouts through the Stripe adapter with the real SDK against the simulated Stripe: one payout for each number, whatever becomes of the calls."""

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from server.domain.clock import whole_seconds
from server.domain.ids import reference_of
from server.domain.money import Money
from server.domain.outcomes import NotSent, Unknown
from server.domain.payout import Payout, PayoutStatus, Stop
from server.domain.payout_outcomes import PayoutRefused, PayoutReport
from tests.contract.gateways import HASTY_SECONDS, Bench, sandbox_url, stripe_bench
from tests.integration.stripe_sandbox import client_of, closing

__all__ = ["sandbox_url", "stripe_bench"]

THE_KEYS_LIFE = timedelta(hours=23)
AFTER_IT = THE_KEYS_LIFE + timedelta(minutes=10)


async def earned(bench: Bench) -> None:
    """Money that is available before the call returns: by Stripe's own default it would be a moment later."""
    async with closing(client_of(bench.url)) as client:
        await client.v1.payment_intents.create_async(
            {
                "amount": 10_000,
                "currency": "usd",
                "capture_method": "automatic",
                "confirm": True,
                "payment_method": "pm_card_bypassPending",
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            }
        )


async def a_payout(bench: Bench, amount_minor: int = 1000, **changes: Any) -> Payout:
    """A payout that was recorded just now, out of money that is there."""
    await earned(bench)
    name, at = uuid4(), whole_seconds(bench.clock.now())
    money = Money(amount_minor, "USD")
    payout = Payout(name, "default", money, "stripe", 7, at, at, reference=reference_of(name))
    return replace(payout, **changes)


async def listed(bench: Bench, payout: Payout) -> list[Any]:
    """Stripe's own payouts with our number."""
    async with closing(client_of(bench.url)) as client:
        made = (await client.v1.payouts.list_async({"limit": 100})).data
        return [one for one in made if one.metadata and one.metadata.to_dict() == {"sycee_reference": payout.reference}]


async def move(bench: Bench, payout: Payout, status: str) -> None:
    await bench.control("POST", f"payouts/{payout.gateway_payout_id}", {"status": status})


async def lost(bench: Bench, fault: str) -> Payout:
    """A payout whose answer did not come."""
    payout = await a_payout(bench)
    await bench.arm("pay", fault, count=1)
    assert isinstance(await bench.open(HASTY_SECONDS).pay_out(payout), Unknown)
    await bench.met()
    return payout


async def made(bench: Bench) -> Payout:
    """A payout that Stripe has."""
    payout = await a_payout(bench)
    outcome = await bench.open().pay_out(payout)
    assert isinstance(outcome, PayoutReport), outcome
    return replace(payout, gateway_payout_id=outcome.gateway_payout_id)


def stopping(bench: Bench, payout: Payout) -> Payout:
    return replace(payout, stop=Stop(uuid4(), whole_seconds(bench.clock.now())))


async def test_a_payout_tells_stripe_our_number(stripe_bench: Bench) -> None:
    """And the answer says where it stands and when it arrives."""
    payout = await a_payout(stripe_bench)
    outcome = await stripe_bench.open().pay_out(payout)
    (stored,) = await listed(stripe_bench, payout)
    assert isinstance(outcome, PayoutReport)
    assert (outcome.gateway_payout_id, outcome.reference) == (stored.id, payout.reference)
    assert (outcome.money, outcome.status) == (payout.money, PayoutStatus.PENDING)
    assert outcome.arrival_date is not None
    assert outcome.arrival_date - outcome.created_at.date() == timedelta(days=2)
    assert (stored.amount, stored.currency) == (1000, "usd")


async def test_one_number_is_paid_out_once(stripe_bench: Bench) -> None:
    """However often it is sent, and by whom; a kept answer is read anew."""
    payout, gateway = await made(stripe_bench), stripe_bench.open()
    unnumbered = replace(payout, gateway_payout_id=None)
    await move(stripe_bench, payout, "in_transit")
    for outcome in (await gateway.pay_out(unnumbered), await gateway.resume_payout(unnumbered)):
        assert isinstance(outcome, PayoutReport)
        assert (outcome.gateway_payout_id, outcome.status) == (payout.gateway_payout_id, PayoutStatus.IN_TRANSIT)
    assert len(await listed(stripe_bench, payout)) == 1


async def test_more_than_is_available_is_insufficient(stripe_bench: Bench) -> None:
    """Stripe's own word; of a repeat it is checked against its list."""
    payout, gateway = await a_payout(stripe_bench, 99_999_999), stripe_bench.open()
    refused = PayoutRefused("Stripe refused the request: balance_insufficient.", insufficient=True)
    assert await gateway.pay_out(payout) == refused
    assert await gateway.resume_payout(payout) == refused


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "reset_after"])
async def test_a_lost_payout_is_completed_within_a_day(stripe_bench: Bench, fault: str) -> None:
    """Under its key, whether it had arrived or not: once."""
    payout = await lost(stripe_bench, fault)
    stripe_bench.clock.ahead = THE_KEYS_LIFE - timedelta(minutes=1)
    assert isinstance(await stripe_bench.open().resume_payout(payout), PayoutReport)
    assert len(await listed(stripe_bench, payout)) == 1


async def test_a_lost_payout_is_found_on_the_list_after_a_day(stripe_bench: Bench) -> None:
    """The key may be forgotten: nothing is sent any more."""
    payout = await lost(stripe_bench, "timeout_after")
    stripe_bench.clock.ahead = THE_KEYS_LIFE
    assert isinstance(await stripe_bench.open().resume_payout(payout), PayoutReport)
    assert len(await listed(stripe_bench, payout)) == 1


async def test_what_is_not_on_the_list_after_a_day_was_never_made(stripe_bench: Bench) -> None:
    """Once no call under the key can be under way any more; until then nobody knows. It is never sent again."""
    payout = await lost(stripe_bench, "timeout_before")
    stripe_bench.clock.ahead = THE_KEYS_LIFE
    assert isinstance(await stripe_bench.open().resume_payout(payout), Unknown)
    stripe_bench.clock.ahead = AFTER_IT
    await stripe_bench.arm("fetch", "http_500")
    assert isinstance(await stripe_bench.open().resume_payout(payout), Unknown)
    await stripe_bench.heal()
    assert isinstance(await stripe_bench.open().resume_payout(payout), PayoutRefused)
    assert await listed(stripe_bench, payout) == []


async def test_a_payout_whose_key_holds_an_error_is_found_by_what_stripe_lists(stripe_bench: Bench) -> None:
    """A 500 says nothing, and stays under the key."""
    payout = await lost(stripe_bench, "http_500")
    gateway = stripe_bench.open()
    assert isinstance(await gateway.resume_payout(payout), Unknown)
    assert payout.reference is not None
    async with closing(client_of(stripe_bench.url)) as client:
        kept = await client.v1.payouts.create_async(
            {"amount": 1000, "currency": "usd", "metadata": {"sycee_reference": payout.reference}}
        )
    outcome = await gateway.resume_payout(payout)
    assert isinstance(outcome, PayoutReport)
    assert outcome.gateway_payout_id == kept.id


async def test_what_was_never_sent_is_known_to_be_so(stripe_bench: Bench) -> None:
    """No connection, or turned away as too busy; of a repeat that proves nothing."""
    payout = await a_payout(stripe_bench)
    nowhere = stripe_bench.open(base_url="http://127.0.0.1:1")
    assert isinstance(await nowhere.pay_out(payout), NotSent)
    assert isinstance(await nowhere.resume_payout(payout), Unknown)
    await stripe_bench.arm("pay", "rate_limit")
    assert isinstance(await stripe_bench.open().pay_out(payout), NotSent)
    assert isinstance(await stripe_bench.open().resume_payout(payout), Unknown)
    await stripe_bench.heal()
    assert await listed(stripe_bench, payout) == []


async def test_another_accounts_key_pays_nothing_out(stripe_bench: Bench) -> None:
    """Refused at first; of a repeat it says nothing."""
    payout = await a_payout(stripe_bench)
    stranger = stripe_bench.open(config={"secret_key": "sk_test_nobody"})
    assert isinstance(await stranger.pay_out(payout), PayoutRefused)
    assert isinstance(await stranger.resume_payout(payout), Unknown)
    assert await stranger.payouts(payout.created_at) is None


async def test_a_pending_payout_is_stopped_once(stripe_bench: Bench) -> None:
    """Under its order's key; a second order learns that it is stopped."""
    payout = await made(stripe_bench)
    gateway, ordered = stripe_bench.open(), stopping(stripe_bench, payout)
    for order in (ordered, ordered, stopping(stripe_bench, payout)):
        for outcome in (await gateway.stop_payout(order), await gateway.resume_payout(order)):
            assert isinstance(outcome, PayoutReport)
            assert outcome.status is PayoutStatus.CANCELED


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "reset_after", "http_500"])
async def test_a_lost_stop_is_completed(stripe_bench: Bench, fault: str) -> None:
    """Whatever its key holds, and however late."""
    ordered = stopping(stripe_bench, await made(stripe_bench))
    await stripe_bench.arm("cancel", fault, count=1)
    assert isinstance(await stripe_bench.open(HASTY_SECONDS).stop_payout(ordered), Unknown)
    await stripe_bench.met()
    stripe_bench.clock.ahead = AFTER_IT
    outcome = await stripe_bench.open().resume_payout(ordered)
    assert isinstance(outcome, PayoutReport)
    assert outcome.status is PayoutStatus.CANCELED


@pytest.mark.parametrize("status", ["in_transit", "paid", "failed"])
async def test_what_has_left_is_not_stopped(stripe_bench: Bench, status: str) -> None:
    """Where it stands instead is the answer."""
    payout = await made(stripe_bench)
    await move(stripe_bench, payout, status)
    ordered = stopping(stripe_bench, payout)
    for outcome in (
        await stripe_bench.open().stop_payout(ordered),
        await stripe_bench.open().resume_payout(ordered),
    ):
        assert isinstance(outcome, PayoutReport)
        assert outcome.status == status


async def test_a_stop_that_was_never_sent_is_known_to_be_so(stripe_bench: Bench) -> None:
    """The payout goes on; of a repeat it proves nothing."""
    ordered = stopping(stripe_bench, await made(stripe_bench))
    nowhere = stripe_bench.open(base_url="http://127.0.0.1:1")
    assert isinstance(await nowhere.stop_payout(ordered), NotSent)
    assert isinstance(await nowhere.resume_payout(ordered), Unknown)


async def test_the_list_has_every_payout_oldest_first(stripe_bench: Bench) -> None:
    """More than a page of them, ours and others, from a moment on."""
    since = whole_seconds(stripe_bench.clock.now())
    ours = await made(stripe_bench)
    before = {"gateway": "stripe", "currency": "usd", "amount": "0.50"}
    others = [(await stripe_bench.control("POST", "payouts", before))["id"] for _ in range(101)]
    reports = await stripe_bench.open().payouts(since)
    assert reports is not None
    numbers = [report.gateway_payout_id for report in reports]
    assert numbers.index(ours.gateway_payout_id or "") < min(numbers.index(other) for other in others)
    assert set(others) <= set(numbers)
    assert await stripe_bench.open().payouts(since + timedelta(hours=1)) == []
