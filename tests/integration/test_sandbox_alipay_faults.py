"""Faults at the simulated Alipay: what is done, what is not, and what the caller sees."""

import asyncio
import urllib.error

import pytest

from tests.integration.alipay_sandbox import Sandbox, common, refusal, sandbox, signed

__all__ = ["sandbox"]

LOST = (OSError, TimeoutError)


async def test_an_answer_lost_after_the_refund_leaves_the_refund(sandbox: Sandbox) -> None:
    """The repeat under the same number moves nothing more."""
    await sandbox.paid(amount="10.00")
    for fault in ("timeout_after", "reset_after"):
        await sandbox.arm("refund", fault, count=1, **({"delay_ms": 50} if fault == "timeout_after" else {}))
        biz = {"out_trade_no": "order_1", "refund_amount": "4.00", "out_request_no": fault}
        with pytest.raises(LOST):
            await sandbox.call("trade_refund", **biz)
        assert (await sandbox.call("trade_refund", **biz))["fund_change"] == "N"
    assert [each["refunded_minor"] for each in await sandbox.payments("order_1")] == [800]


async def test_silence_before_the_call_does_nothing(sandbox: Sandbox) -> None:
    """The customer's trade still waits."""
    await sandbox.pay("abandon", url=sandbox.page_url())
    await sandbox.arm("cancel", "timeout_before", count=1, delay_ms=50)
    with pytest.raises(LOST):
        await sandbox.call("trade_close", out_trade_no="order_1")
    assert (await sandbox.call("trade_query", out_trade_no="order_1"))["trade_status"] == "WAIT_BUYER_PAY"


async def test_a_broken_gateway_answers_500_and_does_nothing(sandbox: Sandbox) -> None:
    """In HTML that no one has signed."""
    await sandbox.paid(amount="10.00")
    await sandbox.arm("refund", "http_500", count=1)
    with pytest.raises(urllib.error.HTTPError) as failed:
        await sandbox.call("trade_refund", out_trade_no="order_1", refund_amount="4.00", out_request_no="r1")
    failed.value.close()
    assert failed.value.code == 500
    assert [each["refunded_minor"] for each in await sandbox.payments("order_1")] == [0]


async def test_a_caller_in_a_hurry_is_turned_away(sandbox: Sandbox) -> None:
    """With 200 and a signed refusal, as everything at Alipay."""
    await sandbox.arm("fetch", "rate_limit", count=1)
    limited = await sandbox.call("trade_query", out_trade_no="order_1")
    assert refusal(limited) == ("40005", "isv.app-call-limited")


async def test_a_slow_call_is_done_even_when_the_caller_leaves(sandbox: Sandbox) -> None:
    """Leaving does not take it back."""
    await sandbox.arm("pay", "slow", count=1, delay_ms=30)
    order = {"out_trade_no": "order_1", "total_amount": "1.00", "subject": "Tea"}
    assert (await sandbox.server("alipay.trade.precreate", order))["code"] == "10000"


async def test_each_operation_is_hit_by_its_own_faults(sandbox: Sandbox) -> None:
    """A capture is not a payment, a release is a cancellation; opening a page is part of paying."""
    auth_no = await sandbox.frozen()
    await sandbox.arm("capture", "rate_limit", count=1)
    biz = {
        "out_trade_no": "order_1",
        "total_amount": "1.00",
        "subject": "Tea",
        "product_code": "PRE_AUTH_ONLINE",
        "auth_no": auth_no,
    }
    assert (await sandbox.server("alipay.trade.pay", biz))["code"] == "40005"
    assert (await sandbox.server("alipay.trade.pay", biz))["code"] == "10000"
    await sandbox.arm("cancel", "rate_limit", count=1)
    release = {"auth_no": auth_no, "out_request_no": "u1", "amount": "1.00", "remark": "over"}
    assert (await sandbox.server("alipay.fund.auth.order.unfreeze", release))["code"] == "40005"
    await sandbox.arm("pay", "rate_limit", count=1)
    async with sandbox.http.get(sandbox.page_url()) as page:
        assert page.status == 400
        assert "isv.app-call-limited" in await page.text()


async def test_an_unverified_request_uses_up_no_fault(sandbox: Sandbox) -> None:
    """Faults happen to the merchant's calls, not to a stranger's."""
    await sandbox.arm("fetch", "rate_limit", count=1)
    forged = {**signed(common("alipay.trade.query", '{"out_trade_no":"order_1"}')), "sign": "AAAA"}
    assert "sub_code" in (await sandbox.raw(forged))["alipay_trade_query_response"]
    assert len((await sandbox.control("GET", "faults"))["faults"]) == 1


async def test_calls_side_by_side_refund_no_more_than_there_is(sandbox: Sandbox) -> None:
    """One transaction for each call."""
    await sandbox.paid(amount="10.00")
    refunds = [
        sandbox.call("trade_refund", out_trade_no="order_1", refund_amount="3.00", out_request_no=f"r{number}")
        for number in range(8)
    ]
    answers = await asyncio.gather(*refunds)
    assert sum(answer["code"] == "10000" for answer in answers) == 3
    assert [each["refunded_minor"] for each in await sandbox.payments("order_1")] == [900]
