"""Payouts of the simulated Stripe that a call asks for: out of what is available, under an idempotency key, and stopped only before they have left."""

from typing import Any

import pytest
import stripe

from tests.integration.stripe_sandbox import Sandbox, sandbox

__all__ = ["sandbox"]


async def earned(sandbox: Sandbox) -> None:
    """Money that is available before the call returns: by Stripe's own default it would be a moment later."""
    await sandbox.pay("pm_card_bypassPending", 10_000, capture_method="automatic")


async def available(sandbox: Sandbox) -> int:
    (funds,) = (await sandbox.v1.balance.retrieve_async()).available
    amount: int = funds.amount
    return amount


async def asked_for(sandbox: Sandbox, **more: Any) -> Any:
    return await sandbox.v1.payouts.create_async({"amount": 1000, "currency": "usd", **more})


async def test_a_payout_leaves_the_balance_and_comes_back_when_it_is_canceled(sandbox: Sandbox) -> None:
    """Each is announced."""
    await earned(sandbox)
    before = await available(sandbox)
    payout = await asked_for(sandbox, metadata={"a": "b"}, description="wages")
    assert (payout.status, payout.automatic, payout.metadata.to_dict()) == ("pending", False, {"a": "b"})
    assert await available(sandbox) == before - 1000
    assert (await sandbox.v1.payouts.cancel_async(payout.id)).status == "canceled"
    assert await available(sandbox) == before
    await sandbox.inbox.wait_for("payout.created")
    await sandbox.inbox.wait_for("payout.canceled")


async def test_more_than_is_available_is_not_paid_out(sandbox: Sandbox) -> None:
    """What is pending, or in another currency, does not count."""
    await sandbox.pay("pm_card_visa", 10_000)
    for currency in ("usd", "eur"):
        with pytest.raises(stripe.InvalidRequestError) as refused:
            await asked_for(sandbox, currency=currency)
        assert refused.value.code == "balance_insufficient"


async def test_what_has_left_is_not_canceled(sandbox: Sandbox) -> None:
    """Nor what is canceled already."""
    await earned(sandbox)
    for status in ("in_transit", "canceled"):
        payout = await asked_for(sandbox)
        await sandbox.control("POST", f"payouts/{payout.id}", {"status": status})
        with pytest.raises(stripe.InvalidRequestError, match="pending"):
            await sandbox.v1.payouts.cancel_async(payout.id)


@pytest.mark.parametrize("wrong", [{"amount": 0}, {"currency": "xxx"}, {"destination": "ba_1"}, {"note": "x"}])
async def test_what_stripe_or_the_sandbox_does_not_take_is_refused(sandbox: Sandbox, wrong: dict[str, Any]) -> None:
    """By name; nothing leaves."""
    await earned(sandbox)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await asked_for(sandbox, **wrong)
    assert refused.value.param in wrong
