"""Trades at the simulated Alipay: from the signed address to the paid, closed or cancelled trade."""

from datetime import timedelta

from tests.integration.alipay_sandbox import Sandbox, beijing, query_of, refusal, sandbox

__all__ = ["sandbox"]

RETURN_URL = "https://shop.example/thanks?lang=en"


async def test_a_trade_begins_when_the_customer_opens_the_page(sandbox: Sandbox) -> None:
    """Before that Alipay knows no trade; afterwards it waits for its payment."""
    url = sandbox.page_url()
    async with sandbox.http.head(url) as looked:
        assert looked.status == 405
    assert refusal(await sandbox.call("trade_query", out_trade_no="order_1")) == ("40004", "ACQ.TRADE_NOT_EXIST")
    async with sandbox.http.get(url) as page:
        assert page.status == 200
        text = await page.text()
        assert "Two cups of tea" in text
        assert "88.88" in text
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none'")
    trade = await sandbox.call("trade_query", out_trade_no="order_1")
    assert (trade["code"], trade["trade_status"]) == ("10000", "WAIT_BUYER_PAY")
    assert (trade["total_amount"], trade["receipt_amount"]) == ("88.88", "0.00")


async def test_a_browser_pays_and_returns_to_the_shop(sandbox: Sandbox) -> None:
    """The return is signed like a notification, and keeps what the shop's address already asked."""
    async with sandbox.http.get(sandbox.page_url(return_url=RETURN_URL)) as page:
        cashier = str(page.url)
    async with sandbox.http.post(cashier, data={"outcome": "succeed"}, allow_redirects=False) as answer:
        assert answer.status == 302
        returned = query_of(answer.headers["Location"])
    assert returned.pop("lang") == "en"
    signature = returned.pop("sign")
    assert returned["method"] == "alipay.trade.page.pay.return"
    assert (returned["out_trade_no"], returned["total_amount"]) == ("order_1", "88.88")
    assert sandbox.sdk.verify(returned, signature)
    trade = await sandbox.call("trade_query", trade_no=returned["trade_no"])
    assert (trade["trade_status"], trade["receipt_amount"]) == ("TRADE_SUCCESS", "88.88")


async def test_a_customer_who_declines_leaves_the_trade_waiting(sandbox: Sandbox) -> None:
    """Alipay does not close it: the customer may come back, and on a phone goes to the shop's own address."""
    query = sandbox.sdk.api_alipay_trade_wap_pay(
        subject="Tea", out_trade_no="order_1", total_amount="1.00", quit_url="https://shop.example/cart"
    )
    async with sandbox.http.get(f"{sandbox.gateway}?{query}") as page:
        cashier = str(page.url)
    async with sandbox.http.post(cashier, data={"outcome": "fail"}, allow_redirects=False) as answer:
        assert answer.headers["Location"] == "https://shop.example/cart"
    trade = await sandbox.call("trade_query", out_trade_no="order_1")
    assert trade["trade_status"] == "WAIT_BUYER_PAY"


async def test_a_cashier_page_needs_its_key(sandbox: Sandbox) -> None:
    """Who guesses a trade's number still sees nothing of it."""
    await sandbox.pay("abandon", url=sandbox.page_url())
    trade = await sandbox.call("trade_query", out_trade_no="order_1")
    async with sandbox.http.get(f"{sandbox.url}/alipay/cashier/{trade['trade_no']}/guess") as page:
        assert page.status == 404
        assert "Two cups" not in await page.text()


async def test_a_page_whose_time_is_over_cannot_be_opened(sandbox: Sandbox) -> None:
    """`time_expire` counts even for who opens the address for the first time."""
    url = sandbox.page_url(time_expire=beijing(timedelta(seconds=-1)))
    async with sandbox.http.get(url) as page:
        assert page.status == 400
        assert "ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR" in await page.text()
    assert refusal(await sandbox.call("trade_query", out_trade_no="order_1")) == ("40004", "ACQ.TRADE_NOT_EXIST")


async def test_an_unpaid_trade_closes_when_its_time_is_over(sandbox: Sandbox) -> None:
    """By itself, with a notification; paying it then is refused."""
    url = sandbox.page_url(time_expire=beijing(timedelta(seconds=3)))
    await sandbox.pay("abandon", url=url)
    closed = await sandbox.inbox.wait_for("TRADE_CLOSED")
    assert closed["out_trade_no"] == "order_1"
    trade = await sandbox.call("trade_query", out_trade_no="order_1")
    assert trade["trade_status"] == "TRADE_CLOSED"
    status, answer = await sandbox.control_raw(
        "POST", "pay", {"gateway": "alipay", "reference": "order_1", "outcome": "succeed"}
    )
    assert status == 409
    assert "ACQ.TRADE_HAS_CLOSE" in answer["error"]["message"]


async def test_the_same_number_with_another_amount_is_refused(sandbox: Sandbox) -> None:
    """An order that was opened does not change, however validly its new terms are signed."""
    await sandbox.pay("abandon", url=sandbox.page_url(amount="1.00"))
    for changed in (sandbox.page_url(amount="2.00"), sandbox.page_url(amount="1.00", subject="Other tea")):
        async with sandbox.http.get(changed) as page:
            assert page.status == 400
            assert "ACQ.CONTEXT_INCONSISTENT" in await page.text()
    async with sandbox.http.get(sandbox.page_url(amount="1.00")) as page:
        assert page.status == 200


async def test_a_paid_trade_cannot_be_paid_again(sandbox: Sandbox) -> None:
    """Neither at the address nor as a new order of the same number."""
    url = sandbox.page_url()
    await sandbox.pay(url=url)
    async with sandbox.http.get(url) as page:
        assert page.status == 400
        assert "ACQ.TRADE_HAS_SUCCESS" in await page.text()
    again = await sandbox.call("trade_precreate", subject="Tea", out_trade_no="order_1", total_amount="88.88")
    assert refusal(again) == ("40004", "ACQ.TRADE_HAS_SUCCESS")


async def test_only_a_waiting_trade_can_be_closed(sandbox: Sandbox) -> None:
    """What nobody has opened is unknown; what is paid or closed has another status."""
    url = sandbox.page_url()
    assert refusal(await sandbox.call("trade_close", out_trade_no="order_1")) == ("40004", "ACQ.TRADE_NOT_EXIST")
    await sandbox.pay("abandon", url=url)
    assert (await sandbox.call("trade_close", out_trade_no="order_1"))["code"] == "10000"
    assert refusal(await sandbox.call("trade_close", out_trade_no="order_1")) == ("40004", "ACQ.TRADE_STATUS_ERROR")
    async with sandbox.http.get(url) as page:
        assert "ACQ.TRADE_HAS_CLOSE" in await page.text()
    await sandbox.paid("order_2")
    assert refusal(await sandbox.call("trade_close", out_trade_no="order_2")) == ("40004", "ACQ.TRADE_STATUS_ERROR")


async def test_cancel_closes_what_waits_and_refunds_what_is_paid(sandbox: Sandbox) -> None:
    """And answers without an `action` what nobody knows."""
    unknown = await sandbox.call("trade_cancel", out_trade_no="order_1")
    assert unknown["code"] == "10000"
    assert "action" not in unknown
    await sandbox.pay("abandon", url=sandbox.page_url())
    assert (await sandbox.call("trade_cancel", out_trade_no="order_1"))["action"] == "close"
    await sandbox.paid("order_2")
    assert (await sandbox.call("trade_cancel", out_trade_no="order_2"))["action"] == "refund"
    assert [each["refunded_minor"] for each in await sandbox.payments("order_2")] == [8888]


async def test_a_code_is_paid_by_its_number_or_its_address(sandbox: Sandbox) -> None:
    """Alipay knows an order of `precreate` from the start, but its trade only once it is scanned."""
    order = {"subject": "Tea", "out_trade_no": "order_1", "total_amount": "3.50", "notify_url": sandbox.notify_url}
    code = await sandbox.call("trade_precreate", **order)
    assert code["qr_code"] == (await sandbox.call("trade_precreate", **order))["qr_code"]
    assert refusal(await sandbox.call("trade_query", out_trade_no="order_1")) == ("40004", "ACQ.TRADE_NOT_EXIST")
    assert await sandbox.payments("order_1") == []
    paid = await sandbox.pay(reference="order_1")
    assert paid["status"] == "TRADE_SUCCESS"
    [view] = await sandbox.payments("order_1")
    assert (view["gateway_payment_id"], view["amount_minor"], view["captured_minor"]) == (paid["id"], 350, 350)
    other = await sandbox.call("trade_precreate", **{**order, "out_trade_no": "order_2"})
    async with sandbox.http.get(other["qr_code"]) as page:
        assert page.status == 200
    assert (await sandbox.pay(url=other["qr_code"]))["status"] == "TRADE_SUCCESS"


async def test_a_cancelled_code_cannot_be_scanned(sandbox: Sandbox) -> None:
    """Though Alipay has no trade to cancel, the order behind the code is over."""
    code = await sandbox.call("trade_precreate", subject="Tea", out_trade_no="order_1", total_amount="3.50")
    assert "action" not in await sandbox.call("trade_cancel", out_trade_no="order_1")
    async with sandbox.http.get(code["qr_code"]) as page:
        assert page.status == 400
        assert "ACQ.TRADE_HAS_CLOSE" in await page.text()


async def test_a_page_nobody_opened_cannot_be_paid_by_its_number(sandbox: Sandbox) -> None:
    """The refusal says how else; the address alone is enough."""
    url = sandbox.page_url()
    status, answer = await sandbox.control_raw(
        "POST", "pay", {"gateway": "alipay", "reference": "order_1", "outcome": "succeed"}
    )
    assert status == 404
    assert "address" in answer["error"]["message"]
    assert (await sandbox.pay("fail", url=url))["status"] == "WAIT_BUYER_PAY"
    assert (await sandbox.pay(reference="order_1"))["status"] == "TRADE_SUCCESS"
