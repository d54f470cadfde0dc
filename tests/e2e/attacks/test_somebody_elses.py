"""Messages that are genuine and for somebody else, and other people's orders."""

from collections.abc import Mapping

import pytest

from server.commands.rest_client import RestClient
from server.commands.running import Development
from tests.e2e.attacks.attacking import ipn, paypal_event, refuses
from tests.e2e.mall import BY_PEN, GATEWAYS, ORDERS, PAYMENTS, Mall, Opened, data_of, envelope, refused
from tests.e2e.pens.message import xml
from tests.e2e.test_access import a_token

SIGNERS = ("alipay", "wechat", "wechat v2", "paypal")


@pytest.mark.parametrize(
    ("signer", "victim"),
    [(signer, victim) for signer in SIGNERS for victim in GATEWAYS if not signer.startswith(victim)],
)
async def test_a_message_signed_for_another_gateways_order_is_refused(
    mall: Mall, opened: Mapping[str, Opened], signer: str, victim: str
) -> None:
    """Each gateway speaks of its own payments alone."""
    order_no = opened[victim].order_no
    written = {
        "alipay": mall.pens.alipay.message(order_no),
        "wechat": mall.pens.wechat.message(order_no),
        "wechat v2": mall.pens.wechat.v2_message(order_no),
        "paypal": mall.pens.paypal.message(mall.pens.paypal.capture(order_no, "5O190127TN364715T")),
    }
    await refuses(mall, written[signer], opened[victim], "payment")


CHECKED = {"appid": "app_id", "mch_id": "mch_id", "sign": "signature"}


@pytest.mark.parametrize("field", CHECKED)
async def test_xml_of_wechat_pay_without_appid_mch_id_or_sign_is_refused(
    mall: Mall, wechat: Opened, field: str
) -> None:
    """Absent as empty; what else is there is signed rightly."""
    pen = mall.pens.wechat
    if field == "sign":
        without = [pen.v2_fields(wechat.order_no), pen.v2_fields(wechat.order_no, sign="")]
    else:
        without = [pen.v2_signed(pen.v2_fields(wechat.order_no, **{field: value})) for value in (None, "")]
    for fields in without:
        await refuses(mall, xml(fields), wechat, CHECKED[field], "wechat")


@pytest.mark.parametrize(("field", "other"), [("appid", "wxffffffffffffffff"), ("mch_id", "1999999999")])
async def test_xml_of_wechat_pay_for_somebody_else_is_refused(
    mall: Mall, wechat: Opened, field: str, other: str
) -> None:
    """However rightly it is signed."""
    await refuses(mall, mall.pens.wechat.v2_message(wechat.order_no, **{field: other}), wechat, CHECKED[field])


@pytest.mark.parametrize("app_id", ["2021009999999999", "", None])
async def test_alipay_with_a_valid_signature_and_another_app_id_is_refused(
    mall: Mall, alipay: Opened, app_id: str | None
) -> None:
    """Alipay signs for every merchant with keys of that merchant's, but an application is not a merchant."""
    await refuses(mall, mall.pens.alipay.message(alipay.order_no, app_id=app_id), alipay, "app_id")


async def test_alipay_with_a_valid_signature_and_another_seller_id_is_refused(mall: Mall) -> None:
    """Where the seller is configured."""
    async with mall.configured("alipay", seller_id="2088123456789012"):
        opened = await mall.opened("alipay", BY_PEN)
        for seller_id in ("2088999999999999", None):
            forged = mall.pens.alipay.message(opened.order_no, seller_id=seller_id)
            await refuses(mall, forged, opened, "seller_id")
        row = await mall.decided(mall.pens.alipay.message(opened.order_no, seller_id="2088123456789012"))
        assert row["decision"] == "applied"


@pytest.mark.parametrize(
    ("field", "value", "because"),
    [
        ("mchid", "1999999999", "mch_id"),
        ("mchid", None, "mch_id"),
        ("appid", "wxffffffffffffffff", "app_id"),
        ("appid", None, "app_id"),
    ],
)
async def test_an_encrypted_message_for_somebody_else_is_refused(
    mall: Mall, wechat: Opened, field: str, value: str | None, because: str
) -> None:
    """Signed and sealed with our keys, and naming another merchant or none."""
    await refuses(
        mall, mall.pens.wechat.sealed(mall.pens.wechat.resource(wechat.order_no, **{field: value})), wechat, because
    )


async def test_another_webhook_id_is_refused(mall: Mall, paypal: Opened) -> None:
    """PayPal signs as well for an attacker who has a webhook of their own."""
    event = await paypal_event(mall, paypal)
    await refuses(mall, mall.pens.paypal.message(event, webhook_id="0ATTACKER0WEBHOOK"), paypal, "signature")


async def test_an_ipn_for_another_receiver_is_refused(mall: Mall) -> None:
    """Where the receiver is configured; PayPal would confirm such a message, as it has sent it to somebody."""
    async with mall.configured("paypal", receiver_email="shop@business.example.com"):
        opened = await mall.opened("paypal")
        await refuses(mall, ipn(opened, receiver_email="thief@business.example.com"), opened, "receiver")


async def test_an_ipn_with_a_lower_amount_is_refused(mall: Mall) -> None:
    """PayPal does not confirm what it did not send in these very words."""
    async with mall.configured("paypal", receiver_email="shop@business.example.com"):
        opened = await mall.opened("paypal")
        await refuses(mall, ipn(opened, mc_gross="0.01"), opened, "post_back")


async def test_an_ipn_pays_nothing_by_itself(mall: Mall, paypal: Opened) -> None:
    """Without a receiver to compare it only makes us look: nothing is approved, and nothing changes."""
    before = await mall.read(paypal.id)
    row = await mall.decided(ipn(paypal))
    assert (row["told"].status, row["decision"]) == (200, "ignored")
    assert await mall.read(paypal.id) == before


async def test_somebody_elses_order_is_404_like_a_missing_one(
    mall: Mall, rest: RestClient, service: Development, alipay: Opened
) -> None:
    """Read, cancelled or paid: nobody learns that it is there."""
    other = rest.by(a_token(service, sub="1002", role="user"))
    for order_id in (alipay.id, 10**12):
        assert envelope(await other.get(f"{ORDERS}/{order_id}")) == refused(404, "资源不存在")
        assert envelope(await other.post(f"{ORDERS}/{order_id}/cancel", {})) == refused(404, "资源不存在")
        wish = {"order_id": order_id, "gateway": "alipay"}
        assert envelope(await other.post(PAYMENTS, wish)) == refused(400, "订单不存在")
    assert data_of(await other.get(ORDERS))["items"] == []
