"""What is sent to PayPal: all of it from what is stored, so that a repeat says the same."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from gateways.paypal.request import capture_body, order_body, refund_body, request_id, stored_request
from server.domain.attempt import Attempt, AttemptKind
from server.domain.gateway import Wish
from server.domain.money import Money
from server.domain.payment import CaptureMethod, ConfirmationMethod, PaymentMethodKind
from server.domain.refund import Refund

ID = UUID("01890000-0000-7000-8000-000000000001")
NOW = datetime(2026, 11, 26, 18, 0, tzinfo=UTC)


def a_wish(**changes: Any) -> Wish:
    wish: dict[str, Any] = {
        "kind": PaymentMethodKind.PAYPAL,
        "token": None,
        "capture_method": CaptureMethod.AUTOMATIC,
        "confirmation_method": ConfirmationMethod.AUTOMATIC,
        "description": None,
        "receipt_email": None,
        "return_url": None,
        "cancel_url": None,
        "metadata": {},
        "details": {},
    }
    return Wish(**{**wish, **changes})


def an_attempt(kind: AttemptKind = AttemptKind.AUTHORISE, **wish: Any) -> Attempt:
    return Attempt(
        id=ID,
        merchant_id="default",
        payment_id=ID,
        kind=kind,
        gateway="paypal",
        config_version=1,
        reference="R1",
        money=Money(5949, "USD"),
        request=stored_request(a_wish(**wish), "https://shop.example/"),
        created_at=NOW,
        updated_at=NOW,
    )


def test_an_order_is_paid_at_once_and_ships_nothing() -> None:
    """On PayPal's page stands `pay now`, and no address is asked for."""
    assert order_body(an_attempt(description="Tea", return_url="https://shop.example/done")) == {
        "intent": "CAPTURE",
        "purchase_units": [
            {
                "amount": {"currency_code": "USD", "value": "59.49"},
                "invoice_id": "R1",
                "custom_id": str(ID),
                "description": "Tea",
            }
        ],
        "payment_source": {
            "paypal": {
                "experience_context": {
                    "return_url": "https://shop.example/done",
                    "cancel_url": "https://shop.example/done",
                    "user_action": "PAY_NOW",
                    "shipping_preference": "NO_SHIPPING",
                }
            }
        },
    }


def test_a_manual_payment_is_only_authorised() -> None:
    """Its money is taken later."""
    assert order_body(an_attempt(capture_method=CaptureMethod.MANUAL))["intent"] == "AUTHORIZE"


@pytest.mark.parametrize(
    ("description", "sent"),
    [(None, None), ("", None), (" \n", None), ("two\n lines", "two lines"), ("茶" * 200, "茶" * 127)],
)
def test_a_description_is_one_line_that_is_not_too_long(description: str | None, sent: str | None) -> None:
    """Without one the order has none."""
    assert an_attempt(description=description).request.get("description") == sent


def test_a_capture_releases_the_rest() -> None:
    """Nothing is captured of the same authorization afterwards."""
    captured = capture_body(an_attempt(AttemptKind.CAPTURE))
    assert captured == {"amount": {"currency_code": "USD", "value": "59.49"}, "final_capture": True}


def test_a_refund_names_itself_and_its_payment() -> None:
    """By our numbers."""
    refund = Refund(
        id=ID,
        merchant_id="default",
        payment_id=ID,
        money=Money(1000, "USD"),
        gateway="paypal",
        reference="RF",
        created_at=NOW,
        updated_at=NOW,
    )
    amount = {"currency_code": "USD", "value": "10.00"}
    assert refund_body(refund, an_attempt()) == {"amount": amount, "invoice_id": "RF", "custom_id": "R1"}


def test_each_step_of_an_attempt_has_a_number_for_ever() -> None:
    """It derives from the attempt alone, and PayPal takes at most 108 characters."""
    numbers = [request_id(an_attempt(), step) for step in ("create", "complete", "capture", "void")]
    assert numbers == [request_id(an_attempt(), step) for step in ("create", "complete", "capture", "void")]
    assert len(set(numbers)) == 4
    assert max(map(len, numbers)) <= 108
