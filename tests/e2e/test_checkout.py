"""Orders paid from outside, through every gateway: the customer on the hosted page, the gateway's signed callback, and what the gateway's own books say."""

import asyncio

import pytest

from tests.e2e.installation import Installation
from tests.e2e.mall import CURRENCIES, GATEWAYS, Mall, data_of
from tests.e2e.polling import until
from tests.e2e.test_expiry import a_month_passes

FORMATS = {"alipay": "form", "wechat": "signed_json", "paypal": "signed_json"}


_SETTLED_WITHIN_SECONDS = 30


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_a_customer_pays_and_the_order_is_paid(mall: Mall, gateway: str) -> None:
    """By the signed callback, at the gateway's own time; all of it, once, in the gateway's books as in ours."""
    opened = await mall.paid(gateway)
    order = await mall.read(opened.id)
    assert (order["status"], order["payment_gateway"], order["total_amount"]) == ("paid", gateway, "100.00")
    assert order["created_at"] <= order["paid_at"]
    truth = await mall.truth(gateway, opened.order_no)
    assert (truth["captured_minor"], truth["refunded_minor"], truth["currency"]) == (10000, 0, CURRENCIES[gateway])
    payment = await mall.payment(opened)
    assert (payment["status"], payment["captured_amount"]) == ("succeeded", "100.00")
    assert payment["gateway_payment_id"] == truth["gateway_payment_id"]
    rows = await mall.kept(reference=opened.order_no, decision="applied")
    assert {(row["gateway"], row["format"]) for row in rows} == {(gateway, FORMATS[gateway])}


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("outcome", ["fail", "abandon"])
async def test_a_customer_who_does_not_pay_may_try_again(mall: Mall, gateway: str, outcome: str) -> None:
    """The order waits and nothing was taken. A payment that the gateway has ended makes way for the next; any other is still the one to pay."""
    opened = await mall.opened(gateway)
    await mall.sandbox.at(gateway).pay(opened.payment_url, outcome)
    assert await mall.taken(gateway, opened.order_no) == []
    if outcome == "fail" and gateway != "alipay":
        await until(lambda: mall.payment(opened), lambda one: one["status"] == "failed", _SETTLED_WITHIN_SECONDS)
        assert (await mall.read(opened.id))["status"] == "pending"
    again = data_of(await mall.pay(opened.order, gateway), "支付创建成功")
    assert again["order_no"] == opened.order_no
    await mall.customer.pay(again["payment_url"])
    await mall.until(opened.id, "paid")
    assert await mall.taken(gateway, opened.order_no) == [10000]


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_a_second_checkout_shows_the_payment_that_is_open(mall: Mall, gateway: str) -> None:
    """However many ask at once: one payment, one address."""
    order = await mall.order(currency=CURRENCIES[gateway])
    answers = await asyncio.gather(*(mall.pay(order, gateway) for _ in range(8)))
    shown = {data_of(answer)["payment_url"] for answer in answers}
    assert len(shown) == 1
    assert data_of(await mall.pay(order, gateway))["payment_url"] in shown
    listed = (await mall.operator.get("/api/v1/payments", gateway=gateway)).json["data"]
    assert len([one for one in listed if one["reference"].startswith(order["order_no"])]) == 1


@pytest.mark.parametrize(("first", "second"), [("wechat", "alipay"), ("alipay", "wechat")])
async def test_a_switch_of_gateway_closes_the_former_payment(mall: Mall, first: str, second: str) -> None:
    """At the gateway itself: what was open can be paid no more, and the order is paid once."""
    opened = await mall.opened(first)
    await mall.sandbox.at(first).pay(opened.payment_url, "abandon")
    other = data_of(await mall.pay(opened.order, second))
    assert other["gateway"] == second
    assert (await mall.payment(opened))["status"] == "canceled"
    closed = await mall.truth(first, opened.order_no)
    assert (closed["status"], closed["captured_minor"]) == ("TRADE_CLOSED" if first == "alipay" else "CLOSED", 0)
    await mall.customer.pay(other["payment_url"])
    order = await mall.until(opened.id, "paid")
    assert order["payment_gateway"] == second


async def test_a_paypal_order_is_tried_again_under_a_further_number(mall: Mall) -> None:
    """Cancelled as a payment, it makes way for the next one at the same gateway: `_2`."""
    opened = await mall.opened("paypal")
    canceled = await mall.operator.post(f"/api/v1/payments/{opened.payment_id}/cancel")
    assert canceled.json["status"] == "canceled"
    again = data_of(await mall.pay(opened.order, "paypal"))
    assert again["payment_url"] != opened.payment_url
    await mall.customer.pay(again["payment_url"])
    await mall.until(opened.id, "paid")
    assert (await mall.truth("paypal", f"{opened.order_no}_2"))["captured_minor"] == 10000
    assert (await mall.truth("paypal", opened.order_no))["captured_minor"] == 0


@pytest.mark.parametrize("gateway", ["wechat", "paypal"])
async def test_an_order_that_waits_too_long_is_closed_and_can_be_paid_anew(
    mall: Mall, installation: Installation, gateway: str
) -> None:
    """At the gateway too; the order waits on, and its next payment has a number of its own."""
    opened = await mall.opened(gateway)
    a_month_passes(installation, opened.payment_id)
    await until(lambda: mall.payment(opened), lambda one: one["status"] == "canceled", _SETTLED_WITHIN_SECONDS)
    assert (await mall.read(opened.id))["status"] == "pending"
    again = data_of(await mall.pay(opened.order, gateway))
    await mall.customer.pay(again["payment_url"])
    await mall.until(opened.id, "paid")
    assert (await mall.truth(gateway, f"{opened.order_no}_2"))["captured_minor"] == 10000
    assert await mall.taken(gateway, opened.order_no) == [10000]
