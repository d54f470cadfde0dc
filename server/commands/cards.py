"""Stripe's published test cards, as the two faces of the service take them."""

from typing import Any

from sycee.v1 import payment_method_service_pb2 as methods
from sycee.v1 import payment_service_pb2 as pb

_EXPIRY = (12, 2035)


def card(number: str, cvc: str = "123") -> dict[str, Any]:
    """A card as the REST API takes it."""
    month, year = _EXPIRY
    return {"type": "card", "card": {"number": number, "exp_month": month, "exp_year": year, "cvc": cvc}}


def typed_card(number: str, cvc: str = "123") -> pb.PaymentMethodInput:
    """A card as the contract has it."""
    month, year = _EXPIRY
    return pb.PaymentMethodInput(
        type=methods.PAYMENT_METHOD_TYPE_CARD,
        card=methods.CardInput(number=number, exp_month=month, exp_year=year, cvc=cvc),
    )
