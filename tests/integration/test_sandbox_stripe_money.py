"""The simulated Stripe's balance, disputes and payouts."""

from typing import Any

import pytest
import stripe

from tests.integration.stripe_sandbox import Sandbox, sandbox

__all__ = ["sandbox"]


async def balance(sandbox: Sandbox, currency: str = "usd") -> tuple[int, int]:
    """Available and pending."""
    answer = await sandbox.v1.balance.retrieve_async()
    available = {funds.currency: funds.amount for funds in answer.available}
    pending = {funds.currency: funds.amount for funds in answer.pending}
    return available[currency], pending[currency]


async def paid(sandbox: Sandbox, amount: int = 10_000, payment_method: str = "pm_card_visa", **more: Any) -> Any:
    return await sandbox.pay(payment_method, amount, capture_method="automatic", **more)


async def dispute(sandbox: Sandbox, intent: Any, **more: Any) -> dict[str, Any]:
    body = {"gateway": "stripe", "gateway_payment_id": intent.id, **more}
    return await sandbox.control("POST", "disputes", body)


async def test_an_empty_balance_is_zero(sandbox: Sandbox) -> None:
    """Before the first payment there is nothing, in dollars."""
    assert await balance(sandbox) == (0, 0)


async def test_a_payment_is_pending_less_its_fee(sandbox: Sandbox) -> None:
    """2.9 % and 30 cents stay with Stripe; the rest becomes available days later."""
    intent = await paid(sandbox, expand=["latest_charge.balance_transaction"])
    movement = intent.latest_charge.balance_transaction
    assert (movement.amount, movement.fee, movement.net) == (10_000, 320, 9_680)
    assert (movement.type, movement.status, movement.source) == ("charge", "pending", intent.latest_charge.id)
    assert [detail.type for detail in movement.fee_details] == ["stripe_fee"]
    assert await balance(sandbox) == (0, 9_680)


async def test_a_refund_takes_from_what_is_available(sandbox: Sandbox) -> None:
    """The amount goes back in full; the fee does not."""
    intent = await paid(sandbox)
    await sandbox.v1.refunds.create_async({"payment_intent": intent.id, "amount": 1_000})
    assert await balance(sandbox) == (-1_000, 9_680)


async def test_currencies_are_kept_apart(sandbox: Sandbox) -> None:
    """One pair of funds for each currency."""
    await paid(sandbox)
    await paid(sandbox, 5_000, currency="eur")
    assert await balance(sandbox, "usd") == (0, 9_680)
    assert await balance(sandbox, "eur") == (0, 4_825)


async def test_funds_can_be_available_at_once(sandbox: Sandbox) -> None:
    """Card 0077 skips the waiting."""
    await paid(sandbox, payment_method="pm_card_bypassPending")
    assert await balance(sandbox) == (9_680, 0)


async def test_movements_are_listed_by_type_and_source(sandbox: Sandbox) -> None:
    """Newest first, each with its resource."""
    intent = await paid(sandbox)
    refund = await sandbox.v1.refunds.create_async({"payment_intent": intent.id})
    listed = await sandbox.v1.balance_transactions.list_async()
    assert [(each.type, each.source) for each in listed.data] == [
        ("refund", refund.id),
        ("charge", intent.latest_charge),
    ]
    charges = await sandbox.v1.balance_transactions.list_async({"type": "charge", "expand": ["data.source"]})
    assert charges.data[0].source.payment_intent == intent.id
    by_source = await sandbox.v1.balance_transactions.list_async({"source": refund.id})
    assert [each.net for each in by_source.data] == [-10_000]


async def test_the_disputed_card_disputes_its_charge(sandbox: Sandbox) -> None:
    """Card 0259 pays; some time later its bank takes the money back."""
    intent = await paid(sandbox, payment_method="pm_card_createDispute")
    event = await sandbox.inbox.wait_for("charge.dispute.created")
    opened = await sandbox.v1.disputes.retrieve_async(event.data.object["id"], {"expand": ["charge"]})
    assert (opened.amount, opened.reason, opened.status) == (10_000, "fraudulent", "needs_response")
    assert (opened.payment_intent, opened.charge.disputed) == (intent.id, True)
    assert [each.net for each in opened.balance_transactions] == [-11_500]
    await sandbox.inbox.wait_for("charge.dispute.funds_withdrawn")
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await sandbox.v1.refunds.create_async({"payment_intent": intent.id})
    assert caught.value.code == "charge_disputed"


async def test_an_inquiry_takes_no_money(sandbox: Sandbox) -> None:
    """Card 1976 only asks; the charge can still be refunded."""
    intent = await paid(sandbox, payment_method="pm_card_createDisputeInquiry")
    event = await sandbox.inbox.wait_for("charge.dispute.created")
    assert (event.data.object["status"], event.data.object["is_charge_refundable"]) == ("warning_needs_response", True)
    assert await balance(sandbox) == (0, 9_680)
    await sandbox.control("POST", f"disputes/{event.data.object['id']}/close", {"outcome": "won"})
    closed = await sandbox.v1.disputes.retrieve_async(event.data.object["id"])
    assert closed.status == "warning_closed"
    await sandbox.v1.refunds.create_async({"payment_intent": intent.id})


@pytest.mark.parametrize(("outcome", "available"), [("won", -1_500), ("lost", -4_500)])
async def test_a_dispute_by_control_is_opened_and_closed(sandbox: Sandbox, outcome: str, available: int) -> None:
    """A won dispute gives the amount back, not the fee; a lost one gives back nothing."""
    intent = await paid(sandbox)
    opened = await dispute(sandbox, intent, amount=3_000, reason="duplicate")
    assert (opened["status"], opened["amount_minor"], opened["currency"]) == ("needs_response", 3_000, "usd")
    assert await balance(sandbox) == (-4_500, 9_680)
    closed = await sandbox.control("POST", f"disputes/{opened['id']}/close", {"outcome": outcome})
    assert closed["status"] == outcome
    assert await balance(sandbox) == (available, 9_680)
    listed = await sandbox.v1.disputes.list_async({"payment_intent": intent.id})
    assert [(each.id, each.status, each.reason) for each in listed.data] == [(opened["id"], outcome, "duplicate")]
    event = await sandbox.inbox.wait_for("charge.dispute.closed")
    assert event.data.object["status"] == outcome
    assert (await sandbox.control_raw("POST", f"disputes/{opened['id']}/close", {"outcome": outcome}))[0] == 409


async def test_a_dispute_that_makes_no_sense_is_refused(sandbox: Sandbox) -> None:
    """Unknown or uncaptured payments, wrong amounts and reasons."""
    intent = await paid(sandbox)
    held = await sandbox.pay(capture_method="manual")
    cases: list[tuple[dict[str, object], int]] = [
        ({"gateway_payment_id": "pi_nothing"}, 404),
        ({"gateway_payment_id": held.id}, 409),
        ({"gateway_payment_id": intent.id, "amount": 10_001}, 400),
        ({"gateway_payment_id": intent.id, "amount": "100.001"}, 400),
        ({"gateway_payment_id": intent.id, "reason": "boredom"}, 400),
    ]
    for body, expected in cases:
        assert (await sandbox.control_raw("POST", "disputes", {"gateway": "stripe", **body}))[0] == expected
    assert (await sandbox.control_raw("POST", "disputes/du_nothing/close", {"outcome": "won"}))[0] == 404


@pytest.mark.parametrize(("amount", "minor"), [(2_500, 2_500), ("25.00", 2_500), ("25", 2_500)])
async def test_a_payout_leaves_the_balance_and_arrives(sandbox: Sandbox, amount: object, minor: int) -> None:
    """An integer counts cents, a string is decimal; the steps are told in events."""
    created = await sandbox.control("POST", "payouts", {"gateway": "stripe", "currency": "usd", "amount": amount})
    assert (created["amount_minor"], created["status"]) == (minor, "pending")
    assert await balance(sandbox) == (-minor, 0)
    for status in ("in_transit", "paid"):
        moved = await sandbox.control("POST", f"payouts/{created['id']}", {"status": status})
        assert moved["status"] == status
    payout = await sandbox.v1.payouts.retrieve_async(created["id"], {"expand": ["balance_transaction"]})
    assert (payout.status, payout.balance_transaction.type) == ("paid", "payout")
    assert [each.id for each in (await sandbox.v1.payouts.list_async({"status": "paid"})).data] == [payout.id]
    await sandbox.inbox.wait_until(
        lambda inbox: {"payout.created", "payout.updated", "payout.paid"} <= set(inbox.types())
    )


@pytest.mark.parametrize(("status", "event"), [("failed", "payout.failed"), ("canceled", "payout.canceled")])
async def test_a_payout_that_does_not_arrive_comes_back(sandbox: Sandbox, status: str, event: str) -> None:
    """The balance is as before, and the final status takes no further step."""
    created = await sandbox.control("POST", "payouts", {"gateway": "stripe", "currency": "usd", "amount": 2_500})
    await sandbox.control("POST", f"payouts/{created['id']}", {"status": status})
    assert await balance(sandbox) == (0, 0)
    assert (await sandbox.inbox.wait_for(event)).data.object["status"] == status
    assert (await sandbox.control_raw("POST", f"payouts/{created['id']}", {"status": "paid"}))[0] == 409
    assert (await sandbox.control_raw("POST", "payouts/po_nothing", {"status": "paid"}))[0] == 404


async def test_stripe_moves_something_by_itself(sandbox: Sandbox) -> None:
    """In either direction, with a fee or without; it belongs to nothing, and is listed by its type."""
    body = {"type": "adjustment", "currency": "usd", "amount": "-7.00", "fee": 25}
    made = await sandbox.control("POST", "stripe/balance_transactions", body)
    fee = await sandbox.control("POST", "stripe/balance_transactions", body | {"type": "stripe_fee", "fee": 0})
    assert await balance(sandbox) == (-1425, 0)
    (listed,) = (await sandbox.v1.balance_transactions.list_async({"type": "adjustment"})).data
    assert (listed.id, listed.amount, listed.fee, listed.net) == (made["id"], -700, 25, -725)
    assert (listed.source, listed.reporting_category) == (None, "other_adjustment")
    whole = await sandbox.v1.balance_transactions.retrieve_async(fee["id"], {"expand": ["source"]})
    assert (whole.reporting_category, whole.source) == ("fee", None)


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "charge"},
        {"currency": "xxx"},
        {"amount": "7.001"},
        {"amount": "--7"},
        {"amount": 0},
        {"source": "ch_1"},
    ],
)
async def test_what_stripe_does_not_move_by_itself_is_refused(sandbox: Sandbox, wrong: dict[str, object]) -> None:
    """Nothing is moved."""
    body = {"type": "adjustment", "currency": "usd", "amount": "7.00"} | wrong
    assert (await sandbox.control_raw("POST", "stripe/balance_transactions", body))[0] == 400
    assert (await sandbox.v1.balance_transactions.list_async()).data == []
