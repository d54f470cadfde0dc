"""Money that goes back: of orders that are cancelled, and of payments that nobody wants any more."""

import asyncio
from typing import Any

import pytest

from tests.e2e.mall import GATEWAYS, ORDERS, Mall, Opened, data_of, envelope, refused
from tests.e2e.polling import until

_SETTLED_WITHIN_SECONDS = 30


async def test_a_page_that_is_paid_after_the_switch_is_refunded(mall: Mall) -> None:
    """A page that nobody had opened cannot be closed. The money is booked and goes back; the order is paid by the other gateway alone."""
    opened = await mall.opened("alipay")
    other = data_of(await mall.pay(opened.order, "wechat"))
    await mall.customer.pay(other["payment_url"])
    paid = await mall.until(opened.id, "paid")
    await mall.customer.pay(opened.payment_url)
    await refunded(mall, opened, "alipay")
    assert await mall.read(opened.id) == paid
    assert (await mall.truth("wechat", opened.order_no))["refunded_minor"] == 0
    assert "payment.late" in await mall.accounted(opened.payment_id)


async def test_money_that_arrives_for_a_cancelled_order_is_refunded(mall: Mall) -> None:
    """Success after a local close: recorded, and returned at once."""
    opened = await mall.opened("alipay")
    assert data_of(await mall.user.post(f"{ORDERS}/{opened.id}/cancel", {}), "取消成功")["status"] == "cancelled"
    await mall.customer.pay(opened.payment_url)
    await refunded(mall, opened, "alipay")
    assert (await mall.read(opened.id))["status"] == "cancelled"
    payment = await mall.payment(opened)
    assert (payment["captured_amount"], payment["refunded_amount"]) == ("100.00", "100.00")
    assert "payment.late" in await mall.accounted(opened.payment_id)


async def refunded(mall: Mall, opened: Opened, gateway: str) -> None:
    async def look() -> list[dict[str, Any]]:
        return await mall.sandbox.at(gateway).payments(opened.order_no)

    def returned(truth: list[dict[str, Any]]) -> bool:
        return [(one["captured_minor"], one["refunded_minor"]) for one in truth] == [(10000, 10000)]

    await until(look, returned, _SETTLED_WITHIN_SECONDS)
    await until(lambda: mall.payment(opened), lambda one: one["status"] == "refunded", _SETTLED_WITHIN_SECONDS)


@pytest.mark.parametrize("gateway", ["wechat", "paypal"])
async def test_a_cancelled_order_can_be_paid_no_more(mall: Mall, gateway: str) -> None:
    """Closed at the gateway, or never captured."""
    opened = await mall.opened(gateway)
    assert data_of(await mall.user.post(f"{ORDERS}/{opened.id}/cancel", {}))["status"] == "cancelled"
    assert (await mall.payment(opened))["status"] == "canceled"
    await mall.customer.pay(opened.payment_url)
    for path in (f"{ORDERS}/{opened.id}/cancel", "/api/payments"):
        body = {} if path != "/api/payments" else {"order_id": opened.id, "gateway": gateway}
        assert envelope(await mall.user.post(path, body)) == refused(400, "订单状态不正确")
    assert await mall.taken(gateway, opened.order_no) == []


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_cancelling_a_paid_order_refunds_it(mall: Mall, gateway: str) -> None:
    """All of it, at the gateway's own books, once."""
    opened = await mall.paid(gateway)
    answers = await asyncio.gather(*(mall.user.post(f"{ORDERS}/{opened.id}/cancel", {}) for _ in range(3)))
    assert 200 in {answer.status for answer in answers}
    order = await mall.until(opened.id, "refunded")
    assert order["paid_at"] is not None
    truth = await mall.truth(gateway, opened.order_no)
    assert (truth["captured_minor"], truth["refunded_minor"]) == (10000, 10000)
    payment = await mall.payment(opened)
    assert (payment["status"], payment["refunded_amount"]) == ("refunded", "100.00")
    assert len(payment["refunds"]) == 1


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_a_refund_through_v1_reaches_the_order(mall: Mall, gateway: str) -> None:
    """In parts: the order stays paid until nothing is left."""
    opened = await mall.paid(gateway)
    path = f"/api/v1/payments/{opened.payment_id}/refunds"
    assert (await mall.operator.post(path, {"amount": "30.00"})).status == 201
    assert (await mall.read(opened.id))["status"] == "paid"
    too_much = await mall.operator.post(path, {"amount": "70.01"})
    assert too_much.json["error"]["code"] == "REFUND_AMOUNT_INVALID"
    assert (await mall.operator.post(path)).status == 201
    await mall.until(opened.id, "refunded")
    assert (await mall.truth(gateway, opened.order_no))["refunded_minor"] == 10000
