"""The Alipay adapter and the notifications of the simulated Alipay, as they really come."""

from urllib.parse import urlencode

from gateways.alipay.adapter import AlipayGateway
from gateways.registry import DIALECTS
from server.domain.attempt import Attempt
from server.domain.callback import CheckResult, NoNews, PaymentNews, Reading, RefundNews
from server.domain.outcomes import Approved, Canceled, Refunded
from tests.integration.alipay_gateway import PRICE, Shop, a_refund, as_callback, capture_of, shop, void_of

__all__ = ["shop"]


async def read(shop: Shop, gateway: AlipayGateway, status: str, attempt: Attempt) -> Reading:
    """What the adapter makes of the newest notification of that status about an attempt."""

    def newest() -> dict[str, str] | None:
        ours = [m for m in shop.inbox.messages if attempt.reference in (m.get("out_trade_no"), m.get("out_order_no"))]
        of_status = [m for m in ours if status in (m.get("trade_status"), m["notify_type"])]
        return of_status[-1] if of_status else None

    await shop.inbox.wait_until(lambda _: newest() is not None)
    message = as_callback(urlencode(newest() or {}).encode())
    assert DIALECTS["alipay"].recognises(message)
    assert DIALECTS["alipay"].reference_in(message) == attempt.reference
    reading = await gateway.read_callback(message)
    assert CheckResult.FAILED not in [check.result for check in reading.checks], reading.checks
    assert reading.reference == attempt.reference
    assert reading.event_id is not None
    return reading


async def test_a_payment_is_told_of(shop: Shop) -> None:
    """With the same number, amount and time that a query tells."""
    gateway = shop.open()
    attempt, url = await shop.waiting(gateway, shop.attempt(gateway, description="两杯茶 & more = +1"))
    await shop.customer("succeed", url)
    reading = await read(shop, gateway, "TRADE_SUCCESS", attempt)
    paid = await gateway.fetch(attempt)
    assert isinstance(paid, Approved)
    assert reading.news == PaymentNews(paid, PRICE)
    assert reading.gateway_payment_id == paid.gateway_payment_id


async def test_a_close_is_told_of(shop: Shop) -> None:
    """A trade that was closed unpaid is ended."""
    gateway = shop.open()
    attempt, url = await shop.waiting(gateway, shop.attempt(gateway))
    await shop.customer("abandon", url)
    await gateway.void(void_of(attempt))
    reading = await read(shop, gateway, "TRADE_CLOSED", attempt)
    assert reading.news == PaymentNews(Canceled(reading.gateway_payment_id))


async def test_refunds_are_told_of_by_their_numbers(shop: Shop) -> None:
    """A part, and then the rest, which closes the trade: neither is a payment or a close."""
    gateway = shop.open()
    charge = await shop.paid(gateway)
    part, rest = a_refund(charge, 1000), a_refund(charge, PRICE.amount_minor - 1000, "R2")
    for refund, status in ((part, "TRADE_SUCCESS"), (rest, "TRADE_CLOSED")):
        before = len(shop.inbox.messages)
        await gateway.refund(refund, charge)
        await shop.inbox.wait_until(lambda inbox, before=before: len(inbox.messages) > before)  # type: ignore[misc]
        reading = await read(shop, gateway, status, charge)
        outcome = Refunded(refund.reference)
        assert reading.news == RefundNews(outcome, reference=refund.reference, gateway_refund_id=refund.reference)


async def test_a_freeze_is_told_of(shop: Shop) -> None:
    """It reserves the money; its capture is told of by the call that makes it."""
    gateway = shop.open()
    authorised = await shop.frozen(gateway)
    reading = await read(shop, gateway, "fund_auth_freeze", authorised)
    number = authorised.gateway_payment_id
    assert number is not None
    assert reading.news == PaymentNews(Approved(number, PRICE.amount_minor, captured=False), PRICE)


async def test_the_release_of_everything_is_told_of(shop: Shop) -> None:
    """Nothing is left that could be captured."""
    gateway = shop.open()
    authorised = await shop.frozen(gateway)
    await gateway.void(void_of(authorised))
    reading = await read(shop, gateway, "fund_auth_unfreeze", authorised)
    assert reading.news == PaymentNews(Canceled(authorised.gateway_payment_id))


async def test_the_release_of_the_rest_ends_nothing(shop: Shop) -> None:
    """What a partial capture leaves is released by Alipay, and the payment stands."""
    gateway = shop.open()
    authorised = await shop.frozen(gateway)
    await gateway.capture(capture_of(authorised, 1200))
    reading = await read(shop, gateway, "fund_auth_unfreeze", authorised)
    assert isinstance(reading.news, NoNews)
    stands = await gateway.fetch(authorised)
    assert isinstance(stands, Approved)
    assert (stands.amount_minor, stands.captured) == (1200, True)
