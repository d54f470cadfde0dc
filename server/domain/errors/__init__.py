"""Why an operation was refused: a reason of the contract, a message for people and facts for programs; never a secret and never the offending value."""

from server.domain.errors.access import PermissionDenied, Unauthenticated
from server.domain.errors.calls import IdempotencyKeyInUse, IdempotencyKeyReused, RateLimited
from server.domain.errors.configs import ConfigFieldsMissing, GatewayNotEnabled, GatewayUnsupported, NotSupported
from server.domain.errors.declines import (
    CardDeclined,
    Declined,
    ExpiredCard,
    IncorrectCvc,
    InsufficientFunds,
    ProcessingError,
)
from server.domain.errors.fields import (
    InvalidAmount,
    InvalidCurrency,
    InvalidPaymentMethod,
    RefundAmountInvalid,
    ValidationError,
)
from server.domain.errors.files import FileTooLarge, UnsupportedFile
from server.domain.errors.gateways import GatewayError, GatewayTimedOut, GatewayUnavailable, SignatureInvalid
from server.domain.errors.missing import (
    CallbackNotFound,
    DisputeNotFound,
    EventNotFound,
    FileNotFound,
    OrderNotFound,
    PaymentIntentNotFound,
    PaymentMethodNotFound,
    PaymentNotFound,
    PayoutNotFound,
    RefundNotFound,
    WebhookEndpointNotFound,
)
from server.domain.errors.refusal import DomainError, FieldError
from server.domain.errors.states import (
    AlreadyCaptured,
    AlreadyRefunded,
    DisputeStateRefused,
    IntentStateRefused,
    InvalidState,
    OrderStateRefused,
    PayoutStateRefused,
)

__all__ = [
    "AlreadyCaptured",
    "AlreadyRefunded",
    "CallbackNotFound",
    "CardDeclined",
    "ConfigFieldsMissing",
    "Declined",
    "DisputeNotFound",
    "DisputeStateRefused",
    "DomainError",
    "EventNotFound",
    "ExpiredCard",
    "FieldError",
    "FileNotFound",
    "FileTooLarge",
    "GatewayError",
    "GatewayNotEnabled",
    "GatewayTimedOut",
    "GatewayUnavailable",
    "GatewayUnsupported",
    "IdempotencyKeyInUse",
    "IdempotencyKeyReused",
    "IncorrectCvc",
    "InsufficientFunds",
    "IntentStateRefused",
    "InvalidAmount",
    "InvalidCurrency",
    "InvalidPaymentMethod",
    "InvalidState",
    "NotSupported",
    "OrderNotFound",
    "OrderStateRefused",
    "PaymentIntentNotFound",
    "PaymentMethodNotFound",
    "PaymentNotFound",
    "PayoutNotFound",
    "PayoutStateRefused",
    "PermissionDenied",
    "ProcessingError",
    "RateLimited",
    "RefundAmountInvalid",
    "RefundNotFound",
    "SignatureInvalid",
    "Unauthenticated",
    "UnsupportedFile",
    "ValidationError",
    "WebhookEndpointNotFound",
]
