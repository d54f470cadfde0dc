"""Gateways that answer late, not at all or with nonsense while an order is checked out, cancelled or refunded: nobody pays twice, and no money is lost."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from tests.e2e.mall import CURRENCIES, GATEWAYS, ORDERS, Mall, Opened, data_of, envelope
from tests.e2e.polling import until

_SETTLED_WITHIN_SECONDS = 30


@pytest.fixture
async def faulty(mall: Mall) -> AsyncIterator[Mall]:
    """The mall; what no call has used up of the faults is taken back afterwards."""
    try:
        yield mall
    finally:
        await mall.sandbox.no_faults()
        await mall.sandbox.callbacks("normal")


@pytest.mark.parametrize("gateway", ["wechat", "paypal"])
async def test_a_checkout_whose_answer_is_lost_goes_on_with_the_same_payment(faulty: Mall, gateway: str) -> None:
    """504, and the same call again leads to the one payment that was opened."""
    order = await faulty.order(currency=CURRENCIES[gateway])
    await faulty.sandbox.at(gateway).fault("pay", "timeout_after", count=1)
    answer = await faulty.pay(order, gateway)
    assert envelope(answer)["code"] in (200, 504)
    again = data_of(await faulty.pay(order, gateway), "支付创建成功")
    assert again["order_no"] == order["order_no"]
    assert len(await faulty.sandbox.at(gateway).payments(order["order_no"])) == 1
    await faulty.customer.pay(again["payment_url"])
    await faulty.until(order["id"], "paid")
    assert await faulty.taken(gateway, order["order_no"]) == [10000]


@pytest.mark.parametrize("gateway", ["wechat", "paypal"])
async def test_a_gateway_that_turns_calls_away_is_told_and_tried_again(faulty: Mall, gateway: str) -> None:
    """An error in the envelope; the next call pays."""
    order = await faulty.order(currency=CURRENCIES[gateway])
    await faulty.sandbox.at(gateway).fault("pay", "rate_limit", count=None)
    told = envelope(await faulty.pay(order, gateway))
    assert (told["code"], told["data"]) in [(503, None), (504, None)]
    await faulty.sandbox.no_faults()
    opened = data_of(await faulty.pay(order, gateway))
    await faulty.customer.pay(opened["payment_url"])
    await faulty.until(order["id"], "paid")
    assert await faulty.taken(gateway, order["order_no"]) == [10000]


async def test_no_other_gateway_while_the_former_payment_is_not_known_to_be_closed(faulty: Mall) -> None:
    """An answer to the close is lost: 504, and no second payment; the same call goes on where it was."""
    opened = await faulty.opened("wechat")
    await faulty.sandbox.at("wechat").fault("*", "timeout_before", count=None)
    told = envelope(await faulty.pay(opened.order, "alipay"))
    assert (told["code"], told["data"]) in [(503, None), (504, None)]
    listed = (await faulty.operator.get("/api/v1/payments", gateway="alipay")).json["data"]
    assert [one for one in listed if one["reference"].startswith(opened.order_no)] == []
    await faulty.sandbox.no_faults()
    other = data_of(await faulty.pay(opened.order, "alipay"))
    assert (await faulty.truth("wechat", opened.order_no))["status"] == "CLOSED"
    await faulty.customer.pay(other["payment_url"])
    await faulty.until(opened.id, "paid")


async def test_a_refund_whose_answer_is_lost_is_one_refund(faulty: Mall) -> None:
    """At every gateway: the order is paid until it is known that the money went back, and it went back once."""
    opened = {gateway: await faulty.paid(gateway) for gateway in GATEWAYS}
    await faulty.sandbox.callbacks("drop")
    for gateway in GATEWAYS:
        await faulty.sandbox.at(gateway).fault("refund", "timeout_after", count=1)
    await asyncio.gather(*(_cancelled_at_last(faulty, gateway, each) for gateway, each in opened.items()))


async def _cancelled_at_last(faulty: Mall, gateway: str, opened: Opened) -> None:
    answer = data_of(await faulty.user.post(f"{ORDERS}/{opened.id}/cancel", {}))
    assert answer["status"] in ("paid", "refunded")
    await until(lambda: faulty.read(opened.id), lambda one: one["status"] == "refunded", _SETTLED_WITHIN_SECONDS)
    truth = await faulty.truth(gateway, opened.order_no)
    assert (truth["captured_minor"], truth["refunded_minor"]) == (10000, 10000)
    assert len((await faulty.payment(opened))["refunds"]) == 1


async def test_an_approval_whose_capture_is_lost_is_taken_once(faulty: Mall) -> None:
    """PayPal does it and says nothing: the order is paid when it is asked again."""
    opened = await faulty.opened("paypal")
    await faulty.sandbox.at("paypal").fault("capture", "reset_after", count=1)
    await faulty.customer.pay(opened.payment_url)
    await until(lambda: faulty.read(opened.id), lambda one: one["status"] == "paid", _SETTLED_WITHIN_SECONDS)
    assert await faulty.taken("paypal", opened.order_no) == [10000]
