"""Capturing: at most what was authorised, at most once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.attempt import AttemptKind
from server.domain.errors import (
    AlreadyCaptured,
    CardDeclined,
    DomainError,
    GatewayError,
    GatewayUnavailable,
    InvalidAmount,
    InvalidState,
    NotSupported,
    PaymentNotFound,
)
from server.domain.outcomes import Approved
from server.domain.payment import PaymentStatus
from server.operations.commands import CapturePayment
from tests.builders import a_call, a_wish_to_be_paid, an_id
from tests.fake_gateway import Fault
from tests.gateway_truth import Standing
from tests.shop import Shop

A_WHILE = timedelta(minutes=30)


async def _capture(shop: Shop, operation: int = 2, amount: str | None = None) -> None:
    await shop.payments.capture(a_call(operation), CapturePayment(shop.payment().id, amount))


async def test_a_capture_takes_all(shop: Shop) -> None:
    """Without an amount, everything that was authorised."""
    await shop.authorised(amount="59.49")
    await _capture(shop)
    assert (shop.payment().status, shop.payment().captured_minor) == (PaymentStatus.SUCCEEDED, 5949)
    shop.assert_truth_is_told()


async def test_a_partial_capture_takes_the_part_and_releases_the_rest(shop: Shop) -> None:
    """The rest cannot be captured later."""
    await shop.authorised(amount="59.49")
    await _capture(shop, amount="12.5")
    assert shop.payment().captured_minor == 1250
    with pytest.raises(AlreadyCaptured):
        await _capture(shop, 3, "1.00")
    shop.assert_truth_is_told()


@pytest.mark.parametrize("amount", ["59.50", "0", "-1", "1.001", "1e1", ""])
async def test_a_capture_of_a_wrong_amount_is_refused(shop: Shop, amount: str) -> None:
    """INVALID_AMOUNT, and the payment waits as before."""
    before = await shop.authorised(amount="59.49")
    with pytest.raises(InvalidAmount):
        await _capture(shop, amount=amount)
    assert replace(shop.payment(), version=before.version) == before
    assert "capture" not in shop.gateway.calls


async def test_a_part_that_the_gateway_cannot_express_is_refused(shop: Shop) -> None:
    """INVALID_AMOUNT before anything is sent, as when the payment was created."""
    await shop.payments.create(a_call(1), a_wish_to_be_paid("1.230", "KWD", manual=True))
    with pytest.raises(InvalidAmount):
        await _capture(shop, amount="1.001")
    assert "capture" not in shop.gateway.calls
    await _capture(shop, 3, "1.22")
    assert shop.payment().captured_minor == 1220


async def test_a_gateway_without_partial_captures_takes_all_or_nothing(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """NOT_SUPPORTED, and the payment waits as before."""
    monkeypatch.setattr(shop.gateway, "capabilities", replace(shop.gateway.capabilities, partial_capture=False))
    await shop.authorised(amount="59.49")
    with pytest.raises(NotSupported):
        await _capture(shop, amount="59.48")
    await _capture(shop, 3, "59.49")
    assert shop.payment().status is PaymentStatus.SUCCEEDED


async def test_capture_twice_is_refused(shop: Shop) -> None:
    """ALREADY_CAPTURED."""
    await shop.authorised()
    await _capture(shop)
    with pytest.raises(AlreadyCaptured):
        await _capture(shop, 3)
    assert shop.gateway.calls.count("capture") == 1


async def test_capturing_a_payment_that_was_captured_at_once_is_refused(shop: Shop) -> None:
    """ALREADY_CAPTURED as well."""
    await shop.payments.create(a_call(1), a_wish_to_be_paid())
    with pytest.raises(AlreadyCaptured):
        await _capture(shop)


async def test_capturing_what_does_not_exist_is_refused(shop: Shop) -> None:
    """PAYMENT_NOT_FOUND."""
    with pytest.raises(PaymentNotFound):
        await shop.payments.capture(a_call(2), CapturePayment(an_id(99), "1.00"))


@pytest.mark.parametrize(
    ("fault", "refused"),
    [(Fault.DECLINED, CardDeclined), (Fault.REFUSED, GatewayError), (Fault.UNREACHABLE, GatewayUnavailable)],
)
async def test_a_capture_that_did_not_happen_can_be_tried_again(
    shop: Shop, fault: Fault, refused: type[DomainError]
) -> None:
    """The payment waits for its capture as before."""
    await shop.authorised()
    shop.gateway.next("capture", fault)
    with pytest.raises(refused):
        await _capture(shop)
    assert shop.payment().status is PaymentStatus.PENDING
    shop.assert_truth_is_told()
    await _capture(shop, 3)
    assert shop.payment().status is PaymentStatus.SUCCEEDED
    shop.assert_truth_is_told()


@pytest.mark.parametrize("fault", [Fault.REQUEST_LOST, Fault.REPLY_LOST, Fault.REQUEST_LATE])
async def test_a_capture_whose_answer_is_lost_is_found_out(shop: Shop, fault: Fault) -> None:
    """`processing` until then; and while it is, nothing else begins."""
    await shop.authorised()
    shop.gateway.next("capture", fault)
    await _capture(shop, amount="10.00")
    assert shop.payment().status is PaymentStatus.PROCESSING
    with pytest.raises(InvalidState):
        await _capture(shop, 3, "20.00")
    with pytest.raises(InvalidState):
        await shop.payments.cancel(a_call(4), shop.payment().id)
    await shop.pass_time(A_WHILE)
    shop.gateway.deliver_late()
    assert shop.payment().captured_minor == 1000
    shop.assert_truth_is_told()


async def test_a_capture_of_a_hold_that_the_gateway_has_ended_is_refused(shop: Shop) -> None:
    """INVALID_STATE, and the payment is canceled, as it is at the gateway."""
    await shop.authorised()
    await shop.gateway.void(shop.attempt_of(AttemptKind.AUTHORISE))
    with pytest.raises(InvalidState):
        await _capture(shop)
    assert shop.payment().status is PaymentStatus.CANCELED
    shop.assert_truth_is_told()


async def test_a_capture_after_which_the_money_is_still_only_held_is_no_success(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """INVALID_STATE: whoever gets a payment back from a capture may ship."""
    payment = await shop.authorised()

    async def only_held(_attempt: object) -> Approved:
        return Approved("gp_1", payment.money.amount_minor, captured=False)

    monkeypatch.setattr(shop.gateway, "capture", only_held)
    with pytest.raises(InvalidState):
        await _capture(shop)
    assert shop.payment().status is PaymentStatus.PENDING
    assert shop.held() is Standing.HELD
    shop.assert_truth_is_told()
