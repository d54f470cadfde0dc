"""The places where an order can be paid: pages, phones, codes, inside WeChat; and those where it cannot."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.e2e.mall import CURRENCIES, ORDERS, Mall, data_of, envelope, refused
from tests.e2e.pens.keys import key_of, signature


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
