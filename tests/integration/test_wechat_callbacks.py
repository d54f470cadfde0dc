"""What WeChat Pay's adapter makes of notifications: the sandbox's own, and what others make of them."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from server.domain.callback import (
    CheckResult,
    PaymentNews,
    Reading,
    RefundNews,
)
from server.domain.outcomes import Refunded, RefundFailed, RefundPending
from tests.integration.wechat_gateway import MONEY, Shop, as_callback, opened_shop, shared_sandbox
from tests.integration.wechat_sandbox import Sandbox

__all__ = ["shared_sandbox"]


@pytest_asyncio.fixture
async def shop(shared_sandbox: Sandbox) -> AsyncIterator[Shop]:
    async with opened_shop(shared_sandbox, "v3") as opened:
        yield opened


def failed(reading: Reading) -> list[str]:
    """The checks that failed; nothing is believed then."""
    assert (reading.news, reading.later) == (None, False)
    return [check.name for check in reading.checks if check.result is CheckResult.FAILED]


@pytest.mark.parametrize("config", ["v2", "v2_md5", "v3", "v3_certificates"])
async def test_the_notification_of_a_payment_is_believed(shop: Shop, config: str) -> None:
    """As WeChat Pay sends it through the API by which the order was made; it says what a query says."""
    gateway = shop.open(config=config)
    attempt, _ = await shop.waiting(gateway)
    await shop.sandbox.pay(reference=attempt.reference)
    (message,) = await shop.sandbox.inbox.wait_for(1)
    reading = await gateway.read_callback(as_callback(message))
    assert reading.news == PaymentNews(await gateway.fetch(attempt), MONEY)
    assert reading.reference == attempt.reference
    assert all(check.result is not CheckResult.FAILED for check in reading.checks)


@pytest.mark.parametrize("config", ["v2", "v2_md5", "v3", "v3_certificates"])
@pytest.mark.parametrize(
    ("ends", "outcome"), [("SUCCESS", Refunded), ("CLOSED", RefundFailed), ("ABNORMAL", RefundPending)]
)
async def test_the_notification_of_a_refund_is_believed(
    shop: Shop, config: str, ends: str, outcome: type[object]
) -> None:
    """It names the refund by our number, and says how it ended."""
    gateway = shop.open(config=config)
    await shop.sandbox.control("POST", "wechat/refunds", {"ends": ends})
    charge = await shop.paid(gateway)
    await shop.sandbox.inbox.wait_for(1)
    refund = shop.refund(charge)
    await gateway.refund(refund, charge)
    _, message = await shop.sandbox.inbox.wait_for(2)
    reading = await gateway.read_callback(as_callback(message))
    assert isinstance(reading.news, RefundNews), reading.checks
    assert isinstance(reading.news.outcome, outcome)
    assert (reading.news.reference, reading.news.money) == (refund.reference, refund.money)
    assert reading.reference == charge.reference


async def test_an_api_v2_refund_is_not_believed_on_its_word(shop: Shop) -> None:
    """It is encrypted and not signed: when WeChat Pay cannot be asked, the notification is put off; when it knows no such refund, refused."""
    gateway = shop.open(config="v2")
    charge = await shop.paid(gateway)
    await shop.sandbox.inbox.wait_for(1)
    await gateway.refund(shop.refund(charge), charge)
    _, message = await shop.sandbox.inbox.wait_for(2)
    await shop.sandbox.arm("fetch", "http_500")
    reading = await gateway.read_callback(as_callback(message))
    assert (reading.news, reading.later) == (None, True)


async def test_a_probe_is_refused(shop: Shop) -> None:
    """WeChat Pay tries out whether signatures are checked."""
    gateway = shop.open()
    attempt, _ = await shop.waiting(gateway)
    await shop.sandbox.pay(reference=attempt.reference)
    await shop.sandbox.control("POST", "wechat/probes", {"reference": attempt.reference})
    probes = [
        message
        for message in await shop.sandbox.inbox.wait_for(2)
        if message.headers["Wechatpay-Signature"].startswith("WECHATPAY/SIGNTEST/")
    ]
    assert len(probes) == 1
    assert failed(await gateway.read_callback(as_callback(probes[0]))) == ["signature"]
