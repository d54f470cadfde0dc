"""The page where a buyer approves at the simulated PayPal, and the control calls that do it in his place."""

import pytest

from tests.integration.paypal_sandbox import CANCEL_URL, RETURN_URL, Sandbox, link_of, order_of, sandbox

__all__ = ["sandbox"]

ORDERS = "/v2/checkout/orders"
CONTEXT = {"return_url": RETURN_URL, "cancel_url": CANCEL_URL, "brand_name": "Tea & <b>Cake</b>"}


async def test_a_buyer_approves_and_is_sent_back(sandbox: Sandbox) -> None:
    """The page names merchant and amount; the way back carries the order's id and the payer's."""
    order = await sandbox.create(
        {**order_of("12.50", "EUR", description="A <tea> set"), "application_context": CONTEXT}
    )
    assert order["status"] == "CREATED"
    url = link_of(order, "approve")
    async with sandbox.http.get(url) as answer:
        page = await answer.text()
        assert "form-action" in answer.headers["Content-Security-Policy"]
    assert "12.50 EUR" in page
    assert "Tea &amp; &lt;b&gt;Cake&lt;/b&gt;" in page
    assert "<tea>" not in page
    answer = await sandbox.decide(url, "approve")
    approved = (await sandbox.call("GET", f"{ORDERS}/{order['id']}")).body
    payer = approved["payer"]["payer_id"]
    assert answer.status == 303
    assert answer.headers["Location"] == f"{RETURN_URL}?token={order['id']}&PayerID={payer}"
    assert approved["status"] == "APPROVED"
    assert (await sandbox.decide(url, "approve")).status == 404


async def test_a_buyer_who_cancels_can_come_again(sandbox: Sandbox) -> None:
    """Cancelling changes nothing but the way back."""
    body = {**order_of(), "payment_source": {"paypal": {"experience_context": CONTEXT}}}
    order = await sandbox.create(body, PayPal_Request_Id="r-1")
    assert order["status"] == "PAYER_ACTION_REQUIRED"
    url = link_of(order, "payer-action")
    answer = await sandbox.decide(url, "cancel")
    assert answer.headers["Location"] == f"{CANCEL_URL}&token={order['id']}"
    assert (await sandbox.call("GET", f"{ORDERS}/{order['id']}")).body["status"] == "PAYER_ACTION_REQUIRED"
    assert (await sandbox.decide(url, "approve")).status == 303


async def test_a_buyer_whose_card_is_declined_chooses_again(sandbox: Sandbox) -> None:
    """INSTRUMENT_DECLINED, with the way back to PayPal; after another choice the same order is captured."""
    order = await sandbox.approved(outcome="decline")
    path = f"{ORDERS}/{order['id']}/capture"
    declined = await sandbox.call("POST", path)
    assert declined.issue == "INSTRUMENT_DECLINED"
    assert (await sandbox.call("POST", path)).issue == "INSTRUMENT_DECLINED"
    await sandbox.decide(link_of(declined.body, "redirect"), "approve")
    assert (await sandbox.call("POST", path)).status == 201


async def test_a_page_without_addresses_says_that_it_is_over(sandbox: Sandbox) -> None:
    """An unknown order has no page, an unknown choice is refused, and without a return address the page ends here."""
    async with sandbox.http.get(f"{sandbox.paypal}/checkoutnow?token=NONE") as answer:
        assert answer.status == 404
    order = await sandbox.create()
    url = link_of(order, "approve")
    assert (await sandbox.decide(url, "steal")).status == 400
    assert (await sandbox.decide(url, "cancel")).status == 200
    assert (await sandbox.decide(url, "approve")).status == 200


@pytest.mark.parametrize(
    ("outcome", "status", "issue"),
    [
        ("succeed", "APPROVED", None),
        ("fail", "APPROVED", "INSTRUMENT_DECLINED"),
        ("abandon", "CREATED", "ORDER_NOT_APPROVED"),
    ],
)
async def test_a_test_decides_in_the_buyers_place(
    sandbox: Sandbox, outcome: str, status: str, issue: str | None
) -> None:
    """By address, reference or id. PayPal captures nothing by itself."""
    for number, pointer in enumerate(("url", "reference", "gateway_payment_id")):
        order = await sandbox.create(order_of(invoice_id=f"INV-{number}"))
        value = {"url": link_of(order, "approve"), "reference": f"INV-{number}", "gateway_payment_id": order["id"]}
        answer = await sandbox.control(
            "POST", "pay", {"gateway": "paypal", pointer: value[pointer], "outcome": outcome}
        )
        assert answer == {"id": order["id"], "gateway": "paypal", "status": status}
        (view,) = await sandbox.payments(f"INV-{number}")
        assert (view["status"], view["captured_minor"], view["amount_minor"]) == (status, 0, 1000)
        captured = await sandbox.call("POST", f"{ORDERS}/{order['id']}/capture")
        assert captured.status == 201 if issue is None else captured.issue == issue


async def test_control_refuses_what_is_not_there(sandbox: Sandbox) -> None:
    """An unknown payment, one that awaits nobody, a half merchant, a dispute of more than was paid or for no reason of PayPal's, and payouts, which are not simulated."""
    await sandbox.captured(order_of(invoice_id="INV"))
    (paid,) = await sandbox.payments("INV")
    disputed = {"gateway": "paypal", "gateway_payment_id": paid["gateway_payment_id"]}
    pay = {"gateway": "paypal", "outcome": "succeed"}
    for path, body, status in (
        ("pay", {**pay, "reference": "NONE"}, 404),
        ("pay", {**pay, "reference": "INV"}, 409),
        ("merchants", {"gateway": "paypal", "client_id": "c"}, 400),
        ("merchants", {"gateway": "paypal", "client_id": "c", "secret": "s", "webhook_uri": "http://x"}, 400),
        ("disputes", {**disputed, "amount": 10**9}, 400),
        ("disputes", {**disputed, "reason": "fraudulent"}, 400),
        ("payouts", {"gateway": "paypal", "currency": "USD", "amount": 100}, 400),
        ("disputes/D-1/close", {"outcome": "won"}, 404),
        ("disputes/D-1/movements", {"type": "credit", "amount": "1.00"}, 404),
        ("payouts/P-1", {"status": "paid"}, 404),
    ):
        assert (await sandbox.control_raw("POST", path, body))[0] == status
