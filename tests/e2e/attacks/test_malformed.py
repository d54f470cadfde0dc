"""Messages that can be read in two ways, or that are too long to be read at all."""

import json
from collections.abc import Mapping

import pytest

from tests.e2e.attacks.attacking import paypal_event, refuses
from tests.e2e.mall import GATEWAYS, Mall, Opened, envelope
from tests.e2e.pens.message import FORM, JSON, Message, documented


@pytest.mark.parametrize(
    "prologue",
    [
        '<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        "<!DOCTYPE xml>",
        '<?xml version="1.0"?><!DOCTYPE xml [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
    ],
)
async def test_a_doctype_is_refused_before_parsing(mall: Mall, wechat: Opened, prologue: str) -> None:
    """In front of a message that is genuine but for it."""
    genuine = mall.pens.wechat.v2_message(wechat.order_no)
    for address in ("wechat", ""):
        await refuses(mall, genuine.with_body(prologue.encode() + genuine.body), wechat, "the body", address)


async def test_an_entity_is_refused(mall: Mall, wechat: Opened) -> None:
    """Nothing is looked up that the message does not say itself."""
    genuine = mall.pens.wechat.v2_message(wechat.order_no)
    marked = genuine.with_body(genuine.body.replace(b"<xml>", b"<xml><attach>&x;</attach>"))
    await refuses(mall, marked, wechat, "the body", "wechat")


@pytest.mark.parametrize("gateway", ["alipay", "paypal"])
async def test_a_form_field_that_stands_twice_is_refused(
    mall: Mall, opened: Mapping[str, Opened], gateway: str
) -> None:
    """What one parser checks another might not obey."""
    order_no = opened[gateway].order_no
    if gateway == "alipay":
        body = mall.pens.alipay.message(order_no).body + b"&total_amount=100.00"
    else:
        body = f"txn_id=1&payment_status=Completed&invoice={order_no}&invoice={order_no}&ipn_track_id=1".encode()
    await refuses(mall, Message(FORM, body, {}), opened[gateway], "the body", gateway)


@pytest.mark.parametrize("gateway", ["alipay", "wechat", "paypal", "wechat v3", "paypal signed"])
async def test_a_json_key_that_stands_twice_is_refused(mall: Mall, opened: Mapping[str, Opened], gateway: str) -> None:
    """In the documented JSON, and in what is signed by the gateway's own key."""
    pens, name = mall.pens, gateway.split(maxsplit=1)[0]
    order_no = opened[name].order_no
    match gateway:
        case "wechat v3":
            genuine = pens.wechat.message(order_no)
            message = pens.wechat.signed(genuine.body.replace(b"{", b'{"id": "1", ', 1))
        case "paypal signed":
            event = json.dumps(await paypal_event(mall, opened[name])).encode()
            message = pens.paypal.signed(event.replace(b"{", b'{"id": "1", ', 1))
        case "alipay":
            message = twice(documented(pens.alipay.documented(order_no)), b'"total_amount": "100.00"')
        case "wechat":
            message = twice(documented(pens.wechat.documented(order_no)), b'"total_fee": "10000"')
        case _:
            message = twice(documented(pens.documented("paypal", order_no)), b'"mc_gross": "100.00"')
    await refuses(mall, message, opened[name], "the body")


def twice(message: Message, pair: bytes) -> Message:
    assert pair in message.body
    return message.with_body(message.body.replace(pair, pair + b", " + pair))


@pytest.mark.parametrize("gateway", ["", "alipay", "wechat", "paypal", "stripe"])
async def test_a_huge_body_is_413_before_any_signature(mall: Mall, gateway: str) -> None:
    """Nothing of it is kept."""
    before = (await mall.kept())[0]["id"]
    answer = await mall.send(Message(JSON, b"{" + b" " * (1024 * 1024), {}), gateway)
    assert envelope(answer)["code"] == 413
    assert (await mall.kept())[0]["id"] == before


async def test_more_than_any_notification_is_refused(mall: Mall, alipay: Opened) -> None:
    """No gateway sends more than a few kilobytes; of what is longer the beginning is kept."""
    genuine = mall.pens.alipay.message(alipay.order_no, body="x" * 70_000)
    before = await mall.read(alipay.id)
    answer = await mall.send(genuine, "alipay")
    assert (answer.status, answer.body) == (400, b"fail")
    row = (await mall.kept())[0]
    assert (row["decision"], await mall.accounted(row["id"])) == ("rejected", ["callback.rejected"])
    assert await mall.read(alipay.id) == before


@pytest.mark.parametrize("gateway", GATEWAYS)
async def test_a_message_at_another_gateways_address_is_refused(
    mall: Mall, opened: Mapping[str, Opened], gateway: str
) -> None:
    """The address says whose it is, and the message must be of that form."""
    order_no = opened[gateway].order_no
    genuine = {
        "alipay": mall.pens.alipay.message(order_no),
        "wechat": mall.pens.wechat.message(order_no),
        "paypal": mall.pens.paypal.message(mall.pens.paypal.capture(order_no, "5O190127TN364715T")),
    }[gateway]
    for other in (*GATEWAYS, "stripe"):
        if other != gateway:
            await refuses(mall, genuine, opened[gateway], "", other)
