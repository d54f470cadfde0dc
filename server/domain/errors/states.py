"""What the state of a thing does not allow."""

from uuid import UUID

from server.domain.errors.refusal import DomainError


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


class PayoutStateRefused(DomainError):
    """The payout's state does not allow the call, or an earlier order to stop it is under way."""

    reason = "INVALID_STATE"

    def __init__(self, payout_id: UUID, message: str) -> None:
        super().__init__(message, payout_id=str(payout_id))


class IntentStateRefused(DomainError):
    """The payment intent's state does not allow the call."""

    reason = "INVALID_STATE"

    def __init__(self, intent_id: UUID, message: str) -> None:
        super().__init__(message, payment_intent_id=str(intent_id))


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
