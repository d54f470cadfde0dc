"""Bodies that nobody sends in good faith: whatever comes, it is an answer of ours and never a fault of ours."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.e2e.mall import GATEWAYS, Mall, Opened, envelope
from tests.e2e.pens.message import FORM, JSON, XML, Message

ODD: Mapping[str, tuple[str, bytes]] = {
    "nothing": (JSON, b""),
    "null": (JSON, b"null"),
    "list": (JSON, b"[]"),
    "number": (JSON, b"1"),
    "half of UTF-8": (JSON, b'{"gateway": "alipay\xff"}'),
    "deep": (JSON, b'{"gateway":' * 5000),
    "deep list": (JSON, b"[" * 30000),
    "long number": (JSON, b'{"gateway": "alipay", "n": ' + b"9" * 6000 + b"}"),
    "NaN": (JSON, b'{"gateway": "alipay", "n": NaN}'),
    "object for text": (JSON, b'{"gateway": {"a": 1}}'),
    "binary": ("application/octet-stream", bytes(range(256))),
    "no form": (FORM, b"&&&==&"),
    "escapes": (FORM, b"sign=%ff%fe&sign_type=%zz&trade_status=%00"),
    "charset": (FORM, b"sign=1&sign_type=RSA2&charset=utf-7&out_trade_no=1"),
    "many fields": (FORM, b"&".join(b"sign%d=1" % number for number in range(3000))),
    "xml": (XML, b"<xml>"),
    "xml tree": (XML, b"<xml><a><b>1</b></a></xml>"),
    "xml NUL": (XML, b"<xml><appid>\x00</appid></xml>"),
    "xml many": (XML, b"<xml>" + b"<a>" * 5000),
    "html": ("text/html", b"<html></html>"),
}


@pytest.mark.parametrize("case", ODD)
async def test_what_nobody_sends_is_refused(mall: Mall, case: str) -> None:
    """With a 4xx, at the common address and at a gateway's own."""
    content_type, body = ODD[case]
    for gateway in ("", (*GATEWAYS, "stripe")[len(case) % 4]):
        answer = await mall.send(Message(content_type, body, {}), gateway)
        assert 400 <= answer.status < 500, (gateway, answer.body)


TEXTS = {
    "half a character": "\ud800",
    "NUL": "\x00",
    "controls": "\x1b[31m\r\nX-Forged: 1",
}


@pytest.mark.parametrize("gateway", GATEWAYS)
@pytest.mark.parametrize("text", TEXTS)
async def test_odd_texts_are_no_fault_of_ours(
    mall: Mall, opened: Mapping[str, Opened], gateway: str, text: str
) -> None:
    """In the fields and among the names of the documented JSON; what is odd is kept, and can be read and explained."""
    documented, value = mall.pens.documented(gateway, opened[gateway].order_no), TEXTS[text]
    reference = "invoice_id" if gateway == "paypal" else "out_trade_no"
    others = {name: value for name in documented if name not in ("gateway", reference)}
    for odd in (documented | {reference: value}, documented | others, documented | {value: value}):
        row = await mall.decided(Message(JSON, json.dumps(odd).encode(), {}))
        assert envelope(row["told"])["code"] < 500
        explained = await mall.operator.get(f"/api/v1/callbacks/{row['id']}/explain")
        assert explained.status == 200, explained.body
    assert (await mall.read(opened[gateway].id))["status"] == "pending"


SIGNED: Mapping[str, list[str]] = {
    "alipay": ["out_trade_no", "trade_no", "trade_status", "gmt_payment", "notify_id", "total_amount"],
    "wechat": ["out_trade_no", "transaction_id", "trade_state", "success_time"],
    "paypal": ["id", "invoice_id", "status", "create_time"],
}


@pytest.mark.parametrize("text", TEXTS)
async def test_odd_texts_under_a_valid_signature_are_no_fault_of_ours(
    mall: Mall, opened: Mapping[str, Opened], text: str
) -> None:
    """Whoever holds the keys may still write nonsense."""
    value = TEXTS[text]
    truth = await mall.truth("paypal", opened["paypal"].order_no)
    messages: list[Message] = []
    for name in SIGNED["wechat"]:
        changes: dict[str, Any] = {name: value, "amount": {"total": 1, "currency": "CNY"}}
        messages.append(mall.pens.wechat.sealed(mall.pens.wechat.resource(opened["wechat"].order_no, **changes)))
    for name in SIGNED["paypal"]:
        amount = {"currency_code": "USD", "value": "1.00"}
        changes = {name: value, "amount": amount}
        event = mall.pens.paypal.capture(opened["paypal"].order_no, truth["gateway_payment_id"], **changes)
        messages.append(mall.pens.paypal.message(event))
        messages.append(mall.pens.paypal.message(event | {"id": value}))
    for name in SIGNED["alipay"] if value != TEXTS["half a character"] else ():
        changes = {"total_amount": "1.00", name: value}
        messages.append(mall.pens.alipay.message(opened["alipay"].order_no, **changes))
    for message in messages:
        answer = await mall.send(message)
        assert answer.status < 500, (message, answer.body)
    for each in opened.values():
        assert (await mall.read(each.id))["status"] == "pending"
