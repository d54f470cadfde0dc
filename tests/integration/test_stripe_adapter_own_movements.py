"""Fees and adjustments through the Stripe adapter with the real SDK against the simulated Stripe: those that belong to nothing else, and only those."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest

from gateways.stripe.own_movements import TYPES
from server.domain.clock import whole_seconds
from server.domain.money import Money
from server.domain.own_movement import ListedMovement, OwnMovement, OwnMovementKind
from tests.contract.gateways import Bench, sandbox_url, stripe_bench
from tests.integration.stripe_sandbox import client_of, closing

__all__ = ["sandbox_url", "stripe_bench"]

FEES = ("stripe_fee", "stripe_fx_fee", "tax_fee")


async def moved(bench: Bench, **what: object) -> str:
    """Stripe moves something by itself; its number."""
    number: str = (await bench.control("POST", "stripe/balance_transactions", what))["id"]
    return number


async def told(bench: Bench, since: datetime) -> dict[str, OwnMovement]:
    found: Sequence[ListedMovement] | None = await bench.open().own_movements(since)
    assert found is not None
    times = [each.created_at for each in found if isinstance(each, OwnMovement)]
    assert (len(times), times) == (len(found), sorted(times))
    return {each.gateway_transaction_id: each for each in found if isinstance(each, OwnMovement)}


async def test_each_type_is_read_as_stripe_has_it(stripe_bench: Bench) -> None:
    """In its currency and direction, from a moment on."""
    since = whole_seconds(stripe_bench.clock.now())
    numbers = {
        type: await moved(stripe_bench, type=type, currency="chf", amount="-12.34", fee="0.06") for type in TYPES
    }
    found = await told(stripe_bench, since)
    for type, number in numbers.items():
        movement = found[number]
        is_fee = type in FEES
        assert movement.kind is (OwnMovementKind.FEE if is_fee else OwnMovementKind.ADJUSTMENT)
        assert (movement.money, movement.fee_minor) == ((Money(-1240 if is_fee else -1234, "CHF")), 0 if is_fee else 6)
        assert movement.available_on == movement.created_at.date()
    assert not set(numbers.values()) & set(await told(stripe_bench, since + timedelta(hours=1)))


async def test_what_belongs_to_something_else_is_not_among_them(stripe_bench: Bench) -> None:
    """A charge with its fee, a refund, a dispute's money and fee, and a payout: each is posted with that."""
    since = whole_seconds(stripe_bench.clock.now())
    async with closing(client_of(stripe_bench.url)) as client:
        payment = await client.v1.payment_intents.create_async(
            {
                "amount": 10_000,
                "currency": "usd",
                # By Stripe's own default the money would be there a moment later.
                "capture_method": "automatic",
                "confirm": True,
                "payment_method": "pm_card_bypassPending",
                "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
            }
        )
        await client.v1.refunds.create_async({"payment_intent": payment.id, "amount": 100})
        body: dict[str, Any] = {"gateway": "stripe", "gateway_payment_id": payment.id, "amount": "5.00"}
        dispute = await stripe_bench.control("POST", "disputes", body)
        await stripe_bench.control("POST", f"disputes/{dispute['id']}/close", {"outcome": "won"})
        payout = await client.v1.payouts.create_async({"amount": 100, "currency": "usd"})
        everything = await client.v1.balance_transactions.list_async({"limit": 100})
        belonging = {each.id for each in everything.data if each.source is not None}
        assert {dispute["id"], payout.id} <= {str(each.source) for each in everything.data}
    assert not belonging & set(await told(stripe_bench, since))


async def test_the_list_is_read_beyond_a_page(stripe_bench: Bench) -> None:
    """To its end."""
    since = whole_seconds(stripe_bench.clock.now())
    numbers = [await moved(stripe_bench, type="stripe_fee", currency="usd", amount=-1) for _ in range(101)]
    assert set(numbers) <= set(await told(stripe_bench, since))


@pytest.mark.parametrize("fault", ["http_500", "rate_limit"])
async def test_a_list_that_does_not_come_is_none(stripe_bench: Bench, fault: str) -> None:
    """Nothing is known then; the next round asks again."""
    await stripe_bench.arm("fetch", fault)
    assert await stripe_bench.open().own_movements(stripe_bench.clock.now()) is None
    await stripe_bench.heal()


async def test_another_accounts_key_is_told_nothing(stripe_bench: Bench) -> None:
    """Nor one that may not read balance transactions."""
    stranger = stripe_bench.open(config={"secret_key": "sk_test_nobody"})
    assert await stranger.own_movements(stripe_bench.clock.now()) is None
