"""Why an operation was refused: a reason of the contract, a message for people and facts for programs; never a secret and never the offending value."""

from collections.abc import Mapping, Sequence
from typing import ClassVar
from uuid import UUID


class DomainError(Exception):
    """An operation that was refused. `reason` names a value of the contract's ErrorReason without its prefix."""

    reason: ClassVar[str]

    def __init__(self, message: str, **facts: str) -> None:
        super().__init__(message)
        self.message = message
        self.facts: Mapping[str, str] = facts


class FieldError(DomainError):
    """A field of the request that cannot be accepted; `field` is its path in the request."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.violation = message


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


class GatewayUnsupported(FieldError):
    """A gateway that does not exist."""

    reason = "GATEWAY_UNSUPPORTED"

    def __init__(self, field: str = "gateway") -> None:
        super().__init__(field, "there is no such gateway")


class GatewayNotEnabled(DomainError):
    """A gateway that is not configured or is switched off."""

    reason = "GATEWAY_NOT_ENABLED"

    def __init__(self, gateway: str) -> None:
        super().__init__(f"the gateway {gateway} is not configured or is switched off", gateway=gateway)


class ConfigFieldsMissing(DomainError):
    """A gateway's configuration without required settings; all of them are named."""

    reason = "CONFIG_FIELDS_MISSING"

    def __init__(self, names: Sequence[str]) -> None:
        fields = ", ".join(names)
        super().__init__(f"the configuration lacks {fields}", fields=fields)


class NotSupported(DomainError):
    """A capability that the gateway lacks."""

    reason = "NOT_SUPPORTED"

    def __init__(self, gateway: str, capability: str) -> None:
        super().__init__(f"the gateway {gateway} does not support {capability}", gateway=gateway, capability=capability)


class Unauthenticated(DomainError):
    """No credential, or one that is not valid."""

    reason = "UNAUTHENTICATED"


class PermissionDenied(DomainError):
    """A valid credential that does not allow the call."""

    reason = "PERMISSION_DENIED"


class PaymentNotFound(DomainError):
    """No such payment; another merchant's payment does not exist either."""

    reason = "PAYMENT_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("no such payment")


class RefundNotFound(DomainError):
    """No such refund of that payment."""

    reason = "REFUND_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("no such refund")


class PaymentMethodNotFound(DomainError):
    """No such saved payment method."""

    reason = "PAYMENT_METHOD_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("no such payment method")


class DisputeNotFound(DomainError):
    """No such dispute; another merchant's dispute does not exist either."""

    reason = "DISPUTE_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("no such dispute")


class FileNotFound(DomainError):
    """No such file; another merchant's file does not exist either."""

    reason = "FILE_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("no such file")


class FileTooLarge(DomainError):
    """A file that is larger than is taken."""

    reason = "PAYLOAD_TOO_LARGE"

    def __init__(self, limit_bytes: int) -> None:
        super().__init__(f"a file has at most {limit_bytes} bytes", limit_bytes=str(limit_bytes))


class UnsupportedFile(DomainError):
    """A file that is not of a kind that is taken."""

    reason = "UNSUPPORTED_MEDIA_TYPE"

    def __init__(self) -> None:
        super().__init__("the file is no PDF, PNG or JPEG, whatever its name says")


class InvalidState(DomainError):
    """The payment's state does not allow the call, or another operation on it is in progress."""

    reason = "INVALID_STATE"

    def __init__(self, payment_id: UUID, message: str) -> None:
        super().__init__(message, payment_id=str(payment_id))


class DisputeStateRefused(DomainError):
    """The dispute's state does not allow the call, or evidence for it is on its way."""

    reason = "INVALID_STATE"

    def __init__(self, dispute_id: UUID, message: str) -> None:
        super().__init__(message, dispute_id=str(dispute_id))


class OrderStateRefused(DomainError):
    """The order's state does not allow the call."""

    reason = "INVALID_STATE"

    def __init__(self, order_id: int, message: str) -> None:
        super().__init__(message, order_id=str(order_id))


class PayoutNotFound(DomainError):
    """No such payout; another merchant's payout does not exist either."""

    reason = "PAYOUT_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("no such payout")


class PayoutStateRefused(DomainError):
    """The payout's state does not allow the call, or an earlier order to stop it is under way."""

    reason = "INVALID_STATE"

    def __init__(self, payout_id: UUID, message: str) -> None:
        super().__init__(message, payout_id=str(payout_id))


class PaymentIntentNotFound(DomainError):
    """No such payment intent."""

    reason = "PAYMENT_INTENT_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("no such payment intent")


class IntentStateRefused(DomainError):
    """The payment intent's state does not allow the call."""

    reason = "INVALID_STATE"

    def __init__(self, intent_id: UUID, message: str) -> None:
        super().__init__(message, payment_intent_id=str(intent_id))


class OrderNotFound(DomainError):
    """No such order; another user's order does not exist either."""

    reason = "ORDER_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("no such order")


class AlreadyCaptured(DomainError):
    """The payment is captured already."""

    reason = "ALREADY_CAPTURED"

    def __init__(self, payment_id: UUID) -> None:
        super().__init__("the payment is captured already", payment_id=str(payment_id))


class AlreadyRefunded(DomainError):
    """The payment is refunded in full already, or by what is under way."""

    reason = "ALREADY_REFUNDED"

    def __init__(self, payment_id: UUID) -> None:
        super().__init__("the payment is refunded in full already", payment_id=str(payment_id))


class Declined(DomainError):
    """The issuer said no: to a payment, or to keeping the card."""


class CardDeclined(Declined):
    """The issuer declined the card."""

    reason = "CARD_DECLINED"


class InsufficientFunds(Declined):
    """The card's funds do not suffice."""

    reason = "INSUFFICIENT_FUNDS"


class ExpiredCard(Declined):
    """The card has expired."""

    reason = "EXPIRED_CARD"


class IncorrectCvc(Declined):
    """The card's verification code is wrong."""

    reason = "INCORRECT_CVC"


class ProcessingError(Declined):
    """The gateway could not process the card."""

    reason = "PROCESSING_ERROR"


class GatewayError(DomainError):
    """The gateway refused for a reason that is not the customer's."""

    reason = "GATEWAY_ERROR"


class GatewayUnavailable(DomainError):
    """The gateway could not be reached and nothing was sent."""

    reason = "GATEWAY_UNAVAILABLE"


class GatewayTimedOut(DomainError):
    """The gateway did not tell in time what became of the call; the same call resumes it."""

    reason = "TIMEOUT"


class SignatureInvalid(DomainError):
    """A callback whose signature does not hold, or that nothing can be checked of."""

    reason = "SIGNATURE_INVALID"


class CallbackNotFound(DomainError):
    """No such received callback."""

    reason = "CALLBACK_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("no such callback")


class EventNotFound(DomainError):
    """No such event."""

    reason = "EVENT_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("no such event")


class WebhookEndpointNotFound(DomainError):
    """No such webhook endpoint."""

    reason = "WEBHOOK_ENDPOINT_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("no such webhook endpoint")


class RateLimited(DomainError):
    """Too many calls at a time."""

    reason = "RATE_LIMITED"

    def __init__(self, message: str = "too many calls are under way; repeat later") -> None:
        super().__init__(message)


class IdempotencyKeyInUse(DomainError):
    """The first call with this key is still running."""

    reason = "IDEMPOTENCY_KEY_IN_USE"

    def __init__(self) -> None:
        super().__init__(
            "the first call with this idempotency key is still running; repeat it later under the same key"
        )


class IdempotencyKeyReused(DomainError):
    """The key was used for another request."""

    reason = "IDEMPOTENCY_KEY_REUSED"

    def __init__(self) -> None:
        super().__init__("this idempotency key was used for another request; use a new key")
