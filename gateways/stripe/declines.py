"""The one table of Stripe's codes: which are the issuer's no, in the contract's words, and which say that a card is not one."""

from collections.abc import Mapping

from server.domain.outcomes import DeclineReason

# Source: docs.stripe.com/declines/codes and docs.stripe.com/error-codes. Every other code is a plain CARD_DECLINED.
_REASONS: Mapping[str, DeclineReason] = {
    "insufficient_funds": DeclineReason.INSUFFICIENT_FUNDS,
    "expired_card": DeclineReason.EXPIRED_CARD,
    "incorrect_cvc": DeclineReason.INCORRECT_CVC,
    "invalid_cvc": DeclineReason.INCORRECT_CVC,
    "processing_error": DeclineReason.PROCESSING_ERROR,
    "issuer_not_available": DeclineReason.PROCESSING_ERROR,
    "reenter_transaction": DeclineReason.PROCESSING_ERROR,
}

# Where Stripe's own text speaks to developers and not to the customer.
_MESSAGES: Mapping[str, str] = {
    "payment_intent_authentication_failure": "The customer did not pass the authentication of the card.",
}

_DEFAULT_MESSAGE = "The card was declined."
_LONGEST_MESSAGE = 300

# Codes of a card that does not exist as given, with the field below `payment_method` that is wrong.
CARD_FIELDS: Mapping[str, str] = {
    "incorrect_number": "card.number",
    "invalid_number": "card.number",
    "invalid_expiry_month": "card.exp_month",
    "invalid_expiry_year": "card.exp_year",
    "invalid_cvc": "card.cvc",
}

# Parameters of Stripe's that stand for a field of ours, where Stripe's code does not say it.
PARAM_FIELDS: Mapping[str, str] = {
    f"card[{name}]": f"card.{name}" for name in ("number", "exp_month", "exp_year", "cvc")
}


def decline_reason(code: str | None, decline_code: str | None) -> DeclineReason:
    """Why the issuer said no: its own code decides, or else Stripe's."""
    by_stripe = _REASONS.get(code or "", DeclineReason.CARD_DECLINED)
    return _REASONS.get(decline_code or "", by_stripe)


def decline_message(code: str | None, message: str | None) -> str:
    """What the customer may read. Stripe's messages on cards are made for that; `message` is None for any other."""
    return _MESSAGES.get(code or "") or (message or "")[:_LONGEST_MESSAGE] or _DEFAULT_MESSAGE
