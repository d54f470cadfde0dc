"""The PaymentIntent that an attempt asks for: stored with the attempt as plain strings, and built from them alone each time it is sent."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gateways.stripe.amounts import to_stripe
from server.domain.attempt import Attempt
from server.domain.gateway import Wish
from server.domain.payout import Payout
from server.domain.refund import Refund

if TYPE_CHECKING:
    from stripe.params import PaymentIntentCreateParams, PayoutCreateParams, RefundCreateParams

# The one key of ours in Stripe's metadata; the merchant may have the other 49 that Stripe allows.
REFERENCE_KEY = "sycee_reference"

# What a reply must hold beside the intent itself: the charge, for its receipt, with what it moved, for its fee.
EXPAND = ("latest_charge.balance_transaction",)

_METADATA = "metadata."

# Stripe reads square brackets in a key as structure.
_NO_BRACKETS = str.maketrans("[]", "()")


def stored_request(wish: Wish, default_return_url: str) -> Mapping[str, str]:
    """What an attempt keeps of a wish. Stripe asks for a page to return to wherever a challenge can follow, which we cannot know before.

    An empty text is left out: to Stripe it means to unset the parameter, which a creation may not ask for.
    """
    fields = {
        "payment_method": wish.token,
        "capture_method": wish.capture_method.value,
        "confirmation_method": wish.confirmation_method.value,
        "description": wish.description,
        "receipt_email": wish.receipt_email,
        "return_url": wish.return_url or default_return_url,
        "customer": wish.gateway_customer_id,
        "setup_future_usage": wish.setup_future_usage and wish.setup_future_usage.value,
        "off_session": "true" if wish.off_session else None,
    }
    request = {name: value for name, value in fields.items() if value}
    return request | {_METADATA + key: value for key, value in wish.metadata.items()}


def create_params(attempt: Attempt) -> "PaymentIntentCreateParams":
    """The parameters of an attempt to authorise. The same attempt gives the same bytes on the wire for ever: Stripe compares them under an idempotency key."""
    request = attempt.request
    metadata = {
        name.removeprefix(_METADATA).translate(_NO_BRACKETS): request[name]
        for name in sorted(request)
        if name.startswith(_METADATA)
    }
    params: PaymentIntentCreateParams = {
        "amount": to_stripe(attempt.money),
        "currency": attempt.money.currency.lower(),
        "confirm": True,
        "allowed_payment_method_types": ["card"],
        "payment_method": request["payment_method"],
        "capture_method": request["capture_method"],
        "confirmation_method": request["confirmation_method"],
        "return_url": request["return_url"],
        "metadata": metadata | {REFERENCE_KEY: attempt.reference},
        "expand": list(EXPAND),
    }
    if "customer" in request:
        params["customer"] = request["customer"]
    if request.get("setup_future_usage") == "on_session":
        params["setup_future_usage"] = "on_session"
    if request.get("setup_future_usage") == "off_session":
        params["setup_future_usage"] = "off_session"
    if "off_session" in request:
        params["off_session"] = True
    if "description" in request:
        params["description"] = request["description"]
    if "receipt_email" in request:
        params["receipt_email"] = request["receipt_email"]
    return params


def payout_params(payout: Payout) -> "PayoutCreateParams":
    """The parameters of a payout to the account's own bank: the same bytes for ever, too."""
    assert payout.reference is not None, "only what was asked for here is sent from here"
    return {
        "amount": to_stripe(payout.money),
        "currency": payout.money.currency.lower(),
        "metadata": {REFERENCE_KEY: payout.reference},
    }


def refund_params(refund: Refund, intent_id: str) -> "RefundCreateParams":
    """The parameters of a refund: the same bytes for ever, too."""
    metadata = {key.translate(_NO_BRACKETS): refund.metadata[key] for key in sorted(refund.metadata)}
    params: RefundCreateParams = {
        "payment_intent": intent_id,
        "amount": to_stripe(refund.money),
        "metadata": metadata | {REFERENCE_KEY: refund.reference},
    }
    if refund.reason is not None:
        params["reason"] = refund.reason.value
    return params
