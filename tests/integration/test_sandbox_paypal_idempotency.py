"""PayPal-Request-Id at the simulated PayPal: the same call under the same id is done once."""

import asyncio

from tests.integration.paypal_sandbox import Sandbox, amount_of, order_of, sandbox

__all__ = ["sandbox"]

ORDERS = "/v2/checkout/orders"


async def test_a_repeated_order_is_the_same_order(sandbox: Sandbox) -> None:
    """201 the first time, 200 afterwards, with the same body; without an id every call makes an order."""
    answers = [await sandbox.call("POST", ORDERS, order_of(invoice_id="I"), PayPal_Request_Id="o-1") for _ in range(3)]
    assert [answer.status for answer in answers] == [201, 200, 200]
    assert len({answer.body["id"] for answer in answers}) == 1
    await sandbox.create(order_of(invoice_id="I"))
    assert len(await sandbox.payments("I")) == 2


async def test_a_repeat_gets_the_first_reply_whatever_it_says(sandbox: Sandbox) -> None:
    """PayPal looks at the id alone: another amount under it changes nothing, and is not told apart."""
    first = await sandbox.create(order_of("10.00"), PayPal_Request_Id="o-1")
    again = await sandbox.create(order_of("99.00"), PayPal_Request_Id="o-1")
    assert again == first


async def test_money_moves_once_under_one_id(sandbox: Sandbox) -> None:
    """Captures, refunds and voids, each repeated, and many at the same time."""
    order = await sandbox.approved(order_of(invoice_id="I"))
    path = f"{ORDERS}/{order['id']}/capture"
    captures = await asyncio.gather(*(sandbox.call("POST", path, PayPal_Request_Id="c") for _ in range(8)))
    assert sorted(answer.status for answer in captures) == [200] * 7 + [201]
    capture = captures[0].body["purchase_units"][0]["payments"]["captures"][0]["id"]
    refund = f"/v2/payments/captures/{capture}/refund"
    body = {"amount": amount_of("3.00")}
    refunds = await asyncio.gather(*(sandbox.call("POST", refund, body, PayPal_Request_Id="r") for _ in range(8)))
    assert ({answer.status for answer in refunds}, len({answer.body["id"] for answer in refunds})) == ({201}, 1)
    (view,) = await sandbox.payments("I")
    assert (view["captured_minor"], view["refunded_minor"]) == (1000, 300)
    held = await sandbox.authorized()
    void = f"/v2/payments/authorizations/{held['id']}/void"
    assert [(await sandbox.call("POST", void, PayPal_Request_Id="v")).status for _ in range(2)] == [204, 204]
    assert (await sandbox.call("POST", void)).issue == "PREVIOUSLY_VOIDED"


async def test_an_id_belongs_to_a_merchant_and_a_resource(sandbox: Sandbox) -> None:
    """The same id elsewhere is another call."""
    first, second = await sandbox.captured(), await sandbox.captured()
    for capture in (first, second):
        answer = await sandbox.call("POST", f"/v2/payments/captures/{capture['id']}/refund", PayPal_Request_Id="r")
        assert answer.status == 201
    mine = await sandbox.create(order_of(), PayPal_Request_Id="o")
    await sandbox.control("POST", "merchants", {"gateway": "paypal", "client_id": "other", "secret": "s"})
    other = Sandbox(sandbox.url, sandbox.http, sandbox.inbox, "other", "s")
    assert (await other.create(order_of(), PayPal_Request_Id="o"))["id"] != mine["id"]


async def test_a_refused_call_is_tried_anew(sandbox: Sandbox) -> None:
    """What was refused has no status that could be given again."""
    order = await sandbox.create()
    path = f"{ORDERS}/{order['id']}/capture"
    assert (await sandbox.call("POST", path, PayPal_Request_Id="c")).issue == "ORDER_NOT_APPROVED"
    await sandbox.control("POST", "pay", {"gateway": "paypal", "gateway_payment_id": order["id"], "outcome": "succeed"})
    assert (await sandbox.call("POST", path, PayPal_Request_Id="c")).status == 201


async def test_a_payment_source_needs_an_id(sandbox: Sandbox) -> None:
    """PAYPAL_REQUEST_ID_REQUIRED."""
    body = {**order_of(), "payment_source": {"paypal": {}}}
    assert (await sandbox.call("POST", ORDERS, body)).issue == "PAYPAL_REQUEST_ID_REQUIRED"
    assert (await sandbox.call("POST", ORDERS, body, PayPal_Request_Id="o")).body["status"] == "PAYER_ACTION_REQUIRED"
