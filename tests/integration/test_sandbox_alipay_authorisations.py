"""Pre-authorisations at the simulated Alipay: money is frozen, paid from, and given back."""

from typing import Any

import pytest

from tests.integration.alipay_sandbox import Sandbox, refusal, sandbox

__all__ = ["sandbox"]

QUERY = "alipay.fund.auth.operation.detail.query"
UNFREEZE = "alipay.fund.auth.order.unfreeze"
CANCEL = "alipay.fund.auth.operation.cancel"


async def take(sandbox: Sandbox, auth_no: str, amount: str, out_trade_no: str = "order_1", **more: str) -> Any:
    biz = {
        "out_trade_no": out_trade_no,
        "total_amount": amount,
        "subject": "One night",
        "product_code": "PRE_AUTH_ONLINE",
        "auth_no": auth_no,
        **more,
    }
    return await sandbox.server("alipay.trade.pay", biz, notify_url=sandbox.notify_url)


async def unfreeze(sandbox: Sandbox, auth_no: str, amount: str, number: str = "u1") -> Any:
    biz = {"auth_no": auth_no, "out_request_no": number, "amount": amount, "remark": "checked out"}
    return await sandbox.server(UNFREEZE, biz)


async def state(sandbox: Sandbox, number: str = "auth_1_freeze") -> Any:
    return await sandbox.server(QUERY, {"out_order_no": "auth_1", "out_request_no": number})


async def test_an_authorisation_begins_when_its_code_is_scanned(sandbox: Sandbox) -> None:
    """In a browser the page asks to freeze; the merchant is notified of the freeze."""
    voucher = await sandbox.voucher()
    assert refusal(await state(sandbox)) == ("40004", "AUTH_ORDER_NOT_EXIST")
    async with sandbox.http.get(voucher["code_value"]) as page:
        assert "A room for a night" in await page.text()
    waiting = await state(sandbox)
    assert (waiting["order_status"], waiting["status"], waiting["rest_amount"]) == ("INIT", "INIT", "0.00")
    async with sandbox.http.post(voucher["code_value"], data={"outcome": "succeed"}) as page:
        assert page.status == 200
    frozen = await state(sandbox)
    assert (frozen["order_status"], frozen["status"], frozen["rest_amount"]) == ("AUTHORIZED", "SUCCESS", "100.00")
    message = dict(await sandbox.inbox.wait_for("fund_auth_freeze"))
    assert (message["auth_no"], message["operation_type"], message["amount"]) == (frozen["auth_no"], "FREEZE", "100.00")
    assert sandbox.sdk.verify(message, message.pop("sign"))


async def test_an_app_freezes_with_the_order_that_the_shop_signed(sandbox: Sandbox) -> None:
    """The order string is an address to whoever acts as the customer's Alipay."""
    order = {
        "out_order_no": "auth_1",
        "out_request_no": "auth_1_freeze",
        "order_title": "A room",
        "amount": "100.00",
        "product_code": "PREAUTH_PAY",
    }
    text = sandbox.sdk.client_api("alipay.fund.auth.order.app.freeze", order)
    paid = await sandbox.pay(url=f"{sandbox.gateway}?{text}")
    assert paid["status"] == "AUTHORIZED"


async def test_captures_and_releases_never_exceed_what_was_frozen(sandbox: Sandbox) -> None:
    """Payments out of it, then the rest back; after that nothing more."""
    auth_no = await sandbox.frozen()
    assert (await take(sandbox, auth_no, "60.00"))["total_amount"] == "60.00"
    assert refusal(await take(sandbox, auth_no, "40.01", "order_2")) == ("40004", "ACQ.AUTH_AMOUNT_NOT_ENOUGH")
    assert refusal(await unfreeze(sandbox, auth_no, "40.01")) == ("40004", "REQUEST_AMOUNT_EXCEED")
    assert (await take(sandbox, auth_no, "10.00", "order_2"))["code"] == "10000"
    assert (await unfreeze(sandbox, auth_no, "30.00"))["status"] == "SUCCESS"
    assert (await state(sandbox))["order_status"] == "FINISH"
    assert refusal(await unfreeze(sandbox, auth_no, "1.00", "u2")) == ("40004", "ORDER_ALREADY_FINISH")
    assert refusal(await take(sandbox, auth_no, "1.00", "order_3")) == ("40004", "ACQ.AUTH_NO_ERROR")
    [view] = await sandbox.payments("auth_1")
    assert (view["amount_minor"], view["captured_minor"], view["refunded_minor"]) == (10000, 7000, 0)
    assert (view["gateway_payment_id"], view["status"]) == (auth_no, "FINISH")
    assert await sandbox.payments("order_1") == []


async def test_a_complete_capture_gives_the_rest_back(sandbox: Sandbox) -> None:
    """With `auth_confirm_mode` COMPLETE, in the same moment."""
    auth_no = await sandbox.frozen()
    await take(sandbox, auth_no, "60.00", auth_confirm_mode="COMPLETE")
    after = await state(sandbox)
    assert (after["order_status"], after["total_pay_amount"], after["rest_amount"]) == ("FINISH", "60.00", "0.00")
    assert (await sandbox.inbox.wait_for("fund_auth_unfreeze"))["amount"] == "40.00"
    assert (await sandbox.inbox.wait_for("TRADE_SUCCESS"))["total_amount"] == "60.00"


async def test_the_same_capture_twice_takes_money_once(sandbox: Sandbox) -> None:
    """The trade's number decides."""
    auth_no = await sandbox.frozen()
    await take(sandbox, auth_no, "60.00")
    assert refusal(await take(sandbox, auth_no, "60.00")) == ("40004", "ACQ.TRADE_HAS_SUCCESS")
    assert (await state(sandbox))["total_pay_amount"] == "60.00"


async def test_a_captured_trade_is_refunded_like_any_other(sandbox: Sandbox) -> None:
    """The authorisation's view counts it."""
    auth_no = await sandbox.frozen()
    await take(sandbox, auth_no, "60.00")
    await sandbox.call("trade_refund", out_trade_no="order_1", refund_amount="5.00", out_request_no="r1")
    assert [each["refunded_minor"] for each in await sandbox.payments("auth_1")] == [500]


async def test_the_same_release_twice_gives_back_once(sandbox: Sandbox) -> None:
    """The number decides; with another amount it is refused."""
    auth_no = await sandbox.frozen()
    first = await unfreeze(sandbox, auth_no, "30.00")
    assert await unfreeze(sandbox, auth_no, "30.00") == first
    assert refusal(await unfreeze(sandbox, auth_no, "31.00")) == ("40004", "UNIQUE_VIOLATION")
    assert refusal(await unfreeze(sandbox, auth_no, "1.00", "auth_1_freeze")) == ("40004", "UNIQUE_VIOLATION")
    assert (await state(sandbox))["rest_amount"] == "70.00"
    released = await state(sandbox, "u1")
    assert (released["operation_type"], released["amount"], released["remark"]) == ("UNFREEZE", "30.00", "checked out")


async def test_cancel_takes_a_freeze_back(sandbox: Sandbox) -> None:
    """Before the customer's consent and after it, but not once something was paid."""
    biz = {"out_order_no": "auth_1", "out_request_no": "auth_1_freeze", "remark": "no room"}
    voucher = await sandbox.voucher()
    assert (await sandbox.server(CANCEL, biz))["action"] == "close"
    async with sandbox.http.get(voucher["code_value"]) as page:
        assert page.status == 400
        assert "ORDER_ALREADY_CLOSED" in await page.text()
    auth_no = await sandbox.frozen()
    assert (await sandbox.server(CANCEL, biz))["action"] == "unfreeze"
    after = await state(sandbox)
    assert (after["auth_no"], after["order_status"], after["rest_amount"]) == (auth_no, "CLOSED", "0.00")
    assert refusal(await unfreeze(sandbox, auth_no, "1.00")) == ("40004", "ORDER_ALREADY_CLOSED")
    other = await sandbox.frozen("auth_2")
    await take(sandbox, other, "1.00")
    biz |= {"out_order_no": "auth_2", "out_request_no": "auth_2_freeze"}
    assert (await sandbox.server(CANCEL, biz))["code"] == "40004"


async def test_an_order_number_names_one_authorisation(sandbox: Sandbox) -> None:
    """The same order again has the same code; another one under its number is refused."""
    voucher = await sandbox.voucher()
    assert (await sandbox.voucher())["code_value"] == voucher["code_value"]
    assert refusal(await sandbox.voucher(amount="100.01")) == ("40004", "UNIQUE_VIOLATION")


async def test_a_capture_does_not_take_the_number_of_a_trade_that_waits(sandbox: Sandbox) -> None:
    """Even with its amount and subject: the customer could still pay it, and would have paid twice."""
    auth_no = await sandbox.frozen()
    await sandbox.pay("abandon", url=sandbox.page_url(amount="60.00", subject="One night"))
    assert refusal(await take(sandbox, auth_no, "60.00")) == ("40004", "ACQ.CONTEXT_INCONSISTENT")
    assert (await state(sandbox))["rest_amount"] == "100.00"


@pytest.mark.parametrize(
    "wrong", [{"product_code": "FACE_TO_FACE_PAYMENT"}, {"seller_id": "2088000000000000"}, {"buyer_id": "2088"}]
)
async def test_a_capture_names_nobody_else(sandbox: Sandbox, wrong: dict[str, str]) -> None:
    """Its payer and its payee are those of the authorisation."""
    auth_no = await sandbox.frozen()
    assert refusal(await take(sandbox, auth_no, "60.00", **wrong)) == ("40004", "ACQ.INVALID_PARAMETER")


async def test_money_is_frozen_for_the_merchant_alone(sandbox: Sandbox) -> None:
    """Naming oneself as the payee is fine, naming another is not."""
    assert refusal(await sandbox.voucher(payee_user_id="2088000000000000")) == ("40004", "PAYEE_NOT_EXIST")
    await sandbox.paid()
    own = (await sandbox.inbox.wait_for("TRADE_SUCCESS"))["seller_id"]
    assert (await sandbox.voucher(payee_user_id=own))["code"] == "10000"


async def test_a_payment_code_is_not_simulated(sandbox: Sandbox) -> None:
    """alipay.trade.pay takes an authorisation, and only one that is there."""
    answer = await sandbox.call(
        "trade_pay", out_trade_no="order_1", scene="bar_code", auth_code="280000", subject="Tea", total_amount="1.00"
    )
    assert refusal(answer) == ("40004", "ACQ.ACCESS_FORBIDDEN")
    assert refusal(await take(sandbox, "2021000010002001", "1.00")) == ("40004", "ACQ.AUTH_NO_ERROR")
