"""The Alipay adapter with the real SDK against the simulated Alipay: lost calls, lost answers and wrong credentials."""

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key

from gateways.alipay.adapter import AlipayGateway
from server.domain.outcomes import Approved, Canceled, NotSent, Refused, Unknown, Unpaid, Waiting
from tests.integration.alipay_gateway import HASTY_SECONDS, PRICE, Shop, capture_of, charged, shop, void_of
from tests.integration.alipay_sandbox import private_pem, public_pem

__all__ = ["shop"]

HANGING = ("timeout_before", "timeout_after")
LOSING = (*HANGING, "reset_after", "http_500")


# For a call that is followed by a look which must be in time, on a busy machine too.
CALM_SECONDS = 1.5


def under(shop: Shop, fault: str, timeout_seconds: float = HASTY_SECONDS) -> AlipayGateway:
    return shop.open(timeout_seconds=timeout_seconds) if fault in HANGING else shop.open()


@pytest.mark.parametrize("fault", LOSING)
async def test_a_lost_code_is_made_once(shop: Shop, fault: str) -> None:
    """Unknown at first; asked again there is a code, and one order."""
    attempt = shop.manual(shop.open())
    await shop.arm("pay", fault, count=1)
    assert isinstance(await under(shop, fault).authorise(attempt), Unknown)
    await shop.met()
    shown = await shop.open().resume(attempt)
    assert isinstance(shown, Waiting)
    assert shown.next_action is not None
    await shop.customer("succeed", shown.next_action.url or "")
    assert charged(await shop.open().resume(attempt)) == (PRICE.amount_minor, False)
    assert len(await shop.books(attempt)) == 1


@pytest.mark.parametrize("fault", LOSING)
async def test_a_lost_capture_takes_its_amount_once(shop: Shop, fault: str) -> None:
    """Unknown at first; asked again it has taken what it was to take."""
    capture = capture_of(await shop.frozen(shop.open()), 1200)
    await shop.arm("capture", fault, count=1)
    assert isinstance(await under(shop, fault).capture(capture), Unknown)
    await shop.met()
    for _ in range(2):
        assert charged(await shop.open().resume(capture)) == (1200, True)
    assert sum(payment["captured_minor"] for payment in await shop.books(capture)) == 1200


@pytest.mark.parametrize("fault", LOSING)
async def test_a_lost_release_ends_the_payment(shop: Shop, fault: str) -> None:
    """The look behind a lost release tells that it happened; or it is unknown, and done when it is asked for again."""
    void = void_of(await shop.frozen(shop.open()))
    await shop.arm("cancel", fault, count=1)
    done = fault in ("timeout_after", "reset_after")
    assert isinstance(await under(shop, fault, CALM_SECONDS).void(void), Canceled if done else Unknown)
    assert isinstance(await shop.open().resume(void), Canceled)


@pytest.mark.parametrize("fault", LOSING)
async def test_a_lost_close_ends_the_page(shop: Shop, fault: str) -> None:
    """The look behind a lost close tells that it happened; or it is unknown, and done when it is asked for again."""
    attempt, url = await shop.waiting(shop.open(), shop.attempt(shop.open()))
    await shop.customer("abandon", url)
    await shop.arm("cancel", fault, count=1)
    done = fault in ("timeout_after", "reset_after")
    assert isinstance(await under(shop, fault, CALM_SECONDS).void(void_of(attempt)), Canceled if done else Unknown)
    assert isinstance(await shop.open().resume(void_of(attempt)), Canceled)


@pytest.mark.parametrize("fault", [*LOSING, "rate_limit"])
async def test_a_look_that_fails_tells_nothing(shop: Shop, fault: str) -> None:
    """Neither that the payment was made nor that it was not, however long ago its page ended."""
    attempt, url = await shop.waiting(shop.open(), shop.attempt(shop.open()))
    frozen = await shop.frozen(shop.open())
    await shop.customer("succeed", url)
    await shop.arm("fetch", fault)
    hasty = under(shop, fault)
    for outcome in (await hasty.fetch(attempt), await hasty.resume(attempt), await hasty.resume(void_of(attempt))):
        assert isinstance(outcome, Unknown)
    assert isinstance(await hasty.resume(capture_of(frozen)), Unknown)
    assert isinstance(await hasty.resume(void_of(frozen)), Unknown)
    assert isinstance(await hasty.void(void_of(attempt)), NotSent if fault == "rate_limit" else Unknown)


async def test_a_busy_gateway_is_asked_again(shop: Shop) -> None:
    """Being turned away once costs nothing; for ever, nothing was sent."""
    attempt = shop.manual(gateway := shop.open())
    await shop.arm("pay", "rate_limit", count=2)
    assert isinstance(await gateway.authorise(attempt), Waiting)
    await shop.arm("pay", "rate_limit")
    assert isinstance(await gateway.authorise(shop.manual(gateway)), NotSent)


async def test_an_unreachable_gateway_was_sent_nothing(shop: Shop) -> None:
    """Which says nothing of an earlier call; a page needs no call at all."""
    gateway = shop.open()
    frozen = await shop.frozen(gateway)
    paid = await shop.paid(gateway)
    gone = shop.open(base_url="http://127.0.0.1:9")
    assert isinstance(await gone.authorise(shop.manual(gone)), NotSent)
    assert isinstance(await gone.capture(capture_of(frozen)), NotSent)
    assert isinstance(await gone.void(void_of(frozen)), NotSent)
    assert isinstance(await gone.void(void_of(paid)), NotSent)
    for attempt in (frozen, paid, capture_of(frozen), void_of(frozen), void_of(paid)):
        assert isinstance(await gone.resume(attempt), Unknown)
        assert isinstance(await gone.fetch(attempt), Unknown)
    assert isinstance(await gone.authorise(shop.attempt(gone)), Waiting)


async def test_wrong_credentials_are_named_and_prove_nothing(shop: Shop) -> None:
    """To a caller that it does not know Alipay's answer is not signed: a code that was never given to anybody may be given up, a payment may not."""
    paid = await shop.paid(shop.open())
    unknown = shop.open(config={**shop.config, "app_id": "2021000000000999"})
    assert await unknown.authorise(shop.manual(unknown)) == Refused("Alipay refused the request (isv.invalid-app-id).")
    told = "Alipay has not told yet where the payment stands (isv.invalid-app-id)."
    assert await unknown.fetch(paid) == Unknown(told)
    assert await unknown.void(void_of(paid)) == Unknown(told)


async def test_a_key_that_alipay_does_not_know_is_refused(shop: Shop) -> None:
    """Alipay signs that it cannot verify the call; nothing of the key is in what is said."""
    key = private_pem(generate_private_key(65537, 2048))
    foreign = shop.open(config={**shop.config, "private_key": key})
    outcome = await foreign.authorise(shop.manual(foreign))
    assert outcome == Refused("Alipay refused the request (isv.invalid-signature).")
    assert isinstance(await foreign.resume(shop.manual(foreign)), Unknown)


async def test_an_answer_that_somebody_else_signed_is_no_answer(shop: Shop) -> None:
    """The payment was made; but whoever answered is not Alipay."""
    paid = await shop.paid(shop.open())
    public = public_pem(generate_private_key(65537, 2048))
    deceived = shop.open(config={**shop.config, "public_key": public})
    assert isinstance(await deceived.fetch(paid), Unknown)
    assert isinstance(await deceived.authorise(shop.manual(deceived)), Unknown)
    assert isinstance(await shop.open().fetch(paid), Approved)


async def test_a_payment_during_the_close_counts(shop: Shop) -> None:
    """Closed is what Alipay says is closed: the customer was quicker than the close, whose answer is lost besides."""
    gateway = shop.open()
    attempt, url = await shop.waiting(gateway, shop.attempt(gateway))
    await shop.customer("abandon", url)
    assert isinstance(await gateway.fetch(attempt), Unpaid)
    await shop.arm("cancel", "http_500", count=1)
    assert isinstance(await gateway.void(void_of(attempt)), Unknown)
    await shop.customer("succeed", url)
    assert charged(await gateway.resume(void_of(attempt))) == (PRICE.amount_minor, True)
