"""What the simulated PayPal takes and answers is what PayPal's published descriptions say."""

import re
from collections.abc import Mapping
from typing import Any

from tests.integration.paypal_description import Operation, described_operations
from tests.integration.paypal_sandbox import (
    CANCEL_URL,
    RETURN_URL,
    Answer,
    Sandbox,
    amount_of,
    link_of,
    order_of,
    sandbox,
)

__all__ = ["sandbox"]

NEWER_THAN_THE_DESCRIPTION = {
    # PayPal's error tables name them for this call; the description of 2024 does not yet.
    ("POST", "/v2/checkout/orders/{id}/capture", "ACTION_DOES_NOT_MATCH_INTENT"),
    ("POST", "/v2/checkout/orders", "DECIMALS_NOT_SUPPORTED"),
}


class Checked:
    """Makes calls, and holds both directions against the description."""

    def __init__(self, sandbox: Sandbox, operations: Mapping[tuple[str, str], Operation]) -> None:
        self._sandbox = sandbox
        self._operations = operations
        self.problems: list[str] = []
        self.seen: set[tuple[str, str, int]] = set()

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        answer = await self._sandbox.call(method, path, body, **headers)
        template = next(known for verb, known in self._operations if verb == method and _matches(known, path))
        operation = self._operations[(method, template)]
        self.seen.add((method, template, answer.status))
        if body is not None and answer.status < 400:
            self._note(method, template, operation.request_problems(body))
        if answer.status != 422 or (method, template, answer.issue) not in NEWER_THAN_THE_DESCRIPTION:
            self._note(method, template, operation.reply_problems(answer.status, _without_words(answer.body)))
        return answer

    def _note(self, method: str, template: str, problems: list[str]) -> None:
        self.problems += [f"{method} {template}: {problem}" for problem in problems]


def _without_words(body: Any) -> Any:
    """PayPal words one issue differently from call to call; what a caller goes by is the issue."""
    if not isinstance(body, dict) or "details" not in body:
        return body
    details = [{name: value for name, value in each.items() if name != "description"} for each in body["details"]]
    return {**body, "details": details}


def _matches(template: str, path: str) -> bool:
    return re.fullmatch(re.sub(r"\{\w+\}", "[A-Za-z0-9]+", template), path) is not None


WHOLE = {"Prefer": "return=representation"}


async def test_the_calls_of_a_payment_are_as_described(sandbox: Sandbox) -> None:
    """From the order to the refund, in the minimal and in the whole representation."""
    checked = Checked(sandbox, described_operations())
    for number, headers in enumerate(({}, WHOLE)):
        context = {"return_url": RETURN_URL, "cancel_url": CANCEL_URL, "brand_name": "A shop", "user_action": "PAY_NOW"}
        body = order_of(
            invoice_id=f"INV-{number}", custom_id="custom", description="Tea", reference_id="ref", soft_descriptor="TEA"
        )
        body["payment_source"] = {"paypal": {"experience_context": context}}
        order = await checked.call("POST", "/v2/checkout/orders", body, PayPal_Request_Id=f"c-{number}", **headers)
        own = f"/v2/checkout/orders/{order.body['id']}"
        await checked.call("GET", own)
        await checked.call("PATCH", own, [{"op": "replace", "path": _unit("custom_id"), "value": "other"}])
        await sandbox.decide(link_of(order.body, "payer-action"), "approve")
        await checked.call("GET", own)
        captured = await checked.call("POST", f"{own}/capture", PayPal_Request_Id=f"p-{number}", **headers)
        await checked.call("POST", f"{own}/capture", PayPal_Request_Id=f"p-{number}", **headers)
        capture = captured.body["purchase_units"][0]["payments"]["captures"][0]["id"]
        refund = {"amount": amount_of("4.00"), "note_to_payer": "Sorry", "invoice_id": f"R-{number}", "custom_id": "c"}
        refunded = await checked.call("POST", f"/v2/payments/captures/{capture}/refund", refund, **headers)
        await checked.call("GET", f"/v2/payments/refunds/{refunded.body['id']}")
        await checked.call("GET", f"/v2/payments/captures/{capture}")
        await checked.call("GET", own)
    assert checked.problems == []
    assert ("POST", "/v2/checkout/orders/{id}/capture", 200) in checked.seen


def _unit(name: str) -> str:
    return f"/purchase_units/@reference_id=='ref'/{name}"


async def test_the_calls_of_an_authorization_are_as_described(sandbox: Sandbox) -> None:
    """Authorize, capture, void and show, in both representations."""
    checked = Checked(sandbox, described_operations())
    for headers in ({}, WHOLE):
        for end in ("capture", "void"):
            order = await sandbox.approved(order_of(intent="AUTHORIZE", custom_id="custom"))
            path = f"/v2/checkout/orders/{order['id']}/authorize"
            answer = await checked.call("POST", path, **headers)
            held = answer.body["purchase_units"][0]["payments"]["authorizations"][0]["id"]
            own = f"/v2/payments/authorizations/{held}"
            await checked.call("GET", own)
            body = {"amount": amount_of("3.00"), "final_capture": False, "invoice_id": f"I-{held}"}
            await checked.call("POST", f"{own}/{end}", body if end == "capture" else None, **headers)
            await checked.call("GET", own)
            await checked.call("GET", f"/v2/checkout/orders/{order['id']}")
    assert checked.problems == []
    void = "/v2/payments/authorizations/{authorization_id}/void"
    assert {("POST", void, 200), ("POST", void, 204)} <= checked.seen


async def test_refusals_are_as_described(sandbox: Sandbox) -> None:
    """Names, messages, issues and their descriptions, for everything that can be refused here."""
    checked = Checked(sandbox, described_operations())
    orders = "/v2/checkout/orders"
    for body in (
        {"intent": "CAPTURE"},
        {"intent": "SALE", "purchase_units": [{"amount": amount_of()}]},
        order_of(invoice_id="x" * 128),
        order_of("ten"),
        order_of("10.001"),
        order_of("-1"),
        order_of("0.00"),
        order_of("100.50", "JPY"),
        order_of("1000000000000000"),
        order_of(currency="XAU"),
        order_of(payee={"merchant_id": "2222222222222"}),
        order_of(unknown=1),
        {"intent": "AUTHORIZE", "purchase_units": [{"amount": amount_of()}, {"amount": amount_of()}]},
        {"intent": "CAPTURE", "purchase_units": [{"amount": amount_of()}, {"amount": amount_of()}]},
        {**order_of(), "payment_source": {"paypal": {}}},
    ):
        assert (await checked.call("POST", orders, body)).status in (400, 422)
    unpaid = await sandbox.create(order_of(intent="AUTHORIZE"))
    declined = await sandbox.approved(outcome="decline")
    waiting = await sandbox.create()
    for path in (
        f"{orders}/{unpaid['id']}/authorize",
        *(f"{orders}/{each['id']}/capture" for each in (declined, waiting)),
    ):
        assert (await checked.call("POST", path)).status == 422
    assert (await checked.call("POST", f"{orders}/{unpaid['id']}/capture")).issue == "ACTION_DOES_NOT_MATCH_INTENT"
    await _refused_payments(checked, sandbox)
    for path in (
        f"{orders}/NONE",
        "/v2/payments/captures/NONE",
        "/v2/payments/authorizations/NONE",
        "/v2/payments/refunds/NONE",
    ):
        assert (await checked.call("GET", path)).status == 404
    assert (await checked.call("GET", f"{orders}/NONE", Authorization="")).status == 401
    assert checked.problems == []


async def _refused_payments(checked: Checked, sandbox: Sandbox) -> None:
    capture = await sandbox.captured(order_of(invoice_id="INV"))
    refund = f"/v2/payments/captures/{capture['id']}/refund"
    for amount in (amount_of("11.00"), amount_of("1.00", "EUR"), amount_of("0"), amount_of("1.001")):
        assert (await checked.call("POST", refund, {"amount": amount})).status == 422
    for body in ({"amount": {"value": "1.00"}}, {"unknown": 1}, {"note_to_payer": "x" * 256}):
        assert (await checked.call("POST", refund, body)).status == 400
    await sandbox.call("POST", refund)
    assert (await checked.call("POST", refund)).issue == "CAPTURE_FULLY_REFUNDED"
    again = await sandbox.approved(order_of(invoice_id="INV"))
    assert (await checked.call("POST", f"/v2/checkout/orders/{again['id']}/capture")).issue == "DUPLICATE_INVOICE_ID"
    held = await sandbox.authorized()
    own = f"/v2/payments/authorizations/{held['id']}"
    for amount in (amount_of("11.51"), amount_of("1.00", "EUR")):
        assert (await checked.call("POST", f"{own}/capture", {"amount": amount})).status == 422
    await sandbox.call("POST", f"{own}/void")
    assert (await checked.call("POST", f"{own}/void")).issue == "PREVIOUSLY_VOIDED"
    assert (await checked.call("POST", f"{own}/capture")).issue == "AUTHORIZATION_VOIDED"


async def test_the_calls_of_webhooks_are_as_described(sandbox: Sandbox) -> None:
    """Create, list, show and delete."""
    checked = Checked(sandbox, described_operations())
    path = "/v1/notifications/webhooks"
    body = {"url": "http://shop.example/hooks", "event_types": [{"name": "*"}]}
    made = await checked.call("POST", path, body)
    await checked.call("POST", path, body)
    await checked.call("GET", path)
    await checked.call("GET", f"{path}/{made.body['id']}")
    await checked.call("DELETE", f"{path}/{made.body['id']}")
    assert checked.problems == []
    assert {status for _, _, status in checked.seen} == {200, 201, 204, 400}
