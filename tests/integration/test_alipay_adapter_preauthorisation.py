"""The Alipay adapter with the real SDK against the simulated Alipay: money that is frozen first and captured later."""

import asyncio
from datetime import timedelta

from server.domain.attempt import Attempt
from server.domain.outcomes import Approved, Canceled, NextActionKind, Refused, Unknown, Unpaid, Waiting
from tests.integration.alipay_gateway import PRICE, Shop, capture_of, charged, shop, void_of

__all__ = ["shop"]


async def captured(shop: Shop, attempt: Attempt) -> int:
    """What was taken of the one order with the attempt's reference."""
    return sum(payment["captured_minor"] for payment in await shop.books(attempt))


async def test_a_code_freezes_and_a_capture_takes(shop: Shop) -> None:
    """The customer scans; the money is reserved and not taken, until the capture."""
    gateway = shop.open()
    attempt = shop.manual(gateway)
    shown = await gateway.authorise(attempt)
    assert isinstance(shown, Waiting)
    assert shown.next_action is not None
    assert shown.next_action.kind is NextActionKind.DISPLAY_QR_CODE
    authorised = await shop.frozen(gateway)
    assert await captured(shop, authorised) == 0
    outcome = await gateway.capture(capture_of(authorised))
    assert charged(outcome) == (PRICE.amount_minor, True)
    assert isinstance(outcome, Approved)
    assert outcome.paid_at is not None
    assert outcome.gateway_payment_id != authorised.gateway_payment_id
    assert await captured(shop, authorised) == PRICE.amount_minor


async def test_a_partial_capture_releases_the_rest(shop: Shop) -> None:
    """Only the trade is left of what was frozen, and the capture stands when it is asked for."""
    gateway = shop.open()
    authorised = await shop.frozen(gateway)
    capture = capture_of(authorised, 1200)
    outcome = await gateway.capture(capture)
    assert charged(outcome) == (1200, True)
    assert await gateway.resume(capture) == outcome
    assert await gateway.fetch(authorised) == outcome
    assert await gateway.void(void_of(authorised)) == outcome
    assert await captured(shop, authorised) == 1200


async def test_capturing_what_is_captured_is_approved_once(shop: Shop) -> None:
    """A second capture tells what the first one took, and takes nothing."""
    gateway = shop.open()
    authorised = await shop.frozen(gateway)
    first = await gateway.capture(capture_of(authorised, 1200))
    assert await gateway.capture(capture_of(authorised)) == first
    assert await captured(shop, authorised) == 1200


async def test_an_over_capture_is_refused(shop: Shop) -> None:
    """What is frozen stays frozen and can be captured."""
    gateway = shop.open()
    authorised = await shop.frozen(gateway)
    refused = await gateway.capture(capture_of(authorised, PRICE.amount_minor + 1))
    assert refused == Refused("Alipay refused the request (ACQ.AUTH_AMOUNT_NOT_ENOUGH).")
    assert charged(await gateway.capture(capture_of(authorised))) == (PRICE.amount_minor, True)


async def test_a_void_releases_what_is_frozen(shop: Shop) -> None:
    """Nothing can be captured afterwards; the capture that tries is told why."""
    gateway = shop.open()
    authorised = await shop.frozen(gateway)
    assert authorised.gateway_payment_id is not None
    ended = Canceled(authorised.gateway_payment_id)
    assert await gateway.void(void_of(authorised)) == ended
    assert await gateway.void(void_of(authorised)) == ended
    assert await gateway.resume(void_of(authorised)) == ended
    assert await gateway.capture(capture_of(authorised)) == ended
    assert await captured(shop, authorised) == 0


async def test_of_a_capture_and_a_void_at_once_one_wins(shop: Shop) -> None:
    """Both end with the same outcome, which is Alipay's truth."""
    gateway = shop.open()
    for _ in range(3):
        authorised = await shop.frozen(gateway)
        capture, void = capture_of(authorised), void_of(authorised)
        await asyncio.gather(gateway.capture(capture), gateway.void(void))
        ended = await gateway.resume(capture)
        assert ended == await gateway.resume(void)
        assert await captured(shop, authorised) == (PRICE.amount_minor if isinstance(ended, Approved) else 0)


async def test_a_code_that_nobody_scanned_is_taken_back(shop: Shop) -> None:
    """Alipay closes the order, and who scans the code then freezes nothing."""
    gateway = shop.open()
    attempt, code = await shop.waiting(gateway, shop.manual(gateway))
    assert await gateway.fetch(attempt) == Unpaid(None)
    assert isinstance(await gateway.void(void_of(attempt)), Canceled)
    async with shop.http.post(
        f"{shop.url}/_control/pay", json={"gateway": "alipay", "url": code, "outcome": "succeed"}
    ) as late:
        assert late.status == 409
    assert not isinstance(await gateway.fetch(attempt), Approved)


async def test_a_code_that_was_scanned_and_not_accepted_is_taken_back(shop: Shop) -> None:
    """The customer who looks at the order can accept it no more."""
    gateway = shop.open()
    attempt, code = await shop.waiting(gateway, shop.manual(gateway))
    await shop.customer("abandon", code)
    waiting = await gateway.fetch(attempt)
    assert isinstance(waiting, Unpaid)
    assert waiting.gateway_payment_id is not None
    assert await gateway.void(void_of(attempt)) == Canceled(waiting.gateway_payment_id)


async def test_a_code_that_nobody_was_told_of_is_given_again(shop: Shop) -> None:
    """The same order, under the same number."""
    gateway = shop.open()
    attempt = shop.manual(gateway)
    first = await gateway.authorise(attempt)
    again = await gateway.resume(attempt)
    assert isinstance(first, Waiting)
    assert isinstance(again, Waiting)
    assert again.next_action is not None
    await shop.customer("succeed", again.next_action.url or "")
    assert charged(await gateway.resume(attempt)) == (PRICE.amount_minor, False)
    assert len(await shop.books(attempt)) == 1


async def test_no_code_is_made_once_the_time_is_over(shop: Shop) -> None:
    """Alipay would count from the call: what nobody was shown in time is shown to nobody, and ends when the last code that can be around does."""
    gateway = shop.open()
    shop.clock.ahead = -timedelta(minutes=16)
    attempt = shop.manual(gateway)
    shop.clock.ahead = timedelta(0)
    assert await gateway.resume(attempt) == Unpaid(None)
    assert await shop.books(attempt) == []
    shop.clock.ahead = -timedelta(minutes=31, seconds=5)
    old = shop.manual(gateway)
    shop.clock.ahead = timedelta(0)
    assert await gateway.resume(old) == Canceled(None)


async def test_a_capture_without_anything_frozen_is_unknown(shop: Shop) -> None:
    """It says nothing of the money, and nothing is sent."""
    gateway = shop.open()
    attempt, _ = await shop.waiting(gateway, shop.manual(gateway))
    assert isinstance(await gateway.capture(capture_of(attempt)), Unknown)
    assert await captured(shop, attempt) == 0
