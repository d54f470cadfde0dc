"""The simulated Stripe refuses what Stripe refuses, with Stripe's codes."""

from base64 import b64encode
from io import BytesIO
from typing import Any

import pytest
import stripe

from tests.integration.stripe_sandbox import CARDS_ONLY, SECRET_KEY, Sandbox, client_of, closing, sandbox

__all__ = ["sandbox"]

INTENT = {"amount": 1000, "currency": "usd", "automatic_payment_methods": CARDS_ONLY}


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({"amuont": 1}, "parameter_unknown", "amuont"),
        ({"shipping": {"name": "x", "street": "y"}}, "parameter_unknown", "shipping[street]"),
        ({"payment_method_types": ["card"]}, "parameter_unknown", "payment_method_types"),
        ({"amount": None}, "parameter_missing", "amount"),
        ({"currency": None}, "parameter_missing", "currency"),
        ({"automatic_payment_methods": {"allow_redirects": "never"}}, "parameter_missing", "automatic_payment_methods[enabled]"),
        ({"amount": "ten"}, "parameter_invalid_integer", "amount"),
        ({"amount": "10.5"}, "parameter_invalid_integer", "amount"),
        ({"amount": -5}, "parameter_invalid_integer", "amount"),
        ({"amount": 0}, "parameter_invalid_integer", "amount"),
        ({"amount": ""}, "parameter_invalid_empty", "amount"),
        ({"amount": 49}, "amount_too_small", "amount"),
        ({"amount": 100_000_000}, "amount_too_large", "amount"),
        ({"amount": 1005, "currency": "kwd"}, "invalid_charge_amount", "amount"),
        ({"amount": 1050, "currency": "isk"}, "invalid_charge_amount", "amount"),
        ({"currency": "xyz"}, None, "currency"),
        ({"capture_method": "later"}, None, "capture_method"),
        ({"setup_future_usage": "never"}, None, "setup_future_usage"),
        ({"receipt_email": "nobody"}, "email_invalid", "receipt_email"),
        ({"metadata": {"k" * 41: "v"}}, None, f"metadata[{'k' * 41}]"),
        ({"metadata": {"k": "v" * 501}}, None, "metadata[k]"),
        ({"metadata": {str(n): "v" for n in range(51)}}, None, "metadata"),
        ({"statement_descriptor": "SHOP"}, "payment_intent_invalid_parameter", "statement_descriptor"),
        ({"statement_descriptor_suffix": "<SHOP>"}, "payment_intent_invalid_parameter", "statement_descriptor_suffix"),
        ({"return_url": "https://example.com"}, "payment_intent_invalid_parameter", "return_url"),
        ({"off_session": True}, "payment_intent_invalid_parameter", "off_session"),
        ({"allowed_payment_method_types": ["alipay"]}, "payment_intent_invalid_parameter", "allowed_payment_method_types"),
        ({"transfer_data": {"destination": "acct_1"}}, None, "transfer_data"),
        ({"customer": "cus_nobody"}, "resource_missing", "customer"),
        ({"payment_method": "pm_nothing"}, "resource_missing", "payment_method"),
        ({"payment_method": "tok_visa"}, "resource_missing", "payment_method"),
        ({"expand": ["latest_charge.nothing"], "payment_method": "pm_card_visa", "confirm": True}, None, "expand"),
    ],
)  # fmt: skip
async def test_a_wrong_parameter_is_refused_and_nothing_is_made(
    sandbox: Sandbox, given: dict[str, Any], code: str | None, param: str
) -> None:
    """The error names code and parameter, and no intent exists afterwards."""
    params = {name: value for name, value in {**INTENT, **given}.items() if value is not None}
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await sandbox.v1.payment_intents.create_async(params)
    assert (caught.value.code, caught.value.param) == (code, param)
    assert caught.value.http_status == (404 if code == "resource_missing" else 400)
    assert (await sandbox.v1.payment_intents.list_async()).data == []


@pytest.mark.parametrize(
    ("amount", "currency"), [(50, "usd"), (50, "jpy"), (99_999_999, "eur"), (1010, "kwd"), (1100, "isk"), (5, "cny")]
)
async def test_an_amount_at_the_edge_is_taken(sandbox: Sandbox, amount: int, currency: str) -> None:
    """Minima, maxima and the odd currencies' exponents are Stripe's."""
    assert (await sandbox.pay(amount=amount, currency=currency.upper())).currency == currency


@pytest.mark.parametrize(
    ("resource", "id", "noun"),
    [
        ("payment_intents", "pi_nothing", "payment_intent"),
        ("payment_methods", "pm_nothing", "PaymentMethod"),
        ("charges", "ch_nothing", "charge"),
        ("refunds", "re_nothing", "refund"),
        ("customers", "cus_nothing", "customer"),
        ("disputes", "du_nothing", "dispute"),
        ("payouts", "po_nothing", "payout"),
        ("events", "evt_nothing", "event"),
        ("tokens", "tok_nothing", "token"),
        ("balance_transactions", "txn_nothing", "balance transaction"),
    ],
)
async def test_what_does_not_exist_is_404(sandbox: Sandbox, resource: str, id: str, noun: str) -> None:
    """Every resource answers `resource_missing` for an unknown id."""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await getattr(sandbox.v1, resource).retrieve_async(id)
    assert (caught.value.http_status, caught.value.code) == (404, "resource_missing")
    assert caught.value.user_message == f"No such {noun}: '{id}'"


@pytest.mark.parametrize("limit", [0, 101, "many"])
async def test_a_limit_outside_1_to_100_is_refused(sandbox: Sandbox, limit: object) -> None:
    """Lists take 1 to 100."""
    with pytest.raises(stripe.InvalidRequestError) as caught:
        await sandbox.v1.payment_intents.list_async({"limit": limit})
    assert (caught.value.code, caught.value.param) == ("parameter_invalid_integer", "limit")


async def test_a_wrong_key_is_401_and_is_not_repeated_back(sandbox: Sandbox) -> None:
    """An unknown key is refused in Stripe's form, shown masked."""
    async with closing(client_of(sandbox.url, "sk_test_0123456789abcdef")) as client:
        with pytest.raises(stripe.AuthenticationError) as caught:
            await client.v1.payment_intents.list_async()
    assert caught.value.http_status == 401
    assert "0123456789" not in str(caught.value)


async def test_no_key_is_401_and_basic_authentication_works(sandbox: Sandbox) -> None:
    """A key comes as bearer or as the user of basic authentication."""
    address = f"{sandbox.url}/stripe/v1/payment_intents"
    async with sandbox.http.get(address) as answer:
        assert answer.status == 401
        assert (await answer.json())["error"]["type"] == "invalid_request_error"
    async with sandbox.http.get(address, headers={"Authorization": _basic(SECRET_KEY)}) as answer:
        assert answer.status == 200


async def test_an_unknown_address_is_404(sandbox: Sandbox) -> None:
    """Stripe names the address that it does not have."""
    headers = {"Authorization": f"Bearer {SECRET_KEY}"}
    for method, path in [("GET", "/v1/subscriptions"), ("DELETE", "/v1/payment_intents/pi_1"), ("GET", "/v1/refunds/")]:
        async with sandbox.http.request(method, f"{sandbox.url}/stripe{path}", headers=headers) as answer:
            assert answer.status == 404
            assert f"({method}: {path})" in (await answer.json())["error"]["message"]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b'{"amount": 1000}', "application/json"),
        (b"amount=1000&currency=%ff", "application/x-www-form-urlencoded"),
        (b"amount[=1000", "application/x-www-form-urlencoded"),
        (b"amount=1&amount[x]=2", "application/x-www-form-urlencoded"),
        (b"\xff\xfe", "application/x-www-form-urlencoded"),
    ],
)
async def test_a_body_that_is_no_form_is_400(sandbox: Sandbox, body: bytes, content_type: str) -> None:
    """Malformed bodies are refused in Stripe's form."""
    headers = {"Authorization": f"Bearer {SECRET_KEY}", "Content-Type": content_type}
    async with sandbox.http.post(f"{sandbox.url}/stripe/v1/payment_intents", data=body, headers=headers) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]["type"] == "invalid_request_error"


async def test_a_huge_body_is_413(sandbox: Sandbox) -> None:
    """Of a form, more than a mebibyte is not read; only a file of evidence may be larger."""
    headers = {"Authorization": f"Bearer {SECRET_KEY}", "Content-Type": "application/x-www-form-urlencoded"}
    body = BytesIO(b"description=" + b"x" * 1024 * 1024)
    async with sandbox.http.post(f"{sandbox.url}/stripe/v1/payment_intents", data=body, headers=headers) as answer:
        assert answer.status == 413


def _basic(key: str) -> str:
    return "Basic " + b64encode(f"{key}:".encode()).decode()
