"""The simulated Stripe gives back what was captured, and not more."""

from typing import Any

import pytest
import stripe

from tests.integration.stripe_sandbox import Sandbox, sandbox

__all__ = ["sandbox"]


async def refused(sandbox: Sandbox, params: dict[str, object]) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await sandbox.v1.refunds.create_async(params)
    return caught.value


async def charge_of(sandbox: Sandbox, intent: Any, **expand: object) -> Any:
    return await sandbox.v1.charges.retrieve_async(intent.latest_charge, dict(expand))


async def test_a_full_refund_gives_everything_back(sandbox: Sandbox) -> None:
    """Without an amount all that is left goes back; the charge then counts as refunded."""
    intent = await sandbox.pay()
    refund = await sandbox.v1.refunds.create_async(
        {"payment_intent": intent.id, "reason": "requested_by_customer", "metadata": {"ticket": "9"}}
    )
    assert (refund.amount, refund.currency, refund.status) == (2000, "usd", "succeeded")
    assert (refund.reason, refund.metadata["ticket"]) == ("requested_by_customer", "9")
    assert (refund.payment_intent, refund.charge) == (intent.id, intent.latest_charge)
    charge = await charge_of(sandbox, intent)
    assert (charge.refunded, charge.amount_refunded) == (True, 2000)


async def test_partial_refunds_add_up_and_stop_at_the_captured_amount(sandbox: Sandbox) -> None:
    """Refunds may be many; the one too much names both amounts and changes nothing."""
    intent = await sandbox.pay()
    first = await sandbox.v1.refunds.create_async({"payment_intent": intent.id, "amount": 500})
    second = await sandbox.v1.refunds.create_async({"charge": intent.latest_charge, "amount": 500})
    error = await refused(sandbox, {"payment_intent": intent.id, "amount": 1001})
    assert (error.param, error.code) == ("amount", None)
    assert "Refund amount ($10.01) is greater than unrefunded amount on charge ($10.00)" in str(error)
    charge = await charge_of(sandbox, intent, expand=["refunds"])
    assert (charge.refunded, charge.amount_refunded) == (False, 1000)
    assert [refund.id for refund in charge.refunds.data] == [second.id, first.id]
    listed = await sandbox.v1.refunds.list_async({"payment_intent": intent.id})
    assert [refund.id for refund in listed.data] == [second.id, first.id]


async def test_a_refunded_charge_is_not_refunded_again(sandbox: Sandbox) -> None:
    """charge_already_refunded."""
    intent = await sandbox.pay()
    await sandbox.v1.refunds.create_async({"payment_intent": intent.id})
    assert (await refused(sandbox, {"payment_intent": intent.id})).code == "charge_already_refunded"


async def test_only_captured_money_is_refunded(sandbox: Sandbox) -> None:
    """After a partial capture the captured part is the limit; a mere hold has nothing to refund."""
    held = await sandbox.pay(capture_method="manual")
    assert "does not have a successful charge" in str(await refused(sandbox, {"payment_intent": held.id}))
    assert (await refused(sandbox, {"charge": held.latest_charge})).code == "charge_not_refundable"
    await sandbox.v1.payment_intents.capture_async(held.id, {"amount_to_capture": 1200})
    await refused(sandbox, {"payment_intent": held.id, "amount": 1201})
    assert (await sandbox.v1.refunds.create_async({"payment_intent": held.id})).amount == 1200


@pytest.mark.parametrize(
    ("params", "code", "param"),
    [
        ({}, "parameter_missing", None),
        ({"payment_intent": "pi_nothing"}, "resource_missing", "payment_intent"),
        ({"charge": "ch_nothing"}, "resource_missing", "charge"),
        ({"payment_intent": "pi_1", "charge": "ch_1"}, "parameters_exclusive", "charge"),
        ({"charge": "ch_1", "reason": "boredom"}, None, "reason"),
        ({"charge": "ch_1", "amount": "half"}, "parameter_invalid_integer", "amount"),
        ({"charge": "ch_1", "reverse_transfer": True}, None, "reverse_transfer"),
    ],
)
async def test_a_wrong_refund_is_refused(
    sandbox: Sandbox, params: dict[str, object], code: str | None, param: str | None
) -> None:
    """The error names code and parameter."""
    error = await refused(sandbox, params)
    assert (error.code, error.param) == (code, param)


async def test_a_refund_below_one_is_refused(sandbox: Sandbox) -> None:
    """Zero and less are no amounts."""
    intent = await sandbox.pay()
    for amount in (0, -1):
        error = await refused(sandbox, {"payment_intent": intent.id, "amount": amount})
        assert error.code == "parameter_invalid_integer"


async def test_a_pending_refund_succeeds_later(sandbox: Sandbox) -> None:
    """Card 7726: pending at first, then succeeded, told by refund.updated."""
    intent = await sandbox.pay((await sandbox.new_card("4000000000007726")).id)
    refund = await sandbox.v1.refunds.create_async({"payment_intent": intent.id})
    assert (refund.status, refund.pending_reason) == ("pending", "processing")
    event = await sandbox.inbox.wait_for("charge.refund.updated")
    assert event.data.object["status"] == "succeeded"
    assert (await sandbox.v1.refunds.retrieve_async(refund.id)).status == "succeeded"


async def test_a_refund_can_fail_after_it_succeeded(sandbox: Sandbox) -> None:
    """Card 5126: succeeded at first, then failed; the money is the merchant's again and can be refunded again."""
    intent = await sandbox.pay((await sandbox.new_card("4000000000005126")).id)
    refund = await sandbox.v1.refunds.create_async({"payment_intent": intent.id, "amount": 700})
    assert refund.status == "succeeded"
    await sandbox.inbox.wait_for("refund.failed")
    failed = await sandbox.v1.refunds.retrieve_async(refund.id, {"expand": ["failure_balance_transaction"]})
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert failed.failure_balance_transaction.amount == 700
    assert (await charge_of(sandbox, intent)).amount_refunded == 0


async def test_a_refund_s_metadata_is_updated(sandbox: Sandbox) -> None:
    """Only the metadata of a refund can change."""
    intent = await sandbox.pay()
    refund = await sandbox.v1.refunds.create_async({"payment_intent": intent.id})
    updated = await sandbox.v1.refunds.update_async(refund.id, {"metadata": {"note": "x"}})
    assert updated.metadata.to_dict() == {"note": "x"}
