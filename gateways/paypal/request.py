"""What is sent to PayPal: built from the stored attempt or refund alone, so that a repeat says the same under the same request id."""

from collections.abc import Mapping

from gateways.paypal.amounts import to_paypal
from server.domain.attempt import Attempt
from server.domain.gateway import Wish
from server.domain.money import Money
from server.domain.payment import CaptureMethod
from server.domain.refund import Refund

CAPTURE = "CAPTURE"
_AUTHORIZE = "AUTHORIZE"

# `purchase_unit_request.description` of the orders v2 API.
_LONGEST_DESCRIPTION = 127

_INTENTS = {CaptureMethod.AUTOMATIC: CAPTURE, CaptureMethod.MANUAL: _AUTHORIZE}


def stored_request(wish: Wish, default_return_url: str) -> Mapping[str, str]:
    """What an attempt keeps of a wish. A customer who gives up goes back to where one who pays does, unless told otherwise."""
    return_url = wish.return_url or default_return_url
    fields = {
        "intent": _INTENTS[wish.capture_method],
        # PayPal takes a single line.
        "description": " ".join((wish.description or "").split())[:_LONGEST_DESCRIPTION],
        "return_url": return_url,
        "cancel_url": wish.cancel_url or return_url,
    }
    return {name: value for name, value in fields.items() if value}


def captures_at_once(attempt: Attempt) -> bool:
    """Whether the money is taken when the customer has approved, rather than reserved."""
    return attempt.request["intent"] == CAPTURE


def request_id(attempt: Attempt, step: str) -> str:
    """The PayPal-Request-Id of a step of an attempt: `create` and `complete` of an order, `capture` and `void` of an authorization."""
    return f"{attempt.id}-{step}"


def order_body(attempt: Attempt) -> dict[str, object]:
    """The order that an attempt asks for. Source: `orders.create` of the orders v2 API."""
    request = attempt.request
    unit: dict[str, object] = {
        "amount": money_body(attempt.money),
        "invoice_id": attempt.reference,
        "custom_id": str(attempt.payment_id),
    }
    if "description" in request:
        unit["description"] = request["description"]
    experience = {
        "return_url": request["return_url"],
        "cancel_url": request["cancel_url"],
        "user_action": "PAY_NOW",
        "shipping_preference": "NO_SHIPPING",
    }
    return {
        "intent": request["intent"],
        "purchase_units": [unit],
        "payment_source": {"paypal": {"experience_context": experience}},
    }


def capture_body(attempt: Attempt) -> dict[str, object]:
    """The capture of an authorization, after which nothing of it is left."""
    return {"amount": money_body(attempt.money), "final_capture": True}


def refund_body(refund: Refund, charge: Attempt) -> dict[str, object]:
    """PayPal shows the invoice id of a refund to its merchant and gives it back; its custom id tells the payment, which a notification does not name otherwise."""
    return {"amount": money_body(refund.money), "invoice_id": refund.reference, "custom_id": charge.reference}


def money_body(money: Money) -> dict[str, str]:
    """Raises InvalidAmount or InvalidCurrency for what PayPal does not take."""
    return {"currency_code": money.currency, "value": to_paypal(money)}
