"""What does not exist, or not for the one who asks."""

from server.domain.errors.refusal import DomainError


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
        super().__init__("no such saved payment method")


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


class PayoutNotFound(DomainError):
    """No such payout; another merchant's payout does not exist either."""

    reason = "PAYOUT_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("no such payout")


class PaymentIntentNotFound(DomainError):
    """No such payment intent."""

    reason = "PAYMENT_INTENT_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("no such payment intent")


class OrderNotFound(DomainError):
    """No such order; another user's order does not exist either."""

    reason = "ORDER_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("no such order")


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
