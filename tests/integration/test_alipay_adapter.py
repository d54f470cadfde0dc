"""The Alipay adapter with the real SDK against the simulated Alipay: pages, and what becomes of them."""

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from server.domain.outcomes import Approved, Canceled, NextActionKind, Outcome, Unpaid, Waiting
from tests.integration.alipay_gateway import PRICE, Shop, charged, shop, void_of

__all__ = ["shop"]


async def test_a_page_is_paid(shop: Shop) -> None:
    """The customer pays at the address; whoever asks then hears how much was taken, when, and Alipay's number."""
    gateway = shop.open()
    attempt, url = await shop.waiting(gateway, shop.attempt(gateway))
    assert await gateway.fetch(attempt) == Unpaid(None)
    await shop.customer("succeed", url)
    outcome = await gateway.resume(attempt)
    assert charged(outcome) == (PRICE.amount_minor, True)
    (trade,) = await shop.books(attempt)
    assert isinstance(outcome, Approved)
    assert (outcome.gateway_payment_id, trade["captured_minor"]) == (trade["gateway_payment_id"], PRICE.amount_minor)
    assert outcome.paid_at is not None
    assert abs(outcome.paid_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert await gateway.fetch(attempt) == outcome


@pytest.mark.parametrize(
    ("channel", "method"), [(None, "page"), ("page", "page"), ("wap", "wap")], ids=["default", "page", "wap"]
)
async def test_a_channel_has_its_page(shop: Shop, channel: str | None, method: str) -> None:
    """A browser's page by default; a phone's opens Alipay's application. Both are paid alike."""
    gateway = shop.open()
    attempt = shop.attempt(gateway, details={"channel": channel} if channel else {})
    waiting, url = await shop.waiting(gateway, attempt)
    assert parse_qs(urlsplit(url).query)["method"] == [f"alipay.trade.{method}.pay"]
    await shop.customer("succeed", url)
    assert charged(await gateway.resume(waiting)) == (PRICE.amount_minor, True)


async def test_a_page_is_the_same_whenever_it_is_built(shop: Shop) -> None:
    """Byte for byte, by any process, at any time, however the settings have changed."""
    attempt = shop.attempt(first := shop.open(), description="Two cups of tea", return_url="https://shop.example/r")
    page = await first.authorise(attempt)
    shop.clock.ahead = timedelta(minutes=9)
    other = shop.open(pay_within=timedelta(hours=2), default_return_url="https://elsewhere.example/")
    assert await other.authorise(attempt) == page
    assert isinstance(page, Waiting)
    assert page.expires_at == datetime.fromisoformat(attempt.request["expires_at"])
    assert page.next_action is not None
    assert page.next_action.kind is NextActionKind.REDIRECT


async def test_a_page_that_nobody_was_told_of_is_given_again(shop: Shop) -> None:
    """A process that died before it answered has lost nothing: the page is the same."""
    gateway = shop.open()
    attempt = shop.attempt(gateway)
    page = await gateway.authorise(attempt)
    assert await gateway.resume(attempt) == page
    assert isinstance(page, Waiting)
    assert page.next_action is not None
    await shop.customer("abandon", page.next_action.url or "")
    again = await gateway.resume(attempt)
    assert isinstance(again, Waiting)
    (trade,) = await shop.books(attempt)
    assert (again.next_action, again.gateway_payment_id) == (page.next_action, trade["gateway_payment_id"])


async def test_a_page_that_is_open_is_closed(shop: Shop) -> None:
    """The customer who opened it can pay it no more."""
    gateway = shop.open()
    attempt, url = await shop.waiting(gateway, shop.attempt(gateway))
    await shop.customer("abandon", url)
    (trade,) = await shop.books(attempt)
    number = trade["gateway_payment_id"]
    assert await gateway.fetch(attempt) == Unpaid(number)
    void = void_of(attempt)
    assert await gateway.void(void) == Canceled(number)
    assert await gateway.void(void) == Canceled(number)
    assert await gateway.resume(void) == Canceled(number)
    assert await gateway.fetch(attempt) == Canceled(number)


async def test_a_page_that_nobody_opened_cannot_be_closed(shop: Shop) -> None:
    """It may still be paid; and whoever wants it closed is told so, not that it is."""
    gateway = shop.open()
    attempt, url = await shop.waiting(gateway, shop.attempt(gateway))
    assert await gateway.void(void_of(attempt)) == Unpaid(None)
    assert await gateway.resume(void_of(attempt)) == Unpaid(None)
    await shop.customer("succeed", url)
    assert charged(await gateway.resume(void_of(attempt))) == (PRICE.amount_minor, True)


@pytest.mark.parametrize(
    ("age", "outcome"),
    [
        (timedelta(minutes=15, seconds=-5), Unpaid(None)),
        (timedelta(minutes=15, seconds=55), Unpaid(None)),
        (timedelta(minutes=16, seconds=5), Canceled(None)),
    ],
)
async def test_a_page_that_nobody_opened_ends_by_itself(shop: Shop, age: timedelta, outcome: Outcome) -> None:
    """A minute after its end, which clocks may differ by, and with Alipay still knowing nothing, nothing can come of it."""
    gateway = shop.open()
    shop.clock.ahead = -age
    attempt, _ = await shop.waiting(gateway, shop.attempt(gateway))
    shop.clock.ahead = timedelta(0)
    assert await gateway.fetch(attempt) == outcome
    assert await gateway.resume(attempt) == outcome
    assert await gateway.resume(void_of(attempt)) == outcome
    assert await gateway.void(void_of(attempt)) == outcome


async def test_a_page_that_was_paid_is_not_closed(shop: Shop) -> None:
    """What the customer paid before the void counts."""
    gateway = shop.open()
    attempt = await shop.paid(gateway)
    outcome = await gateway.void(void_of(attempt))
    assert charged(outcome) == (PRICE.amount_minor, True)
    (trade,) = await shop.books(attempt)
    assert trade["captured_minor"] == PRICE.amount_minor


async def test_a_customer_who_leaves_can_come_back(shop: Shop) -> None:
    """Alipay declines nothing for good at its page: the payment waits until its end."""
    gateway = shop.open()
    attempt, url = await shop.waiting(gateway, shop.attempt(gateway))
    await shop.customer("fail", url)
    assert isinstance(await gateway.resume(attempt), Unpaid)
    await shop.customer("succeed", url)
    assert charged(await gateway.resume(attempt)) == (PRICE.amount_minor, True)
