"""A field of the request that cannot be accepted."""

from server.domain.errors.refusal import FieldError


class ValidationError(FieldError):
    """A field that is missing or does not parse."""

    reason = "VALIDATION_ERROR"


class InvalidAmount(FieldError):
    """An amount that is not positive, or that the currency or the gateway cannot express, or that passes what may be captured."""

    reason = "INVALID_AMOUNT"


class RefundAmountInvalid(FieldError):
    """A refund that would pass what was captured and is not refunded yet."""

    reason = "REFUND_AMOUNT_INVALID"


class InvalidCurrency(FieldError):
    """A currency that is not of ISO 4217, or that the gateway does not take."""

    reason = "INVALID_CURRENCY"


class InvalidPaymentMethod(FieldError):
    """A card or payment method that cannot be used."""

    reason = "INVALID_PAYMENT_METHOD"
