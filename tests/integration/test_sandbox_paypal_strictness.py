"""The simulated PayPal refuses what PayPal refuses: credentials, bodies, amounts and states."""

from typing import Any

import pytest

from tests.integration.paypal_sandbox import CLIENT_ID, SECRET, Sandbox, amount_of, order_of, sandbox

__all__ = ["sandbox"]

ORDERS = "/v2/checkout/orders"


async def test_only_the_right_credentials_get_a_token(sandbox: Sandbox) -> None:
    """401 in OAuth's form for anything else, and 400 for another grant."""
    for client_id, secret in ((CLIENT_ID, "wrong"), ("stranger", SECRET), ("", "")):
        refused = await sandbox.authenticate(client_id, secret)
        assert (refused.status, refused.body) == (
            401,
            {"error": "invalid_client", "error_description": "Client Authentication failed"},
        )
    other_grant = await sandbox.authenticate(CLIENT_ID, SECRET, "password")
    assert (other_grant.status, other_grant.body["error"]) == (400, "unsupported_grant_type")
    granted = await sandbox.authenticate(CLIENT_ID, SECRET)
    assert (granted.body["token_type"], granted.body["expires_in"]) == ("Bearer", 32400)


async def test_a_call_needs_a_token_that_paypal_has_given(sandbox: Sandbox) -> None:
    """A missing one, a forged one and one of a withdrawn secret are refused before anything is looked at."""
    token = await sandbox.token()
    assert (await sandbox.call("GET", f"{ORDERS}/X", Authorization="")).body["name"] == "AUTHENTICATION_FAILURE"
    basic = await sandbox.call("GET", f"{ORDERS}/X", Authorization="Basic abc")
    assert basic.status == 401
    for forged in (token[:-1] + ("0" if token[-1] != "0" else "1"), "A21AAnonsense", token.partition(".")[0], "é"):
        answer = await sandbox.call("GET", f"{ORDERS}/X", Authorization=f"Bearer {forged}")
        assert (answer.status, answer.body["error"]) == (401, "invalid_token")
    await sandbox.control("POST", "merchants", {"gateway": "paypal", "client_id": CLIENT_ID, "secret": "new"})
    assert (await sandbox.call("GET", f"{ORDERS}/X")).body["error"] == "invalid_token"
    assert (await sandbox.authenticate(CLIENT_ID, "new")).status == 200


@pytest.mark.parametrize(
    ("value", "currency", "issue"),
    [
        ("10.001", "USD", "DECIMAL_PRECISION"),
        ("0", "USD", "CANNOT_BE_ZERO_OR_NEGATIVE"),
        ("-1.00", "USD", "CANNOT_BE_ZERO_OR_NEGATIVE"),
        ("100.00", "JPY", "DECIMALS_NOT_SUPPORTED"),
        ("100.5", "HUF", "DECIMALS_NOT_SUPPORTED"),
        ("100.5", "TWD", "DECIMALS_NOT_SUPPORTED"),
        ("1000000000000000", "USD", "MAX_VALUE_EXCEEDED"),
        ("10.00", "KRW", "INVALID_CURRENCY_CODE"),
        ("10.00", "usd", "INVALID_CURRENCY_CODE"),
        ("ten", "USD", "INVALID_PARAMETER_SYNTAX"),
        ("1e3", "USD", "INVALID_PARAMETER_SYNTAX"),
        ("١٠", "USD", "INVALID_PARAMETER_SYNTAX"),
        ("10.00", "DOLLARS", "INVALID_STRING_LENGTH"),
    ],
)
async def test_an_amount_has_its_currencys_decimals(sandbox: Sandbox, value: str, currency: str, issue: str) -> None:
    """A decimal string in the major unit; three currencies have none at PayPal."""
    assert (await sandbox.call("POST", ORDERS, order_of(value, currency))).issue == issue


@pytest.mark.parametrize(
    ("value", "currency", "shown", "minor"),
    [
        ("10", "USD", "10.00", 1000),
        ("10.5", "EUR", "10.50", 1050),
        ("100", "JPY", "100", 100),
        ("100", "HUF", "100", 10000),
    ],
)
async def test_an_amount_is_shown_with_its_currencys_decimals(
    sandbox: Sandbox, value: str, currency: str, shown: str, minor: int
) -> None:
    """And counted in the smallest unit of ISO 4217 by the control."""
    order = await sandbox.create(order_of(value, currency, invoice_id="I"))
    assert order["purchase_units"][0]["amount"] == {"currency_code": currency, "value": shown}
    assert [view["amount_minor"] for view in await sandbox.payments("I")] == [minor]


@pytest.mark.parametrize(
    ("body", "field", "issue"),
    [
        ({"purchase_units": [{"amount": amount_of()}]}, "/intent", "MISSING_REQUIRED_PARAMETER"),
        ({"intent": "CAPTURE", "purchase_units": []}, "/purchase_units", "INVALID_ARRAY_MIN_ITEMS"),
        ({"intent": "CAPTURE", "purchase_units": [{"amount": amount_of()}] * 11}, "/purchase_units", "INVALID_ARRAY_MAX_ITEMS"),
        (order_of(invoice_id=7), "/purchase_units/0/invoice_id", "INVALID_PARAMETER_SYNTAX"),
        (order_of(invoice_id=""), "/purchase_units/0/invoice_id", "INVALID_STRING_LENGTH"),
        (order_of(custom_id="x" * 128), "/purchase_units/0/custom_id", "INVALID_STRING_LENGTH"),
        (order_of(invoiceid="I"), "/purchase_units/0/invoiceid", "NOT_SUPPORTED"),
        ({**order_of(), "Intent": "CAPTURE"}, "/Intent", "NOT_SUPPORTED"),
        (order_of(intent="SALE"), "/intent", "INVALID_PARAMETER_VALUE"),
        ({**order_of(), "application_context": {"return_url": "shop/return"}}, "/application_context/return_url", "INVALID_PARAMETER_SYNTAX"),
        ({**order_of(), "payment_source": {"card": {}}}, "/payment_source/paypal", "MISSING_REQUIRED_PARAMETER"),
        ([], "/", "INVALID_PARAMETER_SYNTAX"),
        (
            order_of("10.00", items=[{"name": "Tea", "quantity": "2", "unit_amount": amount_of("5.00")}]),
            "/purchase_units/0/amount/breakdown/item_total",
            "ITEM_TOTAL_REQUIRED",
        ),
    ],
)  # fmt: skip
async def test_a_malformed_order_is_refused_by_field(sandbox: Sandbox, body: Any, field: str, issue: str) -> None:
    """The field is named by a JSON pointer; an unknown one is refused rather than ignored."""
    answer = await sandbox.call("POST", ORDERS, body)
    details = answer.body["details"]
    assert (details[0]["field"], details[0]["issue"]) == (field, issue)
    assert (await sandbox.control("GET", "payments?gateway=paypal"))["payments"] == []


async def test_a_breakdown_must_add_up(sandbox: Sandbox) -> None:
    """item_total + tax_total + shipping + handling + insurance - discounts; items times quantity."""
    item = {"name": "Tea", "quantity": "2", "unit_amount": amount_of("4.00"), "tax": amount_of("0.50")}

    async def issue(total: str, **parts: str) -> str | None:
        amount = {**amount_of(total), "breakdown": {name: amount_of(value) for name, value in parts.items()}}
        answer = await sandbox.call(
            "POST", ORDERS, {"intent": "CAPTURE", "purchase_units": [{"amount": amount, "items": [item]}]}
        )
        return None if answer.status == 201 else answer.issue

    assert await issue("9.50", item_total="8.00", tax_total="1.00", shipping="1.00", discount="0.50") is None
    assert await issue("9.00", item_total="8.00", tax_total="1.00", shipping="1.00") == "AMOUNT_MISMATCH"
    assert await issue("8.00", item_total="7.00", tax_total="1.00") == "ITEM_TOTAL_MISMATCH"
    assert await issue("8.00", item_total="8.00") == "TAX_TOTAL_REQUIRED"
    assert await issue("10.00", item_total="8.00", tax_total="2.00") == "TAX_TOTAL_MISMATCH"
    assert await issue("7.00", item_total="8.00", tax_total="-1.00") == "CANNOT_BE_NEGATIVE"


async def test_several_units_need_references_and_one_currency(sandbox: Sandbox) -> None:
    """Each unit is captured by itself; AUTHORIZE allows only one."""

    def units(*named: tuple[str | None, str]) -> dict[str, Any]:
        each = [{"amount": amount_of("5.00", code), **({"reference_id": name} if name else {})} for name, code in named]
        return {"intent": "CAPTURE", "purchase_units": each}

    for body, issue in (
        (units(("a", "USD"), (None, "USD")), "REFERENCE_ID_REQUIRED"),
        (units(("a", "USD"), ("a", "USD")), "DUPLICATE_REFERENCE_ID"),
        (units(("a", "USD"), ("b", "EUR")), "MULTI_CURRENCY_ORDER"),
        ({**units(("a", "USD"), ("b", "USD")), "intent": "AUTHORIZE"}, "UNSUPPORTED_INTENT"),
    ):
        assert (await sandbox.call("POST", ORDERS, body)).issue == issue
    order = await sandbox.approved(units(("a", "USD"), ("b", "USD")))
    paid = await sandbox.call("POST", f"{ORDERS}/{order['id']}/capture")
    captures = [unit["payments"]["captures"][0] for unit in paid.body["purchase_units"]]
    assert [capture["amount"]["value"] for capture in captures] == ["5.00", "5.00"]
    assert len({capture["id"] for capture in captures}) == 2


async def test_a_body_must_be_json_and_say_so(sandbox: Sandbox) -> None:
    """400 for what is none, 415 for another content type, 405 and 404 for other addresses."""
    bearer = {"Authorization": f"Bearer {await sandbox.token()}"}
    assert (await sandbox.call_raw("POST", ORDERS, bearer, b"{")).issue == "MALFORMED_REQUEST_JSON"
    form = {**bearer, "Content-Type": "application/x-www-form-urlencoded"}
    assert (await sandbox.call_raw("POST", ORDERS, form, b"intent=CAPTURE")).body["name"] == "UNSUPPORTED_MEDIA_TYPE"
    assert (await sandbox.call("DELETE", f"{ORDERS}/X")).body["name"] == "METHOD_NOT_SUPPORTED"
    assert (await sandbox.call("GET", "/v2/payments/nothing")).body["name"] == "RESOURCE_NOT_FOUND"
    long = await sandbox.call("POST", ORDERS, order_of(), PayPal_Request_Id="x" * 109)
    assert long.issue == "INVALID_STRING_LENGTH"


async def test_another_merchants_resources_are_out_of_reach(sandbox: Sandbox) -> None:
    """403 for what exists, 404 for what does not."""
    capture = await sandbox.captured()
    await sandbox.control("POST", "merchants", {"gateway": "paypal", "client_id": "other", "secret": "s"})
    other = Sandbox(sandbox.url, sandbox.http, sandbox.inbox, "other", "s")
    for method, path in (
        ("GET", f"/v2/payments/captures/{capture['id']}"),
        ("POST", f"/v2/payments/captures/{capture['id']}/refund"),
    ):
        answer = await other.call(method, path)
        assert (answer.status, answer.body["name"]) == (403, "NOT_AUTHORIZED")
    assert (await other.call("GET", "/v2/payments/captures/NONE")).status == 404
    assert (await sandbox.call("GET", f"/v2/payments/captures/{capture['id']}")).body["status"] == "COMPLETED"


async def test_an_order_is_captured_once(sandbox: Sandbox) -> None:
    """And not at all before the buyer has approved it, nor with the wrong intent."""
    order = await sandbox.create()
    path = f"{ORDERS}/{order['id']}/capture"
    assert (await sandbox.call("POST", path)).issue == "ORDER_NOT_APPROVED"
    await sandbox.control("POST", "pay", {"gateway": "paypal", "gateway_payment_id": order["id"], "outcome": "succeed"})
    assert (await sandbox.call("POST", f"{ORDERS}/{order['id']}/authorize")).issue == "ACTION_DOES_NOT_MATCH_INTENT"
    assert (await sandbox.call("POST", path)).status == 201
    assert (await sandbox.call("POST", path)).issue == "ORDER_ALREADY_CAPTURED"
    held = await sandbox.approved(order_of(intent="AUTHORIZE"))
    authorize = f"{ORDERS}/{held['id']}/authorize"
    assert (await sandbox.call("POST", authorize)).status == 201
    assert (await sandbox.call("POST", authorize)).issue == "ORDER_ALREADY_AUTHORIZED"


async def test_an_invoice_is_paid_once(sandbox: Sandbox) -> None:
    """Orders may share an invoice until one is captured or authorized; a void makes it free again."""
    orders = [await sandbox.approved(order_of(invoice_id="INV-1")) for _ in range(2)]
    assert (await sandbox.call("POST", f"{ORDERS}/{orders[0]['id']}/capture")).status == 201
    assert (await sandbox.call("POST", f"{ORDERS}/{orders[1]['id']}/capture")).issue == "DUPLICATE_INVOICE_ID"
    held = await sandbox.authorized(invoice_id="INV-2")
    order = await sandbox.approved(order_of(intent="AUTHORIZE", invoice_id="INV-2"))
    assert (await sandbox.call("POST", f"{ORDERS}/{order['id']}/authorize")).issue == "DUPLICATE_INVOICE_ID"
    await sandbox.call("POST", f"/v2/payments/authorizations/{held['id']}/void")
    assert (await sandbox.call("POST", f"{ORDERS}/{order['id']}/authorize")).status == 201
    parts = await sandbox.authorized(invoice_id="INV-3")
    path = f"/v2/payments/authorizations/{parts['id']}/capture"
    for _ in range(2):
        assert (await sandbox.call("POST", path, {"amount": amount_of("2.00")})).status == 201
    assert (await sandbox.call("POST", path, {"invoice_id": "INV-3"})).issue == "DUPLICATE_INVOICE_ID"


async def test_an_authorization_is_captured_up_to_115_percent(sandbox: Sandbox) -> None:
    """In one capture or in several; once all is taken, or a capture was the final one, no more."""
    held = await sandbox.authorized("10.00")
    path = f"/v2/payments/authorizations/{held['id']}"
    assert (
        await sandbox.call("POST", f"{path}/capture", {"amount": amount_of("11.51")})
    ).issue == "MAX_CAPTURE_AMOUNT_EXCEEDED"
    assert (await sandbox.call("POST", f"{path}/capture", {"amount": amount_of("9.99")})).status == 201
    assert (
        await sandbox.call("POST", f"{path}/capture", {"amount": amount_of("1.52")})
    ).issue == "MAX_CAPTURE_AMOUNT_EXCEEDED"
    assert (await sandbox.call("POST", f"{path}/capture", {"amount": amount_of("1.51")})).status == 201
    assert (await sandbox.call("POST", f"{path}/capture")).issue == "AUTHORIZATION_ALREADY_CAPTURED"
    assert (await sandbox.call("POST", f"{path}/void")).issue == "PREVIOUSLY_CAPTURED"
    final = await sandbox.authorized("10.00")
    own = f"/v2/payments/authorizations/{final['id']}/capture"
    assert (await sandbox.call("POST", own, {"amount": amount_of("1.00"), "final_capture": True})).status == 201
    assert (await sandbox.call("POST", own)).issue == "AUTHORIZATION_ALREADY_CAPTURED"


async def test_the_rest_of_a_partly_captured_authorization_is_captured_or_voided(sandbox: Sandbox) -> None:
    """Without an amount a capture takes what is left; a void releases it and leaves what was taken."""
    first, second = [await sandbox.authorized("10.00", invoice_id=f"I{number}") for number in range(2)]
    for held in (first, second):
        await sandbox.call("POST", f"/v2/payments/authorizations/{held['id']}/capture", {"amount": amount_of("4.00")})
    rest = await sandbox.call(
        "POST", f"/v2/payments/authorizations/{first['id']}/capture", None, Prefer="return=representation"
    )
    assert rest.body["amount"]["value"] == "6.00"
    voided = await sandbox.call(
        "POST", f"/v2/payments/authorizations/{second['id']}/void", None, Prefer="return=representation"
    )
    assert (voided.status, voided.body["status"]) == (200, "VOIDED")
    assert [(view["captured_minor"], view["status"]) for view in await sandbox.payments("I1")] == [(400, "COMPLETED")]


async def test_a_refund_is_bounded_by_what_was_captured(sandbox: Sandbox) -> None:
    """Neither more than is left, nor another currency, nor under an invoice that was used before."""
    capture = await sandbox.captured()
    path = f"/v2/payments/captures/{capture['id']}/refund"
    assert (await sandbox.call("POST", path, {"amount": amount_of("10.01")})).issue == "REFUND_AMOUNT_EXCEEDED"
    assert (
        await sandbox.call("POST", path, {"amount": amount_of("1.00", "EUR")})
    ).issue == "REFUND_CAPTURE_CURRENCY_MISMATCH"
    assert (await sandbox.call("POST", path, {"amount": amount_of("4.00"), "invoice_id": "R"})).status == 201
    assert (
        await sandbox.call("POST", path, {"amount": amount_of("1.00"), "invoice_id": "R"})
    ).issue == "DUPLICATE_INVOICE_ID"
    assert (await sandbox.call("GET", f"/v2/payments/captures/{capture['id']}")).body["status"] == "PARTIALLY_REFUNDED"
    assert (await sandbox.call("POST", path, {"amount": amount_of("6.01")})).issue == "REFUND_AMOUNT_EXCEEDED"
    assert (await sandbox.call("POST", path)).status == 201
    assert (await sandbox.call("POST", path)).issue == "CAPTURE_FULLY_REFUNDED"


async def test_an_order_is_patched_until_it_is_paid(sandbox: Sandbox) -> None:
    """Texts and the amount of a unit; what cannot be patched is named."""
    order = await sandbox.create(order_of(invoice_id="I1"))
    own = f"{ORDERS}/{order['id']}"

    async def patch(operation: str, name: str, value: Any = None, reference: str = "default") -> int:
        change = {"op": operation, "path": f"/purchase_units/@reference_id=='{reference}'/{name}"}
        return (await sandbox.call("PATCH", own, [change if value is None else {**change, "value": value}])).status

    assert await patch("replace", "invoice_id", "I2") == 204
    assert await patch("add", "custom_id", "c") == 204
    assert await patch("replace", "amount", amount_of("12.00")) == 204
    assert await patch("add", "custom_id", "again") == 400
    assert await patch("remove", "description") == 400
    assert await patch("replace", "payee", {}) == 400
    assert await patch("replace", "invoice_id", "I3", reference="other") == 422
    assert await patch("replace", "amount", amount_of("12.00", "EUR")) == 422
    assert await patch("replace", "invoice_id", "") == 400
    shown = (await sandbox.call("GET", own)).body["purchase_units"][0]
    assert (shown["invoice_id"], shown["custom_id"], shown["amount"]["value"]) == ("I2", "c", "12.00")
    assert [view["gateway_payment_id"] for view in await sandbox.payments("I2")] == [order["id"]]
    await sandbox.control("POST", "pay", {"gateway": "paypal", "reference": "I2", "outcome": "succeed"})
    assert (await sandbox.call("POST", f"{own}/capture")).status == 201
    assert await patch("replace", "invoice_id", "I4") == 422
