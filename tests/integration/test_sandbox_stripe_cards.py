"""The simulated Stripe treats cards as Stripe's published test cards say."""

from typing import Any

import pytest
import stripe

from tests.integration.stripe_sandbox import Sandbox, client_of, closing, sandbox

__all__ = ["sandbox"]

DECLINES = [
    ("4000000000000002", "pm_card_visa_chargeDeclined", "card_declined", "generic_decline"),
    ("4000000000009995", "pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("4000000000009987", "pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
    ("4000000000009979", "pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
    ("4000000000006975", "pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded"),
    ("4000000000000069", "pm_card_chargeDeclinedExpiredCard", "expired_card", None),
    ("4000000000000127", "pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", None),
    ("4000000000000119", "pm_card_chargeDeclinedProcessingError", "processing_error", None),
    ("4000000000000341", "pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
    ("4100000000000019", "pm_card_radarBlock", "card_declined", "fraudulent"),
]

BRANDS = [
    ("4242424242424242", "visa", "credit", "US"),
    ("4000056655665556", "visa", "debit", "US"),
    ("5555555555554444", "mastercard", "credit", "US"),
    ("2223003122003222", "mastercard", "credit", "US"),
    ("5105105105105100", "mastercard", "prepaid", "US"),
    ("378282246310005", "amex", "credit", "US"),
    ("6011111111111117", "discover", "credit", "US"),
    ("3056930009020004", "diners", "credit", "US"),
    ("3566002020360505", "jcb", "credit", "JP"),
    ("6200000000000005", "unionpay", "credit", "CN"),
    ("4000002760000016", "visa", "credit", "DE"),
]


async def declined(sandbox: Sandbox, payment_method: str) -> stripe.CardError:
    with pytest.raises(stripe.CardError) as caught:
        await sandbox.pay(payment_method)
    return caught.value


@pytest.mark.parametrize(("number", "published", "code", "decline_code"), DECLINES)
async def test_a_declining_card_declines_by_number_and_by_token(
    sandbox: Sandbox, number: str, published: str, code: str, decline_code: str | None
) -> None:
    """Each published card answers 402 with its code and decline code, however it is given."""
    for payment_method in ((await sandbox.new_card(number)).id, published):
        error = await declined(sandbox, payment_method)
        body: Any = error.error
        assert (error.http_status, error.code, body.type) == (402, code, "card_error")
        assert body.to_dict().get("decline_code") == decline_code
        assert body.payment_intent.status == "requires_payment_method"
        assert body.payment_intent.last_payment_error.code == code
        assert body.payment_intent.payment_method is None
        assert body.payment_method.card.last4 == number[-4:]
        assert body.charge == body.payment_intent.latest_charge


async def test_a_declined_payment_is_kept_with_its_failed_charge(sandbox: Sandbox) -> None:
    """After the 402 the intent can be read, and its charge says why it failed."""
    error = await declined(sandbox, "pm_card_visa_chargeDeclinedInsufficientFunds")
    body: Any = error.error
    intent = await sandbox.v1.payment_intents.retrieve_async(body.payment_intent.id, {"expand": ["latest_charge"]})
    charge = intent.latest_charge
    assert (charge.status, charge.paid, charge.captured) == ("failed", False, False)
    assert (charge.failure_code, charge.outcome.reason) == ("card_declined", "insufficient_funds")
    assert charge.outcome.network_status == "declined_by_network"


@pytest.mark.parametrize(("number", "brand", "funding", "country"), BRANDS)
async def test_a_published_card_shows_its_brand(
    sandbox: Sandbox, number: str, brand: str, funding: str, country: str
) -> None:
    """Brand, funding, country and last four digits are those of Stripe's list."""
    card = (await sandbox.new_card(number)).card
    assert (card.brand, card.funding, card.country, card.last4) == (brand, funding, country, number[-4:])


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({"number": "4242424242424241"}, "incorrect_number", "number"),
        ({"number": "42424242"}, "incorrect_number", "number"),
        ({"exp_month": 13}, "invalid_expiry_month", "exp_month"),
        ({"exp_year": 1995}, "invalid_expiry_year", "exp_year"),
        ({"exp_year": 2199}, "invalid_expiry_year", "exp_year"),
        ({"cvc": "99"}, "invalid_cvc", "cvc"),
        ({"cvc": "1234"}, "invalid_cvc", "cvc"),
        ({"cvc": "12a"}, "invalid_cvc", "cvc"),
    ],
)
async def test_a_card_that_cannot_be_right_is_a_card_error(
    sandbox: Sandbox, given: dict[str, Any], code: str, param: str
) -> None:
    """Invalid data is 402 with the code of the wrong field, already when the payment method is made."""
    with pytest.raises(stripe.CardError) as caught:
        await sandbox.new_card(**given)
    assert (caught.value.http_status, caught.value.code, caught.value.param) == (402, code, param)


async def test_a_number_that_stripe_did_not_publish_is_declined_as_a_live_card(sandbox: Sandbox) -> None:
    """Test mode takes a valid number but declines to charge it."""
    card = await sandbox.new_card("4539578763621486")
    error = await declined(sandbox, card.id)
    body: Any = error.error
    assert body.decline_code == "test_mode_live_card"


async def test_a_declining_card_cannot_be_attached_but_its_sibling_can(sandbox: Sandbox) -> None:
    """Attaching checks the card; 0341 exists to pass that check and decline afterwards."""
    customer = await sandbox.v1.customers.create_async({"email": "a@example.com"})
    with pytest.raises(stripe.CardError) as caught:
        await sandbox.v1.payment_methods.attach_async("pm_card_visa_chargeDeclined", {"customer": customer.id})
    assert caught.value.code == "card_declined"
    attached = await sandbox.v1.payment_methods.attach_async("pm_card_chargeCustomerFail", {"customer": customer.id})
    assert attached.customer == customer.id


async def test_a_fingerprint_names_a_card_within_one_account(sandbox: Sandbox) -> None:
    """One number has one fingerprint, whatever its expiry; another account sees another fingerprint."""
    first, second = await sandbox.new_card(), await sandbox.new_card(exp_year=2031)
    other = await sandbox.new_card("5555555555554444")
    assert first.card.fingerprint == second.card.fingerprint != other.card.fingerprint
    await sandbox.control("POST", "merchants", {"gateway": "stripe", "secret_key": "sk_test_another_merchant"})
    async with closing(client_of(sandbox.url, "sk_test_another_merchant")) as client:
        theirs = await client.v1.payment_methods.create_async(
            {"type": "card", "card": {"number": "4242424242424242", "exp_month": 1, "exp_year": 2040}}
        )
    assert theirs.card is not None
    assert theirs.card.fingerprint != first.card.fingerprint


async def test_a_token_pays_once(sandbox: Sandbox) -> None:
    """A token made from a card becomes one payment method; a second use is refused."""
    token = await sandbox.v1.tokens.create_async(
        {"card": {"number": "4242424242424242", "exp_month": "12", "exp_year": "2040", "cvc": "123"}}
    )
    data = {"type": "card", "card": {"token": token.id}}
    method = await sandbox.v1.payment_methods.create_async(data)
    assert (await sandbox.pay(method.id)).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await sandbox.v1.payment_methods.create_async(data)
    assert caught.value.code == "token_already_used"
    assert (await sandbox.v1.tokens.retrieve_async(token.id)).used


@pytest.mark.parametrize("token", ["tok_visa", "tok_mastercard", "tok_amex", "tok_visa_debit"])
async def test_published_tokens_work_any_number_of_times(sandbox: Sandbox, token: str) -> None:
    """`tok_visa` and its siblings are not used up, and pay inside `payment_method_data` too."""
    for _ in range(2):
        data = {"type": "card", "card": {"token": token}}
        intent = await sandbox.v1.payment_intents.create_async(
            {
                "amount": 500,
                "currency": "usd",
                "confirm": True,
                "payment_method_data": data,
                "allowed_payment_method_types": ["card"],
            }
        )
        assert intent.status == "succeeded"


async def test_a_declining_token_declines(sandbox: Sandbox) -> None:
    """`tok_chargeDeclined` and its newer spelling are the same card."""
    for token in ("tok_chargeDeclined", "tok_visa_chargeDeclined"):
        method = await sandbox.v1.payment_methods.create_async({"type": "card", "card": {"token": token}})
        error = await declined(sandbox, method.id)
        assert error.code == "card_declined"


async def test_a_payment_method_without_a_customer_pays_once(sandbox: Sandbox) -> None:
    """A card that paid without a customer cannot be used or attached again."""
    card = await sandbox.new_card()
    await sandbox.pay(card.id)
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        await sandbox.pay(card.id)


async def test_a_saved_card_pays_again_for_its_customer_only(sandbox: Sandbox) -> None:
    """An attached card needs its customer on the intent, and then pays any number of times."""
    customer = await sandbox.v1.customers.create_async({})
    card = await sandbox.new_card()
    await sandbox.v1.payment_methods.attach_async(card.id, {"customer": customer.id})
    for _ in range(2):
        assert (await sandbox.pay(card.id, customer=customer.id)).status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError, match="belongs to the Customer"):
        await sandbox.pay(card.id)
    stranger = await sandbox.v1.customers.create_async({})
    with pytest.raises(stripe.InvalidRequestError, match="must be attached"):
        await sandbox.pay(card.id, customer=stranger.id)


async def test_saved_cards_are_listed_updated_and_detached(sandbox: Sandbox) -> None:
    """A customer's cards, newest first; a detached one is gone for good."""
    customer = await sandbox.v1.customers.create_async({"name": "Ada"})
    cards = [await sandbox.new_card(number) for number in ("4242424242424242", "5555555555554444")]
    for card in cards:
        await sandbox.v1.payment_methods.attach_async(card.id, {"customer": customer.id})
    listed = await sandbox.v1.customers.payment_methods.list_async(customer.id)
    assert [card.id for card in listed.data] == [card.id for card in reversed(cards)]
    updated = await sandbox.v1.payment_methods.update_async(
        cards[0].id, {"metadata": {"tag": "x"}, "billing_details": {"name": "Ada"}, "card": {"exp_month": 3}}
    )
    assert (updated.metadata["tag"], updated.billing_details.name, updated.card.exp_month) == ("x", "Ada", 3)
    await sandbox.v1.payment_methods.detach_async(cards[0].id)
    remaining = await sandbox.v1.payment_methods.list_async({"customer": customer.id, "type": "card"})
    assert [card.id for card in remaining.data] == [cards[1].id]
    with pytest.raises(stripe.InvalidRequestError, match="detached from a Customer"):
        await sandbox.v1.payment_methods.attach_async(cards[0].id, {"customer": customer.id})


async def test_checks_are_made_with_the_first_charge(sandbox: Sandbox) -> None:
    """A security code is unchecked on a new card and checked once it is charged; 0101 fails that check and pays."""
    card = await sandbox.new_card("4000000000000101")
    assert card.card.checks.cvc_check == "unchecked"
    intent = await sandbox.pay(card.id, expand=["latest_charge"])
    assert intent.status == "succeeded"
    assert intent.latest_charge.payment_method_details.card.checks.cvc_check == "fail"


async def test_another_account_sees_nothing(sandbox: Sandbox) -> None:
    """Another merchant's payment method, intent and customer do not exist."""
    intent = await sandbox.pay()
    customer = await sandbox.v1.customers.create_async({})
    await sandbox.control("POST", "merchants", {"gateway": "stripe", "secret_key": "sk_test_another_merchant"})
    async with closing(client_of(sandbox.url, "sk_test_another_merchant")) as client:
        for read in (
            client.v1.payment_intents.retrieve_async(intent.id),
            client.v1.payment_methods.retrieve_async(intent.payment_method),
            client.v1.customers.retrieve_async(customer.id),
        ):
            with pytest.raises(stripe.InvalidRequestError) as caught:
                await read
            assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
