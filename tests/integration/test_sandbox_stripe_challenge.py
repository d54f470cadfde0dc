"""3-D Secure at the simulated Stripe: the customer decides on a hosted page, or a test decides for them."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import stripe

from tests.integration.stripe_sandbox import Sandbox, sandbox

__all__ = ["sandbox"]

RETURN_URL = "https://shop.example/return?order=7"
CHALLENGED = "4000002760003184"
CHALLENGED_UNLESS_SET_UP = "4000002500003155"


async def challenged(sandbox: Sandbox, number: str = CHALLENGED, **more: Any) -> Any:
    card = await sandbox.new_card(number)
    intent = await sandbox.pay(card.id, return_url=RETURN_URL, **more)
    assert intent.status == "requires_action"
    return intent


def page_of(intent: Any) -> str:
    address: str = intent.next_action.redirect_to_url.url
    return address


async def decide(sandbox: Sandbox, intent: Any, outcome: str) -> str:
    """Presses a button of the hosted page; where the customer is sent."""
    async with sandbox.http.post(page_of(intent), data={"outcome": outcome}, allow_redirects=False) as answer:
        assert answer.status == 303
        return answer.headers["Location"]


async def now(sandbox: Sandbox, intent: Any) -> Any:
    return await sandbox.v1.payment_intents.retrieve_async(intent.id, {"expand": ["latest_charge"]})


async def test_the_hosted_page_can_be_read_by_a_person(sandbox: Sandbox) -> None:
    """It says what is paid, with which card, and has a button for either outcome."""
    intent = await challenged(sandbox)
    async with sandbox.http.get(page_of(intent)) as page:
        text = await page.text()
        assert page.content_type == "text/html"
    assert "$20.00" in text
    assert "ending in 3184" in text
    assert text.count("<button") == 2
    assert '<html lang="en">' in text


@pytest.mark.parametrize("number", [CHALLENGED, CHALLENGED_UNLESS_SET_UP, "4000000000003220"])
async def test_passing_the_challenge_pays(sandbox: Sandbox, number: str) -> None:
    """The customer returns to the shop with the intent's id and secret, and the money is there."""
    intent = await challenged(sandbox, number)
    assert intent.next_action.type == "redirect_to_url"
    location = await decide(sandbox, intent, "succeed")
    assert location.startswith("https://shop.example/return?order=7&")
    assert parse_qs(urlsplit(location).query) == {
        "order": ["7"],
        "payment_intent": [intent.id],
        "payment_intent_client_secret": [intent.client_secret],
        "redirect_status": ["succeeded"],
    }
    paid = await now(sandbox, intent)
    assert (paid.status, paid.next_action) == ("succeeded", None)
    assert paid.latest_charge.payment_method_details.card.three_d_secure.result == "authenticated"


async def test_failing_the_challenge_asks_for_another_method(sandbox: Sandbox) -> None:
    """The intent says why, no charge is made, and another card can still pay it."""
    intent = await challenged(sandbox)
    location = await decide(sandbox, intent, "fail")
    assert parse_qs(urlsplit(location).query)["redirect_status"] == ["failed"]
    failed = await now(sandbox, intent)
    assert (failed.status, failed.payment_method, failed.latest_charge) == ("requires_payment_method", None, None)
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    paid = await sandbox.v1.payment_intents.confirm_async(intent.id, {"payment_method": "pm_card_visa"})
    assert paid.status == "succeeded"


async def test_a_challenge_ends_once(sandbox: Sandbox) -> None:
    """A used, foreign or invented page decides nothing."""
    intent = await challenged(sandbox)
    await decide(sandbox, intent, "succeed")
    for address in (page_of(intent), page_of(intent).partition("?")[0], page_of(intent)[:-1]):
        async with sandbox.http.post(address, data={"outcome": "fail"}, allow_redirects=False) as answer:
            assert answer.status == 404
    assert (await now(sandbox, intent)).status == "succeeded"


async def test_a_card_may_decline_after_its_challenge(sandbox: Sandbox) -> None:
    """3178 authenticates and then has no funds: the redirect says failed, the intent says why."""
    intent = await challenged(sandbox, "4000008260003178")
    location = await decide(sandbox, intent, "succeed")
    assert parse_qs(urlsplit(location).query)["redirect_status"] == ["failed"]
    declined = await now(sandbox, intent)
    assert (declined.status, declined.latest_charge.status) == ("requires_payment_method", "failed")
    assert declined.last_payment_error.decline_code == "insufficient_funds"


async def test_a_held_payment_is_challenged_too(sandbox: Sandbox) -> None:
    """With manual capture the challenge ends in requires_capture."""
    intent = await challenged(sandbox, capture_method="manual")
    await decide(sandbox, intent, "succeed")
    assert (await now(sandbox, intent)).status == "requires_capture"


async def test_with_manual_confirmation_the_merchant_confirms_again(sandbox: Sandbox) -> None:
    """Passing the challenge leads to requires_confirmation; the second confirmation is not challenged."""
    intent = await challenged(sandbox, confirmation_method="manual")
    await decide(sandbox, intent, "succeed")
    assert (await now(sandbox, intent)).status == "requires_confirmation"
    assert (await sandbox.v1.payment_intents.confirm_async(intent.id)).status == "succeeded"


async def test_without_a_return_url_the_browser_library_takes_over(sandbox: Sandbox) -> None:
    """The next action is use_stripe_sdk, with the page's address in it."""
    intent = await sandbox.pay("pm_card_authenticationRequired")
    assert (intent.status, intent.next_action.type) == ("requires_action", "use_stripe_sdk")
    page = intent.next_action.use_stripe_sdk["stripe_js"]
    await sandbox.control("POST", "pay", {"gateway": "stripe", "url": page, "outcome": "succeed"})
    assert (await now(sandbox, intent)).status == "succeeded"


async def test_nobody_there_means_authentication_required(sandbox: Sandbox) -> None:
    """Off session, and with error_on_requires_action, a card that wants its holder declines."""
    for wish in ({"off_session": True}, {"error_on_requires_action": True}):
        with pytest.raises(stripe.CardError) as caught:
            await sandbox.pay("pm_card_authenticationRequired", **wish)
        body: Any = caught.value.error
        assert (caught.value.code, body.decline_code) == ("authentication_required", "authentication_required")
        assert body.payment_intent.status == "requires_payment_method"


async def test_a_card_that_was_set_up_pays_off_session(sandbox: Sandbox) -> None:
    """3155 is challenged once, with setup_future_usage, and then pays without its holder."""
    customer = await sandbox.v1.customers.create_async({})
    intent = await challenged(sandbox, CHALLENGED_UNLESS_SET_UP, customer=customer.id, setup_future_usage="off_session")
    method = intent.payment_method
    await decide(sandbox, intent, "succeed")
    later = await sandbox.pay(method, customer=customer.id, off_session=True)
    assert later.status == "succeeded"


@pytest.mark.parametrize(
    ("outcome", "status"),
    [("succeed", "succeeded"), ("fail", "requires_payment_method"), ("abandon", "requires_action")],
)
@pytest.mark.parametrize("pointer", ["url", "reference", "gateway_payment_id"])
async def test_a_test_can_stand_in_for_the_customer(sandbox: Sandbox, pointer: str, outcome: str, status: str) -> None:
    """`/_control/pay` ends a challenge by the page's address, our reference or Stripe's id."""
    intent = await challenged(sandbox, metadata={"sycee_reference": "R1"})
    named = {"url": page_of(intent), "reference": "R1", "gateway_payment_id": intent.id}[pointer]
    answer = await sandbox.control("POST", "pay", {"gateway": "stripe", pointer: named, "outcome": outcome})
    assert answer == {"id": intent.id, "gateway": "stripe", "status": status}
    assert (await now(sandbox, intent)).status == status


async def test_a_payment_that_waits_for_nobody_cannot_be_paid_by_control(sandbox: Sandbox) -> None:
    """409 for a payment in another state, 404 for an unknown one, 400 for none or two pointers."""
    intent = await sandbox.pay()
    cases = [
        ({"gateway_payment_id": intent.id}, 409),
        ({"reference": "unknown"}, 404),
        ({}, 400),
        ({"reference": "a", "url": "b"}, 400),
    ]
    for pointer, expected in cases:
        body = {"gateway": "stripe", "outcome": "succeed", **pointer}
        status, answer = await sandbox.control_raw("POST", "pay", body)
        assert (status, list(answer["error"])) == (expected, ["message"])
