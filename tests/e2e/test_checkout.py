"""Orders paid from outside, through every gateway: the customer on the hosted page, the gateway's signed callback, and what the gateway's own books say."""

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.e2e.installation import Installation
from tests.e2e.mall import CURRENCIES, GATEWAYS, ORDERS, Mall, Opened, data_of, envelope, refused
from tests.e2e.pens.keys import key_of, signature
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
    assert await taken(mall, opened, gateway) == []
    if outcome == "fail" and gateway != "alipay":
        await until(lambda: mall.payment(opened), lambda one: one["status"] == "failed", _SETTLED_WITHIN_SECONDS)
        assert (await mall.read(opened.id))["status"] == "pending"
    again = data_of(await mall.pay(opened.order, gateway), "支付创建成功")
    assert again["order_no"] == opened.order_no
    await mall.customer.pay(again["payment_url"])
    await mall.until(opened.id, "paid")
    assert (await taken(mall, opened, gateway)) == [10000]


async def taken(mall: Mall, opened: Opened, gateway: str) -> list[int]:
    """What the gateway has taken for an order and not returned, payment by payment, where it took anything."""
    of_order = [
        one for one in await mall.sandbox.at(gateway).payments() if one["reference"].startswith(opened.order_no)
    ]
    return [one["captured_minor"] for one in of_order if one["captured_minor"]]


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
    assert await taken(mall, opened, gateway) == []


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
    assert await taken(mall, opened, gateway) == [10000]


async def test_wechat_inside_wechat_hands_over_parameters_that_wechat_can_verify(mall: Mall) -> None:
    """The channel `jsapi`: no page, but parameters under the merchant's own signature."""
    order = await mall.order()
    told = data_of(await mall.pay(order, "wechat", channel="jsapi", openid="oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"))
    assert list(told) == ["payment_url", "order_no", "gateway", "next_action"]
    assert (told["payment_url"], told["next_action"]["type"]) == ("", "invoke_sdk")
    given = told["next_action"]["parameters"]
    assert set(given) == {"appId", "timeStamp", "nonceStr", "package", "signType", "paySign"}
    made = mall.pens.wechat.made
    assert (given["appId"], given["signType"]) == (made.wechat_app_id, "RSA")
    lines = "".join(f"{given[name]}\n" for name in ("appId", "timeStamp", "nonceStr", "package"))
    assert given["paySign"] == signature(key_of(made.wechat_private_key), lines.encode())
    prepay_id = given["package"].removeprefix("prepay_id=")
    await mall.sandbox.at("wechat").pay_by_id(prepay_id, "succeed")
    await mall.until(order["id"], "paid")


async def test_wechat_on_a_phone_leads_to_its_checkout_and_back(mall: Mall) -> None:
    """The channel `h5`: the address ends with where the customer returns to."""
    opened = await mall.opened(
        "wechat", channel="h5", client_ip="203.0.113.7", return_url="https://shop.example/back?a=1"
    )
    query = parse_qs(urlsplit(opened.payment_url).query)
    assert query["redirect_url"] == ["https://shop.example/back?a=1"]
    assert await mall.customer.pay(opened.payment_url) == 303
    await mall.until(opened.id, "paid")


async def test_alipay_on_a_phone_has_its_own_page(mall: Mall) -> None:
    """The channel `wap`."""
    opened = await mall.opened("alipay", channel="wap", return_url="https://shop.example/back")
    asked = parse_qs(urlsplit(opened.payment_url).query)
    assert asked["method"] == ["alipay.trade.wap.pay"]
    assert asked["return_url"] == ["https://shop.example/back"]
    await mall.customer.pay(opened.payment_url)
    await mall.until(opened.id, "paid")


@pytest.mark.parametrize(
    ("gateway", "more", "field"),
    [
        ("wechat", {"channel": "page"}, "channel"),
        ("alipay", {"channel": "native"}, "channel"),
        ("paypal", {"channel": "page"}, "channel"),
        ("wechat", {"channel": "jsapi"}, "openid"),
        ("alipay", {"channel": "fax"}, "channel"),
        ("alipay", {"return_url": "javascript:alert(1)"}, "return_url"),
    ],
)
async def test_a_checkout_that_cannot_be_is_named(mall: Mall, gateway: str, more: dict[str, str], field: str) -> None:
    """400, and the order waits as before."""
    order = await mall.order(currency=CURRENCIES[gateway])
    told = envelope(await mall.pay(order, gateway, **more))
    assert (told["code"], told["data"]) == (400, None)
    assert field in told["message"]
    assert await mall.read(order["id"]) == order


@pytest.mark.parametrize(("gateway", "currency"), [("alipay", "USD"), ("wechat", "JPY"), ("paypal", "KWD")])
async def test_a_currency_that_a_gateway_does_not_take_is_refused(mall: Mall, gateway: str, currency: str) -> None:
    """不支持的货币, before anything is sent."""
    order = await mall.order("100", currency)
    assert envelope(await mall.pay(order, gateway)) == refused(400, "不支持的货币")
    assert await mall.read(order["id"]) == order


async def test_wechat_pays_api_v2_works_with_the_documented_configuration(mall: Mall) -> None:
    """`app_id`, `mch_id`, `api_key` and `notify_url` alone: XML there and back."""
    async with mall.wechat_v2():
        opened = await mall.opened("wechat")
        await mall.customer.pay(opened.payment_url)
        await mall.until(opened.id, "paid")
        (row,) = await mall.kept(reference=opened.order_no, decision="applied")
        assert (row["format"], row["content_type"].split(";")[0]) == ("xml", "text/xml")
        answer = data_of(await mall.user.post(f"{ORDERS}/{opened.id}/cancel", {}))
        assert answer["status"] in ("paid", "refunded")
    await mall.until(opened.id, "refunded")
    assert (await mall.truth("wechat", opened.order_no))["refunded_minor"] == 10000
