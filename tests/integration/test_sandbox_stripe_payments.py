"""The simulated Stripe's PaymentIntents go through Stripe's states, and through no others."""

from typing import Any

import pytest
import stripe

from tests.integration.stripe_sandbox import CARDS_ONLY, Sandbox, sandbox

__all__ = ["sandbox"]


async def new_intent(sandbox: Sandbox, **more: Any) -> Any:
    params = {"amount": 1000, "currency": "usd", "automatic_payment_methods": CARDS_ONLY, **more}
    return await sandbox.v1.payment_intents.create_async(params)


async def refused(call: Any) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await call
    return caught.value


async def test_an_intent_waits_for_a_method_then_for_confirmation_then_succeeds(sandbox: Sandbox) -> None:
    """requires_payment_method, requires_confirmation, succeeded."""
    intent = await new_intent(sandbox)
    assert intent.status == "requires_payment_method"
    intent = await sandbox.v1.payment_intents.update_async(intent.id, {"payment_method": "pm_card_visa"})
    assert intent.status == "requires_confirmation"
    intent = await sandbox.v1.payment_intents.confirm_async(intent.id)
    assert (intent.status, intent.amount_received, intent.amount_capturable) == ("succeeded", 1000, 0)


async def test_a_declined_intent_can_be_confirmed_with_another_card(sandbox: Sandbox) -> None:
    """After a decline the intent asks for another method; a good one pays it and clears the error."""
    intent = await new_intent(sandbox)
    with pytest.raises(stripe.CardError):
        await sandbox.v1.payment_intents.confirm_async(intent.id, {"payment_method": "pm_card_visa_chargeDeclined"})
    intent = await sandbox.v1.payment_intents.retrieve_async(intent.id)
    assert (intent.status, intent.last_payment_error.code) == ("requires_payment_method", "card_declined")
    intent = await sandbox.v1.payment_intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    assert (intent.status, intent.last_payment_error) == ("succeeded", None)
    charges = await sandbox.v1.charges.list_async({"payment_intent": intent.id})
    assert [charge.status for charge in charges.data] == ["succeeded", "failed"]


async def test_a_manual_capture_takes_all_that_was_authorised(sandbox: Sandbox) -> None:
    """With capture_method=manual the money is held, and captured by its own call."""
    intent = await sandbox.pay(capture_method="manual", expand=["latest_charge"])
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("requires_capture", 2000, 0)
    assert (intent.latest_charge.captured, intent.latest_charge.paid) == (False, True)
    intent = await sandbox.v1.payment_intents.capture_async(intent.id, {"expand": ["latest_charge"]})
    assert (intent.status, intent.amount_capturable, intent.amount_received) == ("succeeded", 0, 2000)
    assert (intent.latest_charge.captured, intent.latest_charge.amount_captured) == (True, 2000)


async def test_a_partial_capture_releases_the_rest(sandbox: Sandbox) -> None:
    """The amount stays, what was received is less, and nothing counts as refunded."""
    intent = await sandbox.pay(capture_method="manual")
    intent = await sandbox.v1.payment_intents.capture_async(
        intent.id, {"amount_to_capture": 1500, "expand": ["latest_charge.balance_transaction"]}
    )
    assert (intent.amount, intent.amount_received, intent.amount_capturable) == (2000, 1500, 0)
    charge = intent.latest_charge
    assert (charge.amount_captured, charge.amount_refunded, charge.refunded) == (1500, 0, False)
    assert (charge.balance_transaction.amount, charge.balance_transaction.fee) == (1500, 74)


async def test_an_over_capture_is_refused(sandbox: Sandbox) -> None:
    """More than was authorised cannot be captured, and the hold stays."""
    intent = await sandbox.pay(capture_method="manual")
    error = await refused(sandbox.v1.payment_intents.capture_async(intent.id, {"amount_to_capture": 2001}))
    assert (error.code, error.param) == ("amount_too_large", "amount_to_capture")
    assert (await sandbox.v1.payment_intents.retrieve_async(intent.id)).amount_capturable == 2000


async def test_a_second_capture_is_refused(sandbox: Sandbox) -> None:
    """A captured intent is in no state for a capture; the error carries the intent."""
    intent = await sandbox.pay(capture_method="manual")
    await sandbox.v1.payment_intents.capture_async(intent.id)
    error = await refused(sandbox.v1.payment_intents.capture_async(intent.id))
    body: Any = error.error
    assert (error.code, body.payment_intent.status) == ("payment_intent_unexpected_state", "succeeded")


async def test_cancelling_a_hold_releases_it(sandbox: Sandbox) -> None:
    """A canceled authorisation leaves a charge that counts as refunded and was never captured."""
    intent = await sandbox.pay(capture_method="manual")
    intent = await sandbox.v1.payment_intents.cancel_async(
        intent.id, {"cancellation_reason": "requested_by_customer", "expand": ["latest_charge"]}
    )
    assert (intent.status, intent.cancellation_reason, intent.amount_capturable) == (
        "canceled",
        "requested_by_customer",
        0,
    )
    assert intent.canceled_at is not None
    assert (intent.latest_charge.refunded, intent.latest_charge.amount_captured) == (True, 0)


@pytest.mark.parametrize("verb", ["confirm", "capture", "cancel"])
async def test_a_canceled_intent_takes_no_further_call(sandbox: Sandbox, verb: str) -> None:
    """Canceled is final."""
    intent = await new_intent(sandbox, payment_method="pm_card_visa")
    await sandbox.v1.payment_intents.cancel_async(intent.id)
    error = await refused(getattr(sandbox.v1.payment_intents, f"{verb}_async")(intent.id))
    assert error.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize("verb", ["confirm", "cancel"])
async def test_a_succeeded_intent_can_be_neither_confirmed_nor_canceled(sandbox: Sandbox, verb: str) -> None:
    """Money that was taken is given back by a refund, not by a cancel."""
    intent = await sandbox.pay()
    error = await refused(getattr(sandbox.v1.payment_intents, f"{verb}_async")(intent.id))
    assert error.code == "payment_intent_unexpected_state"


async def test_confirming_without_a_method_is_refused(sandbox: Sandbox) -> None:
    """The state says what is missing."""
    intent = await new_intent(sandbox)
    error = await refused(sandbox.v1.payment_intents.confirm_async(intent.id))
    assert error.code == "payment_intent_unexpected_state"


async def test_confirming_with_redirects_allowed_needs_a_return_url(sandbox: Sandbox) -> None:
    """Methods of the dashboard may redirect, so Stripe asks where to; nothing is created."""
    error = await refused(
        sandbox.v1.payment_intents.create_async(
            {"amount": 1000, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa"}
        )
    )
    assert "return_url" in str(error)
    assert (await sandbox.v1.payment_intents.list_async()).data == []


async def test_the_balance_moves_later_with_asynchronous_capture(sandbox: Sandbox) -> None:
    """By default the charge has no balance transaction at first, and `charge.updated` brings it."""
    intent = await sandbox.pay(expand=["latest_charge"])
    assert (intent.capture_method, intent.latest_charge.balance_transaction) == ("automatic_async", None)
    event = await sandbox.inbox.wait_for("charge.updated")
    assert event.data.object["balance_transaction"].startswith("txn_")


async def test_everything_given_is_shown(sandbox: Sandbox) -> None:
    """Descriptive parameters come back on the intent and on its charge."""
    customer = await sandbox.v1.customers.create_async({"email": "ada@example.com"})
    intent = await sandbox.pay(
        customer=customer.id,
        description="Order 7",
        metadata={"sycee_reference": "REF7", "colour": "红"},
        receipt_email="ada@example.com",
        statement_descriptor_suffix="ORDER 7",
        setup_future_usage="off_session",
        shipping={"name": "Ada", "address": {"line1": "1 Main St"}},
        expand=["latest_charge", "customer", "payment_method"],
    )
    assert (intent.description, intent.receipt_email) == ("Order 7", "ada@example.com")
    assert (intent.customer.email, intent.payment_method.customer) == ("ada@example.com", customer.id)
    charge = intent.latest_charge
    assert charge.metadata.to_dict() == intent.metadata.to_dict() == {"sycee_reference": "REF7", "colour": "红"}
    assert charge.calculated_statement_descriptor == "SANDBOX* ORDER 7"
    assert (charge.shipping.name, charge.receipt_email, charge.payment_intent) == (
        "Ada",
        "ada@example.com",
        intent.id,
    )
    async with sandbox.http.get(charge.receipt_url) as page:
        assert "$20.00" in await page.text()


async def test_metadata_is_merged_and_unset(sandbox: Sandbox) -> None:
    """An update adds keys, an empty value removes one, an empty hash removes all."""
    intent = await new_intent(sandbox, metadata={"a": "1", "b": "2"})
    intent = await sandbox.v1.payment_intents.update_async(intent.id, {"metadata": {"b": "", "c": "3"}})
    assert intent.metadata.to_dict() == {"a": "1", "c": "3"}
    intent = await sandbox.v1.payment_intents.update_async(intent.id, {"metadata": ""})
    assert intent.metadata.to_dict() == {}


async def test_lists_page_in_both_directions_and_filter(sandbox: Sandbox) -> None:
    """Newest first, cursors both ways, has_more, customer and time of creation as filters."""
    customer = await sandbox.v1.customers.create_async({})
    made = [(await new_intent(sandbox, **({"customer": customer.id} if index == 2 else {}))).id for index in range(5)]
    newest_first = list(reversed(made))
    listing = sandbox.v1.payment_intents.list_async
    first = await listing({"limit": 2})
    assert ([each.id for each in first.data], first.has_more) == (newest_first[:2], True)
    last = await listing({"limit": 3, "starting_after": newest_first[1]})
    assert ([each.id for each in last.data], last.has_more) == (newest_first[2:], False)
    back = await listing({"limit": 2, "ending_before": newest_first[3]})
    assert ([each.id for each in back.data], back.has_more) == (newest_first[1:3], True)
    assert [each.id async for each in (await listing({"limit": 2})).auto_paging_iter()] == newest_first
    assert [each.id for each in (await listing({"customer": customer.id})).data] == [made[2]]
    created = first.data[0].created
    assert len((await listing({"created": {"gte": created - 60, "lte": created}})).data) == 5
    assert (await listing({"created": {"gt": created}})).data == []
    expanded = await listing({"customer": customer.id, "expand": ["data.customer"]})
    assert expanded.data[0].customer.id == customer.id


async def test_the_gateway_s_own_truth_is_shown_by_reference(sandbox: Sandbox) -> None:
    """`/_control/payments` finds a payment by our reference, in the smallest unit of its currency."""
    intent = await sandbox.pay(amount=1500, currency="jpy", metadata={"sycee_reference": "R1"})
    await sandbox.v1.refunds.create_async({"payment_intent": intent.id, "amount": 500})
    assert await sandbox.payments("R1") == [
        {
            "gateway": "stripe",
            "gateway_payment_id": intent.id,
            "reference": "R1",
            "currency": "jpy",
            "amount_minor": 1500,
            "captured_minor": 1500,
            "refunded_minor": 500,
            "status": "succeeded",
        }
    ]
    assert await sandbox.payments("R2") == []
