"""The simulated WeChat Pay's API v3, called by the real SDK: orders, closing, refunds."""

from typing import Any

import pytest
from wechatpayv3 import WeChatPayType

from tests.integration.wechat_sandbox import APP_ID, MCH_ID, Sandbox, sandbox

__all__ = ["sandbox"]

H5_SCENE = {"payer_client_ip": "14.23.150.211", "h5_info": {"type": "Wap"}}


def code(answer: tuple[int, dict[str, Any]]) -> tuple[int, str]:
    status, body = answer
    return status, str(body.get("code"))


async def test_a_native_order_is_placed_paid_and_found(sandbox: Sandbox) -> None:
    """The code is of WeChat's own form, and the paid order says who paid, how much and when."""
    status, placed = await sandbox.place("order-1", 5949, attach="shelf 3")
    assert status == 200
    assert placed["code_url"].startswith("weixin://wxpay/bizpayurl?pr=")
    assert (await sandbox.order("order-1"))["trade_state"] == "NOTPAY"
    paid = await sandbox.pay(url=placed["code_url"])
    found = await sandbox.order("order-1")
    assert found["trade_state"] == "SUCCESS"
    assert found["amount"] == {"total": 5949, "payer_total": 5949, "currency": "CNY", "payer_currency": "CNY"}
    assert (found["appid"], found["mchid"], found["attach"]) == (APP_ID, MCH_ID, "shelf 3")
    assert found["transaction_id"] == paid["id"]
    assert found["success_time"].endswith("+08:00")
    assert await sandbox.call(sandbox.sdk.query, transaction_id=paid["id"]) == (200, found)


@pytest.mark.parametrize(
    ("pay_type", "more", "answer"),
    [
        (WeChatPayType.H5, {"scene_info": H5_SCENE}, "h5_url"),
        (WeChatPayType.JSAPI, {"payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}}, "prepay_id"),
        (WeChatPayType.APP, {}, "prepay_id"),
    ],
)
async def test_each_kind_of_payment_is_answered_with_its_own_address(
    sandbox: Sandbox, pay_type: WeChatPayType, more: dict[str, Any], answer: str
) -> None:
    """H5 with a page, JSAPI and APP with a prepay id; each of them can be paid."""
    status, placed = await sandbox.place("order-2", pay_type=pay_type, **more)
    assert (status, list(placed)) == (200, [answer])
    pointer = {"url": placed[answer]} if answer == "h5_url" else {"gateway_payment_id": placed[answer]}
    assert (await sandbox.pay(**pointer))["status"] == "SUCCESS"


async def test_the_same_order_again_has_the_same_code(sandbox: Sandbox) -> None:
    """Whoever has lost the answer asks again and loses nothing."""
    first = await sandbox.place("order-3")
    assert await sandbox.place("order-3") == first


async def test_other_parameters_under_the_same_number_are_refused(sandbox: Sandbox) -> None:
    """An order number means one order."""
    await sandbox.place("order-4", 100)
    assert code(await sandbox.place("order-4", 101)) == (400, "INVALID_REQUEST")
    assert code(await sandbox.place("order-4", 100, attach="x")) == (400, "INVALID_REQUEST")


async def test_a_paid_order_is_neither_placed_nor_closed_again(sandbox: Sandbox) -> None:
    """Nobody pays twice under one number."""
    await sandbox.paid("order-5")
    assert code(await sandbox.place("order-5")) == (400, "ORDERPAID")
    assert code(await sandbox.call(sandbox.sdk.close, "order-5")) == (400, "ORDERPAID")
    refused, answer = await sandbox.control_raw(
        "POST", "pay", {"gateway": "wechat", "reference": "order-5", "outcome": "succeed"}
    )
    assert (refused, answer["error"]["message"]) == (409, "the order waits for no customer: it is SUCCESS")


async def test_a_closed_order_can_not_be_paid(sandbox: Sandbox) -> None:
    """Closing answers 204 once, and is final."""
    await sandbox.place("order-6")
    assert await sandbox.call(sandbox.sdk.close, "order-6") == (204, {})
    assert (await sandbox.order("order-6"))["trade_state"] == "CLOSED"
    assert code(await sandbox.call(sandbox.sdk.close, "order-6")) == (400, "ORDER_CLOSED")
    assert code(await sandbox.place("order-6")) == (400, "ORDER_CLOSED")
    refused, _ = await sandbox.control_raw(
        "POST", "pay", {"gateway": "wechat", "reference": "order-6", "outcome": "succeed"}
    )
    assert refused == 409


async def test_a_declined_order_says_so_and_can_be_closed(sandbox: Sandbox) -> None:
    """Who wants to try again places a new order."""
    await sandbox.place("order-7")
    await sandbox.pay("fail", reference="order-7")
    assert (await sandbox.order("order-7"))["trade_state"] == "PAYERROR"
    assert code(await sandbox.place("order-7")) == (403, "OUT_TRADE_NO_USED")
    assert await sandbox.call(sandbox.sdk.close, "order-7") == (204, {})


async def test_an_abandoned_order_waits_on(sandbox: Sandbox) -> None:
    """A customer who leaves the page changes nothing."""
    await sandbox.place("order-8")
    await sandbox.pay("abandon", reference="order-8")
    assert (await sandbox.order("order-8"))["trade_state"] == "NOTPAY"


async def test_an_unknown_order_is_not_found(sandbox: Sandbox) -> None:
    """Neither to be shown nor to be closed or refunded."""
    assert code(await sandbox.call(sandbox.sdk.query, out_trade_no="nothing")) == (404, "ORDER_NOT_EXIST")
    assert code(await sandbox.call(sandbox.sdk.query, transaction_id="42")) == (404, "ORDER_NOT_EXIST")
    assert code(await sandbox.call(sandbox.sdk.close, "nothing")) == (404, "ORDER_NOT_EXIST")
    assert code(await sandbox.refund("r1", 1, out_trade_no="nothing")) == (404, "RESOURCE_NOT_EXISTS")
    assert code(await sandbox.call(sandbox.sdk.query_refund, "r1")) == (404, "RESOURCE_NOT_EXISTS")


async def test_a_refund_is_processed_first_and_succeeds_later(sandbox: Sandbox) -> None:
    """The order turns to REFUND; the refund's end is announced."""
    await sandbox.paid("order-9", 100)
    await sandbox.control("POST", "wechat/refunds", {"ends": "PROCESSING"})
    status, refund = await sandbox.refund("refund-9", 40, out_trade_no="order-9", notify_url=sandbox.notify_url)
    assert (status, refund["status"], refund["amount"]["refund"]) == (200, "PROCESSING", 40)
    assert (await sandbox.order("order-9"))["trade_state"] == "REFUND"
    await sandbox.control("POST", "wechat/refunds/refund-9", {"status": "SUCCESS"})
    status, shown = await sandbox.call(sandbox.sdk.query_refund, "refund-9")
    assert (status, shown["status"], shown["refund_id"]) == (200, "SUCCESS", refund["refund_id"])
    assert "success_time" in shown
    assert (await sandbox.payment("order-9"))["refunded_minor"] == 40


async def test_a_refund_settles_by_itself(sandbox: Sandbox) -> None:
    """Nobody has to ask for it: the notification comes."""
    await sandbox.paid("order-10")
    await sandbox.refund("refund-10", 100, out_trade_no="order-10", notify_url=sandbox.notify_url)
    await sandbox.inbox.wait_for(2)
    _, shown = await sandbox.call(sandbox.sdk.query_refund, "refund-10")
    assert shown["status"] == "SUCCESS"


async def test_the_same_refund_again_is_the_same_refund(sandbox: Sandbox) -> None:
    """A repeated number refunds nothing more; with another amount it is refused."""
    await sandbox.paid("order-11", 100)
    _, first = await sandbox.refund("refund-11", 40, out_trade_no="order-11")
    status, again = await sandbox.refund("refund-11", 40, out_trade_no="order-11")
    assert (status, again["refund_id"]) == (200, first["refund_id"])
    assert code(await sandbox.refund("refund-11", 41, out_trade_no="order-11")) == (400, "INVALID_REQUEST")
    assert (await sandbox.payment("order-11"))["refunded_minor"] == 40


async def test_no_more_is_refunded_than_was_paid(sandbox: Sandbox) -> None:
    """All refunds of an order count together, those under way too."""
    await sandbox.paid("order-12", 100)
    assert (await sandbox.refund("refund-12", 70, out_trade_no="order-12"))[0] == 200
    assert code(await sandbox.refund("refund-13", 31, out_trade_no="order-12")) == (400, "INVALID_REQUEST")
    assert (await sandbox.refund("refund-14", 30, out_trade_no="order-12"))[0] == 200
    assert code(await sandbox.refund("refund-15", 1, out_trade_no="order-12")) == (400, "INVALID_REQUEST")
    assert code(await sandbox.refund("refund-16", 101, out_trade_no="order-12")) == (400, "PARAM_ERROR")
    assert code(await sandbox.refund("refund-17", 1, 99, out_trade_no="order-12")) == (400, "INVALID_REQUEST")


async def test_an_unpaid_order_is_not_refunded(sandbox: Sandbox) -> None:
    """There is nothing to give back."""
    await sandbox.place("order-13")
    assert code(await sandbox.refund("refund-18", 1, out_trade_no="order-13")) == (400, "INVALID_REQUEST")


async def test_the_available_balance_is_empty(sandbox: Sandbox) -> None:
    """Nothing is ever settled here, so a refund out of settled money has not enough of it."""
    await sandbox.paid("order-14")
    refused = await sandbox.refund("refund-19", 1, out_trade_no="order-14", funds_account="AVAILABLE")
    assert code(refused) == (403, "NOT_ENOUGH")


async def test_a_closed_refund_gives_its_money_back_to_the_order(sandbox: Sandbox) -> None:
    """An abnormal one does not: its money stays on the way until a person sorts it out."""
    await sandbox.paid("order-15", 100)
    await sandbox.control("POST", "wechat/refunds", {"ends": "PROCESSING"})
    await sandbox.refund("refund-20", 100, out_trade_no="order-15")
    await sandbox.control("POST", "wechat/refunds/refund-20", {"status": "CLOSED"})
    assert (await sandbox.payment("order-15"))["refunded_minor"] == 0
    assert (await sandbox.refund("refund-21", 100, out_trade_no="order-15"))[0] == 200
    await sandbox.control("POST", "wechat/refunds/refund-21", {"status": "ABNORMAL"})
    assert (await sandbox.payment("order-15"))["refunded_minor"] == 100
    ended, _ = await sandbox.control_raw("POST", "wechat/refunds/refund-21", {"status": "SUCCESS"})
    assert ended == 409
