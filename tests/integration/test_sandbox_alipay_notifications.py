"""Notifications of the simulated Alipay: what they say, how they are signed, when they are repeated."""

import asyncio

from tests.integration.alipay_sandbox import APP_ID, PATIENCE_SECONDS, Sandbox, sandbox

__all__ = ["sandbox"]


async def test_a_payment_is_notified_with_a_valid_signature(sandbox: Sandbox) -> None:
    """Form-encoded, signed over everything but `sign` and `sign_type`."""
    trade_no = await sandbox.paid(body="Green, hot & strong=good", passback_params="cart%3D7")
    message = dict(await sandbox.inbox.wait_for("TRADE_SUCCESS"))
    assert message["notify_type"] == "trade_status_sync"
    assert (message["app_id"], message["trade_no"], message["out_trade_no"]) == (APP_ID, trade_no, "order_1")
    assert (message["total_amount"], message["receipt_amount"]) == ("88.88", "88.88")
    assert (message["body"], message["passback_params"]) == ("Green, hot & strong=good", "cart%3D7")
    assert {"gmt_create", "gmt_payment", "notify_time", "seller_id", "buyer_id", "fund_bill_list"} <= set(message)
    signature = message.pop("sign")
    assert sandbox.sdk.verify(dict(message), signature)
    assert not sandbox.sdk.verify({**message, "total_amount": "0.01"}, signature)


async def test_a_trade_that_waits_is_not_notified(sandbox: Sandbox) -> None:
    """WAIT_BUYER_PAY is never sent; the first word is the payment."""
    await sandbox.pay("abandon", url=sandbox.page_url())
    await sandbox.pay(reference="order_1")
    await sandbox.inbox.wait_until(lambda inbox: bool(inbox.messages))
    assert sandbox.inbox.statuses() == ["TRADE_SUCCESS"]


async def test_refunds_are_notified_under_the_status_they_leave(sandbox: Sandbox) -> None:
    """A part leaves TRADE_SUCCESS, the last one TRADE_CLOSED; the refund's number is `out_biz_no`."""
    await sandbox.paid(amount="10.00")
    await sandbox.inbox.wait_for("TRADE_SUCCESS")
    await sandbox.call("trade_refund", out_trade_no="order_1", refund_amount="4.00", out_request_no="r1")
    await sandbox.call("trade_refund", out_trade_no="order_1", refund_amount="6.00", out_request_no="r2")
    await sandbox.inbox.wait_until(lambda inbox: len(inbox.messages) == 3)
    refunds = {each["out_biz_no"]: each for each in sandbox.inbox.messages[1:]}
    assert (refunds["r1"]["trade_status"], refunds["r1"]["refund_fee"]) == ("TRADE_SUCCESS", "4.00")
    assert (refunds["r2"]["trade_status"], refunds["r2"]["refund_fee"]) == ("TRADE_CLOSED", "10.00")
    assert all("gmt_refund" in each for each in refunds.values())


async def test_only_the_bare_word_success_ends_the_repeats(sandbox: Sandbox) -> None:
    """Every try has the same `notify_id`, and a signature of its own time."""
    sandbox.inbox.answer = "success\n"
    await sandbox.paid()
    await sandbox.inbox.wait_until(lambda inbox: len(inbox.messages) >= 3)
    assert len({each["notify_id"] for each in sandbox.inbox.messages}) == 1
    for message in sandbox.inbox.messages:
        assert sandbox.sdk.verify({name: value for name, value in message.items() if name != "sign"}, message["sign"])
    sandbox.inbox.answer = "success"
    seen = len(sandbox.inbox.messages)
    await sandbox.inbox.wait_until(lambda inbox: len(inbox.messages) > seen)
    async with asyncio.timeout(PATIENCE_SECONDS):
        # The sandbox has yet to read the answer that the inbox has given.
        while (await sandbox.control("GET", "callbacks"))["waiting"]:
            pass


async def test_an_order_without_an_address_is_not_notified(sandbox: Sandbox) -> None:
    """Alipay has no other place to send it to."""
    await sandbox.control("POST", "callbacks", {"mode": "hold"})
    await sandbox.paid(notify_url=None)
    assert (await sandbox.control("GET", "callbacks"))["waiting"] == 0
    await sandbox.paid("order_2")
    assert (await sandbox.control("GET", "callbacks"))["waiting"] == 1
