"""The Alipay adapter with the real SDK against the simulated Alipay: money on its way back, once under each number."""

import pytest

from server.domain.outcomes import NotSent, Refunded, RefundFailed, Unknown
from server.domain.refund import RefundReason
from tests.integration.alipay_gateway import HASTY_SECONDS, PRICE, Shop, a_refund, capture_of, shop

__all__ = ["shop"]

LOSING = ("timeout_before", "timeout_after", "reset_after", "http_500")


async def refunded(shop: Shop, charge: object) -> int:
    (trade,) = await shop.books(charge)  # type: ignore[arg-type]
    amount: int = trade["refunded_minor"]
    return amount


async def test_a_refund_is_paid_back_once_under_its_number(shop: Shop) -> None:
    """However often it is sent or asked for; another number is another refund."""
    gateway = shop.open()
    charge = await shop.paid(gateway)
    first = a_refund(charge, reason=RefundReason.REQUESTED_BY_CUSTOMER)
    for _ in range(2):
        assert await gateway.refund(first, charge) == Refunded(first.reference)
        assert await gateway.resume_refund(first, charge) == Refunded(first.reference)
    assert await refunded(shop, charge) == 1000
    second = a_refund(charge, reference="R2")
    assert await gateway.refund(second, charge) == Refunded(second.reference)
    assert await refunded(shop, charge) == 2000


async def test_all_of_it_can_be_returned_and_asked_for_again(shop: Shop) -> None:
    """Alipay closes the trade then; the refund is done all the same."""
    gateway = shop.open()
    charge = await shop.paid(gateway)
    refund = a_refund(charge, PRICE.amount_minor)
    assert await gateway.refund(refund, charge) == Refunded(refund.reference)
    assert await gateway.resume_refund(refund, charge) == Refunded(refund.reference)
    assert await refunded(shop, charge) == PRICE.amount_minor


async def test_a_captured_preauthorisation_is_refunded_by_its_reference(shop: Shop) -> None:
    """The charge knows the number of the freeze, and the trade has another one."""
    gateway = shop.open()
    charge = await shop.frozen(gateway)
    await gateway.capture(capture_of(charge, 1200))
    refund = a_refund(charge, 1200)
    assert await gateway.refund(refund, charge) == Refunded(refund.reference)


async def test_more_than_was_paid_is_refused(shop: Shop) -> None:
    """Alipay's no is definitive, asked once or again, and its code is named."""
    gateway = shop.open()
    charge = await shop.paid(gateway)
    refund = a_refund(charge, PRICE.amount_minor + 1)
    failed = RefundFailed("Alipay refused the refund (ACQ.REFUND_AMT_NOT_EQUAL_TOTAL).")
    assert await gateway.refund(refund, charge) == failed
    assert await gateway.resume_refund(refund, charge) == failed
    assert await refunded(shop, charge) == 0


async def test_another_amount_under_the_same_number_is_not_believed(shop: Shop) -> None:
    """A number that was used otherwise is for a person to look into."""
    gateway = shop.open()
    charge = await shop.paid(gateway)
    await gateway.refund(a_refund(charge, 1000), charge)
    other = a_refund(charge, 1001)
    assert isinstance(await gateway.refund(other, charge), Unknown)
    assert isinstance(await gateway.resume_refund(other, charge), Unknown)
    assert await refunded(shop, charge) == 1000


async def test_a_refund_of_an_unknown_trade_is_unknown(shop: Shop) -> None:
    """That Alipay knows no such trade is no proof that nothing was returned: our credentials may be another account's."""
    gateway = shop.open()
    charge = shop.attempt(gateway)
    assert isinstance(await gateway.refund(a_refund(charge), charge), Unknown)


@pytest.mark.parametrize("fault", LOSING)
async def test_a_lost_refund_is_found_or_made_once(shop: Shop, fault: str) -> None:
    """Unknown at first; asked again, it is done, once."""
    gateway = shop.open(timeout_seconds=HASTY_SECONDS if fault.startswith("timeout") else 10.0)
    charge = await shop.paid(shop.open())
    refund = a_refund(charge)
    await shop.arm("refund", fault, count=1)
    assert isinstance(await gateway.refund(refund, charge), Unknown)
    await shop.met()
    for _ in range(2):
        assert await shop.open().resume_refund(refund, charge) == Refunded(refund.reference)
    assert await refunded(shop, charge) == 1000


async def test_a_refund_that_cannot_be_sent_is_not_sent_and_later_unknown(shop: Shop) -> None:
    """Of an earlier call a refused connection tells nothing."""
    charge = await shop.paid(shop.open())
    gone = shop.open(base_url="http://127.0.0.1:9")
    assert isinstance(await gone.refund(a_refund(charge), charge), NotSent)
    assert isinstance(await gone.resume_refund(a_refund(charge), charge), Unknown)
