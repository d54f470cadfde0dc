"""Messages that are signed rightly and name another amount than was asked for, no amount at all, or no success."""

from collections.abc import Mapping

import pytest

from tests.e2e.attacks.attacking import Forge, paypal_event
from tests.e2e.mall import ORDERS, Mall, Opened, envelope
from tests.e2e.pens.message import Message, documented

WRONG_MONEY: Mapping[str, Forge] = {
    "alipay": lambda pens, order_no: pens.alipay.message(order_no, total_amount="99.99"),
    "alipay, more": lambda pens, order_no: pens.alipay.message(order_no, total_amount="100.01"),
    "alipay, documented": lambda pens, order_no: documented(pens.alipay.documented(order_no, total_amount="1.00")),
    "wechat": lambda pens, order_no: pens.wechat.message(order_no, amount={"total": 1, "currency": "CNY"}),
    "wechat, currency": lambda pens, order_no: pens.wechat.message(
        order_no, amount={"total": 10000, "currency": "USD"}
    ),
    "wechat, v2 currency": lambda pens, order_no: pens.wechat.v2_message(order_no, fee_type="USD"),
    "wechat, v2": lambda pens, order_no: pens.wechat.v2_message(order_no, total_fee="9999"),
    "wechat, documented": lambda pens, order_no: documented(pens.wechat.documented(order_no, total_fee="1")),
}


@pytest.mark.parametrize("case", WRONG_MONEY)
async def test_a_valid_signature_over_another_amount_or_currency_is_quarantined(
    mall: Mall, opened: Mapping[str, Opened], case: str
) -> None:
    """Acknowledged, as sending it again mends nothing; nothing changes, and the audit log tells."""
    order = opened[case.split(",", maxsplit=1)[0]]
    await quarantines(mall, WRONG_MONEY[case](mall.pens, order.order_no), order)


@pytest.mark.parametrize("amount", [("USD", "99.99"), ("EUR", "100.00")])
async def test_a_signed_capture_of_another_amount_or_currency_is_quarantined(
    mall: Mall, paypal: Opened, amount: tuple[str, str]
) -> None:
    """At PayPal too."""
    currency, value = amount
    event = await paypal_event(mall, paypal, amount={"currency_code": currency, "value": value})
    await quarantines(mall, mall.pens.paypal.message(event), paypal)


async def quarantines(mall: Mall, message: Message, opened: Opened) -> None:
    before = await mall.read(opened.id)
    row = await mall.decided(message)
    assert row["told"].status in (200, 204), row["told"].body
    assert (row["decision"], row["audit"]) == ("quarantined", ["callback.quarantined"])
    assert row["reference"] == opened.order_no
    assert await mall.read(opened.id) == before


NO_SUCCESS: Mapping[str, Forge] = {
    "alipay": lambda pens, order_no: pens.alipay.message(order_no, trade_status="WAIT_BUYER_PAY", gmt_payment=None),
    "wechat": lambda pens, order_no: pens.wechat.message(order_no, trade_state="NOTPAY", transaction_id=None),
    "wechat, v2": lambda pens, order_no: pens.wechat.v2_message(order_no, result_code="FAIL"),
    "wechat, documented": lambda pens, order_no: documented(pens.wechat.documented(order_no, result_code="FAIL")),
    "alipay, documented": lambda pens, order_no: documented(
        pens.alipay.documented(order_no, trade_status="WAIT_BUYER_PAY")
    ),
}


@pytest.mark.parametrize("case", NO_SUCCESS)
async def test_a_signed_status_that_is_not_success_is_acknowledged_and_posts_nothing(
    mall: Mall, opened: Mapping[str, Opened], case: str
) -> None:
    """The signature proves who says it, not that anything was paid."""
    order = opened[case.split(",", maxsplit=1)[0]]
    before = await mall.read(order.id)
    row = await mall.decided(NO_SUCCESS[case](mall.pens, order.order_no))
    assert row["told"].status in (200, 204), row["told"].body
    assert (row["decision"], row["audit"]) == ("ignored", [])
    assert await mall.read(order.id) == before


@pytest.mark.parametrize("status", ["PENDING", "DECLINED"])
async def test_a_signed_capture_that_is_not_completed_pays_nothing(mall: Mall, status: str) -> None:
    """Declined or still under way at PayPal: acknowledged, and the order waits."""
    opened = await mall.opened("paypal")
    event = await paypal_event(mall, opened, status=status)
    event["event_type"] = f"PAYMENT.CAPTURE.{status}"
    row = await mall.decided(mall.pens.paypal.message(event))
    assert row["told"].status == 200
    assert row["decision"] in ("applied", "ignored")
    assert (await mall.read(opened.id))["status"] == "pending"


AMOUNTS = ["-1", "0", "1e2", "１００", "NaN", str(2**63), "Infinity", "100.001", "", " 100.00", "+100.00", "0x64"]


@pytest.mark.parametrize("amount", AMOUNTS)
async def test_what_is_no_amount_is_refused_in_a_signed_message(
    mall: Mall, opened: Mapping[str, Opened], amount: str
) -> None:
    """By Alipay and by WeChat Pay, as it stands in their decimals, digits and numbers."""
    order_no = opened["alipay"].order_no
    for message in (
        mall.pens.alipay.message(order_no, total_amount=amount),
        documented(mall.pens.alipay.documented(order_no, total_amount=amount)),
    ):
        await no_money(mall, message, opened["alipay"])
    order_no = opened["wechat"].order_no
    for message in (
        mall.pens.wechat.message(order_no, amount={"total": amount, "currency": "CNY"}),
        mall.pens.wechat.v2_message(order_no, total_fee=amount),
    ):
        await no_money(mall, message, opened["wechat"])


async def no_money(mall: Mall, message: Message, opened: Opened) -> None:
    """Refused; or, where it is a number after all, quarantined. Never believed."""
    before = await mall.read(opened.id)
    row = await mall.decided(message)
    assert row["decision"] in ("rejected", "quarantined")
    assert row["audit"] == [f"callback.{row['decision']}"]
    assert await mall.read(opened.id) == before


@pytest.mark.parametrize("amount", [-1, 0, 1e2, 2**63, 2**64, "10000", None, True])
async def test_what_is_no_number_of_fen_is_not_believed(mall: Mall, wechat: Opened, amount: object) -> None:
    """In the numbers of API v3's JSON."""
    await no_money(mall, mall.pens.wechat.message(wechat.order_no, amount={"total": amount, "currency": "CNY"}), wechat)


@pytest.mark.parametrize("amount", [*AMOUNTS, 100, 100.0, None, ["100.00"]])
async def test_what_is_no_amount_makes_no_order(mall: Mall, amount: object) -> None:
    """400, whatever the currency."""
    for currency in ("CNY", "USD", "KWD"):
        if amount == "100.001" and currency == "KWD":
            continue
        told = envelope(await mall.user.post(ORDERS, {"total_amount": amount, "currency": currency}))
        assert (told["code"], told["data"]) == (400, None), told


@pytest.mark.parametrize("amount", ["100.5", "100.00"])
async def test_yen_have_no_decimals(mall: Mall, amount: str) -> None:
    """Not even zeros."""
    told = envelope(await mall.user.post(ORDERS, {"total_amount": amount, "currency": "JPY"}))
    assert (told["code"], told["data"]) == (400, None)
