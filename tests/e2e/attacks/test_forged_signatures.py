"""Messages whose signature does not prove what it should: none is believed, and each is kept."""

import asyncio
from uuid import uuid4

import pytest

from server.commands.running import Development
from tests.e2e.attacks.attacking import paypal_event, refuses
from tests.e2e.mall import CONFIGS, Mall, Opened, data_of, envelope

NOTIFY_URL = "https://example.com/api/payments/callback"


@pytest.mark.parametrize(
    ("gateway", "field", "config"),
    [
        ("alipay", "public_key", {"app_id": "2021001234567890", "private_key": "x"}),
        ("wechat", "api_key", {"app_id": "wx1234567890abcdef", "mch_id": "1234567890"}),
        ("paypal", "secret", {"client_id": "AeB1234567890abcdef"}),
        ("stripe", "webhook_secret", {"secret_key": "sk_test_0123456789"}),
    ],
)
async def test_an_empty_secret_is_refused_in_the_configuration(
    mall: Mall, gateway: str, field: str, config: dict[str, str]
) -> None:
    """Libraries would take it, and then believe everybody."""
    before = data_of(await mall.admin.get(CONFIGS))
    for empty in ("", "  "):
        body = {"gateway": gateway, "config": config | {field: empty, "notify_url": NOTIFY_URL}}
        told = envelope(await mall.admin.post(CONFIGS, body))
        assert (told["code"], told["data"]) == (400, None), told
    assert data_of(await mall.admin.get(CONFIGS)) == before


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
async def test_no_host_name_stands_for_a_signature(mall: Mall, wechat: Opened, host: str) -> None:
    """A library of WeChat Pay's skips the check for `Host: localhost`."""
    genuine = mall.pens.wechat.message(wechat.order_no)
    forged = genuine.with_headers(Wechatpay_Signature="AAAA")
    await refuses(mall, forged, wechat, "signature", "wechat", Host=host)


@pytest.mark.parametrize("sign_type", [None, "", "RSA", "rsa2", "MD5"])
async def test_a_sign_type_that_is_absent_or_downgraded_is_refused(
    mall: Mall, alipay: Opened, sign_type: str | None
) -> None:
    """Even where the signature itself would hold: it does not cover its own kind."""
    await refuses(mall, mall.pens.alipay.message(alipay.order_no, sign_type=sign_type), alipay, "sign_type")


async def test_a_weaker_algorithm_is_refused(mall: Mall, alipay: Opened) -> None:
    """SHA-1, as it says, and under the better one's name."""
    await refuses(mall, mall.pens.alipay.downgraded(alipay.order_no), alipay, "sign_type")
    await refuses(mall, mall.pens.alipay.downgraded(alipay.order_no, named="RSA2"), alipay, "signature")


async def test_a_probe_of_wechat_pays_is_refused(mall: Mall) -> None:
    """With a signature that begins `WECHATPAY/SIGNTEST/` WeChat Pay tries out whether anybody looks."""
    paid = await mall.paid("wechat")
    before = await mall.read(paid.id)
    seen = {row["id"] for row in await mall.kept(gateway="wechat")}
    await mall.sandbox.probe(paid.order_no)
    probe = await mall.until_kept(lambda row: row["id"] not in seen, gateway="wechat")
    assert (probe["decision"], await mall.accounted(probe["id"])) == ("rejected", ["callback.rejected"])
    assert await mall.read(paid.id) == before


async def test_a_flood_of_unknown_certificate_serials_is_refused(mall: Mall, wechat: Opened) -> None:
    """Each costs a comparison; with a configured public key nobody is ever asked for certificates."""
    genuine = mall.pens.wechat.message(wechat.order_no)
    flood = [genuine.with_headers(Wechatpay_Serial=f"{number:040X}") for number in range(1, 11)]
    answers = await asyncio.gather(*(mall.send(message, "wechat") for message in flood))
    assert {answer.status for answer in answers} == {400}
    await refuses(mall, genuine.with_headers(Wechatpay_Serial=""), wechat, "headers")


async def test_an_altered_gcm_tag_is_refused(mall: Mall, wechat: Opened) -> None:
    """One bit of it, under a signature that holds."""
    resource = mall.pens.wechat.resource(wechat.order_no)
    await refuses(mall, mall.pens.wechat.sealed(resource, flip=True), wechat, "decryption")


@pytest.mark.parametrize("off_seconds", [-302, 302])
async def test_a_message_of_wechat_pay_from_another_time_is_refused(
    mall: Mall, wechat: Opened, off_seconds: int
) -> None:
    """More than five minutes off, either way."""
    message = mall.pens.wechat.message(wechat.order_no, off_seconds=off_seconds)
    await refuses(mall, message, wechat, "timestamp")


@pytest.mark.parametrize(
    ("url", "because"),
    [
        ("https://api.paypal.com.evil.example/v1/notifications/certs/CERT-1", "certificate_url"),
        ("http://api.paypal.com/v1/notifications/certs/CERT-1", "certificate_url"),
        ("https://evil.example/paypal.com/certs/CERT-1", "certificate_url"),
        ("https://api.paypal.com@evil.example/certs/CERT-1", "certificate_url"),
        ("{sandbox}/paypal/v1/notifications/certs/../../../_control/payments", "certificate_url"),
        ("{service}/healthz", "certificate_url"),
        ("{certificates}/CERT-360caa42-fca2a594-a5cafa77", "certificate"),
        ("{certificates}/root.pem", "certificate"),
    ],
)
async def test_a_certificate_url_outside_of_paypal_is_refused(
    mall: Mall, service: Development, paypal: Opened, url: str, because: str
) -> None:
    """The signature holds under the key of whoever can serve a file: the file must be PayPal's."""
    places = {
        "certificates": mall.pens.paypal.cert_url.rpartition("/")[0],
        "sandbox": service.sandbox,
        "service": service.http,
    }
    message = mall.pens.paypal.message(await paypal_event(mall, paypal))
    await refuses(mall, message.with_headers(Paypal_Cert_Url=url.format(**places)), paypal, f"{because} ")


@pytest.mark.parametrize("off_seconds", [-302, 302])
async def test_a_webhook_of_stripes_from_another_time_is_refused(mall: Mall, off_seconds: int) -> None:
    """301 seconds is too long, before or after; one second is left for the way."""
    event = {
        "id": f"evt_{uuid4().hex}",
        "object": "event",
        "type": "charge.updated",
        "data": {"object": {"id": "ch_1", "object": "charge"}},
    }
    row = await mall.decided(mall.pens.stripe.message(event, off_seconds=off_seconds), "stripe")
    assert (row["told"].status, row["decision"], row["audit"]) == (400, "rejected", ["callback.rejected"])
    assert row["reason"].startswith("timestamp")
    row = await mall.decided(mall.pens.stripe.message(event), "stripe")
    assert (row["told"].status, row["decision"]) == (200, "ignored")
