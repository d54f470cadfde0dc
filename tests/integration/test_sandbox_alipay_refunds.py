"""Refunds at the simulated Alipay."""

import pytest

from tests.integration.alipay_sandbox import Sandbox, refusal, sandbox

__all__ = ["sandbox"]


async def test_a_trade_is_refunded_part_by_part(sandbox: Sandbox) -> None:
    """`refund_fee` is all that was refunded so far; the trade closes when nothing is left."""
    trade_no = await sandbox.paid(amount="10.00")
    first = await sandbox.call("trade_refund", out_trade_no="order_1", refund_amount="4.00", out_request_no="r1")
    assert (first["code"], first["fund_change"], first["refund_fee"]) == ("10000", "Y", "4.00")
    assert (await sandbox.call("trade_query", out_trade_no="order_1"))["trade_status"] == "TRADE_SUCCESS"
    rest = await sandbox.call("trade_refund", trade_no=trade_no, refund_amount="6.00", out_request_no="r2")
    assert (rest["send_back_fee"], rest["refund_fee"]) == ("6.00", "10.00")
    assert (await sandbox.call("trade_query", out_trade_no="order_1"))["trade_status"] == "TRADE_CLOSED"
    [view] = await sandbox.payments("order_1")
    assert (view["captured_minor"], view["refunded_minor"], view["status"]) == (1000, 1000, "TRADE_CLOSED")


async def test_the_same_refund_twice_moves_money_once(sandbox: Sandbox) -> None:
    """The number decides: the repeat answers `fund_change` N, even when the trade is closed by then."""
    await sandbox.paid(amount="10.00")
    for fund_change in ("Y", "N", "N"):
        answer = await sandbox.call("trade_refund", out_trade_no="order_1", refund_amount="10", out_request_no="r1")
        assert (answer["code"], answer["fund_change"], answer["refund_fee"]) == ("10000", fund_change, "10.00")
    assert [each["refunded_minor"] for each in await sandbox.payments("order_1")] == [1000]


async def test_the_same_number_with_another_amount_is_refused(sandbox: Sandbox) -> None:
    """A number is one refund, for ever."""
    await sandbox.paid(amount="10.00")
    await sandbox.call("trade_refund", out_trade_no="order_1", refund_amount="1.00", out_request_no="r1")
    other = await sandbox.call("trade_refund", out_trade_no="order_1", refund_amount="1.01", out_request_no="r1")
    assert refusal(other) == ("40004", "ACQ.DISCORDANT_REPEAT_REQUEST")


async def test_more_than_was_paid_is_never_refunded(sandbox: Sandbox) -> None:
    """Not at once and not in parts; nothing happens then, and the answer says zero."""
    await sandbox.paid(amount="10.00")
    for number, amount, code in (("r1", "10.01", "40004"), ("r2", "9.99", "10000"), ("r3", "0.02", "40004")):
        answer = await sandbox.call("trade_refund", out_trade_no="order_1", refund_amount=amount, out_request_no=number)
        assert answer["code"] == code
        if code == "40004":
            assert answer["sub_code"] == "ACQ.REFUND_AMT_NOT_EQUAL_TOTAL"
            assert answer["refund_fee"] == "0.00"
    assert [each["refunded_minor"] for each in await sandbox.payments("order_1")] == [999]


async def test_a_part_needs_a_number_of_its_own(sandbox: Sandbox) -> None:
    """Without one only the whole can be refunded, and that once."""
    await sandbox.paid(amount="10.00")
    part = await sandbox.call("trade_refund", out_trade_no="order_1", refund_amount="1.00")
    assert refusal(part) == ("40004", "ACQ.INVALID_PARAMETER")
    for fund_change in ("Y", "N"):
        whole = await sandbox.call("trade_refund", out_trade_no="order_1", refund_amount="10.00")
        assert whole["fund_change"] == fund_change


async def test_only_a_paid_trade_is_refunded(sandbox: Sandbox) -> None:
    """Unknown, waiting and closed trades have each a refusal of their own."""
    biz = {"out_trade_no": "order_1", "refund_amount": "1.00", "out_request_no": "r1"}
    assert refusal(await sandbox.call("trade_refund", **biz)) == ("40004", "ACQ.TRADE_NOT_EXIST")
    await sandbox.pay("abandon", url=sandbox.page_url())
    assert refusal(await sandbox.call("trade_refund", **biz)) == ("40004", "ACQ.TRADE_STATUS_ERROR")
    await sandbox.call("trade_close", out_trade_no="order_1")
    assert refusal(await sandbox.call("trade_refund", **biz)) == ("40004", "ACQ.TRADE_HAS_CLOSE")


async def test_a_refund_is_found_by_its_number(sandbox: Sandbox) -> None:
    """One that was never made is no error: its answer has no status."""
    await sandbox.paid(amount="10.00")
    await sandbox.call(
        "trade_refund", out_trade_no="order_1", refund_amount="4.00", out_request_no="r1", refund_reason="Cold tea"
    )
    found = await sandbox.call("trade_fastpay_refund_query", out_request_no="r1", out_trade_no="order_1")
    assert (found["refund_status"], found["refund_amount"], found["total_amount"]) == (
        "REFUND_SUCCESS",
        "4.00",
        "10.00",
    )
    assert found["refund_reason"] == "Cold tea"
    never = await sandbox.call("trade_fastpay_refund_query", out_request_no="r2", out_trade_no="order_1")
    assert never["code"] == "10000"
    assert "refund_status" not in never
    unknown = await sandbox.call("trade_fastpay_refund_query", out_request_no="r1", out_trade_no="order_2")
    assert refusal(unknown) == ("40004", "ACQ.TRADE_NOT_EXIST")


async def test_a_brace_in_a_text_of_ours_comes_back_as_it_was(sandbox: Sandbox) -> None:
    """The reply is signed over what stands in it, whatever that is; a reader that counts braces goes wrong by itself."""
    await sandbox.paid(amount="10.00")
    biz = {"out_trade_no": "order_1", "refund_amount": "4.00", "out_request_no": "r1", "refund_reason": "}/茶"}
    await sandbox.call("trade_refund", **biz)
    parameters = sandbox.sdk.build_body(
        "alipay.trade.fastpay.refund.query", {"out_trade_no": "order_1", "out_request_no": "r1"}
    )
    query = sandbox.sdk.sign_data(parameters)
    async with sandbox.http.get(f"{sandbox.gateway}?{query}") as answer:
        text = await answer.text()
    start = text.index(":{") + 1
    content = text[start : text.index(',"sign":')]
    assert '"refund_reason":"}\\/茶"' in content
    assert sandbox.sdk._verify(content, text.rpartition('"sign":"')[2].removesuffix('"}'))


@pytest.mark.parametrize("amount", ["0", "0.00", "-1.00", "1.001", "1e2", "100000000.01", "1,00", " 1.00", "", "١"])
async def test_what_is_no_amount_is_refused(sandbox: Sandbox, amount: str) -> None:
    """Two decimals at most, from 0.01 to 100000000."""
    await sandbox.paid(amount="10.00")
    answer = await sandbox.call("trade_refund", out_trade_no="order_1", refund_amount=amount, out_request_no="r1")
    assert refusal(answer) == ("40004", "ACQ.INVALID_PARAMETER")
