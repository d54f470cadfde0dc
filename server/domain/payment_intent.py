"""A payment intent: a wish to be paid that may take several tries; where it stands is what its one payment says."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Self, assert_never
from uuid import UUID

from server.domain.errors import IntentStateRefused
from server.domain.money import Money
from server.domain.outcomes import NextAction
from server.domain.payment import (
    CaptureMethod,
    ConfirmationMethod,
    FutureUsage,
    Payment,
    PaymentMethodKind,
    PaymentStatus,
)

_NOTHING_SENT = "GATEWAY_UNAVAILABLE"


class IntentStatus(StrEnum):
    """Where an intent stands."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class IntentError:
    """Why the last try failed: a code of the contract, and the same in words."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class PaymentIntent:
    """A merchant's wish to be paid, before and over all tries. `kind` is what is paid with; only cards have to be saved before, as `method_id`.

    `payment_id` names its payment once it was confirmed for the first time; from then on every change of it but `begin` is one of that payment's.
    """

    id: UUID
    merchant_id: str
    money: Money
    gateway: str
    kind: PaymentMethodKind
    created_at: datetime
    updated_at: datetime
    capture_method: CaptureMethod = CaptureMethod.AUTOMATIC
    confirmation_method: ConfirmationMethod = ConfirmationMethod.AUTOMATIC
    setup_future_usage: FutureUsage | None = None
    customer_id: UUID | None = None
    method_id: UUID | None = None
    return_url: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    status: IntentStatus = IntentStatus.REQUIRES_PAYMENT_METHOD
    payment_id: UUID | None = None
    gateway_payment_id: str | None = None
    next_action: NextAction | None = None
    error: IntentError | None = None
    canceled_at: datetime | None = None

    def __post_init__(self) -> None:
        """An intent's metadata never change."""
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))

    @property
    def needs_method(self) -> bool:
        """Whether it is paid with something that has to be saved before; the other kinds are chosen with the gateway."""
        return self.kind is PaymentMethodKind.CARD

    @property
    def confirms_itself(self) -> bool:
        """Whether its creation confirms it."""
        automatic = self.confirmation_method is ConfirmationMethod.AUTOMATIC
        return automatic and self.status is IntentStatus.REQUIRES_CONFIRMATION

    def ready(self) -> Self:
        """Has all that it needs to be confirmed."""
        return replace(self, status=IntentStatus.REQUIRES_CONFIRMATION)

    def begin(self, payment: Payment, method_id: UUID | None, return_url: str | None) -> Self:
        """A try begins. Raises IntentStateRefused unless it waits for one."""
        if self.status not in (IntentStatus.REQUIRES_PAYMENT_METHOD, IntentStatus.REQUIRES_CONFIRMATION):
            raise IntentStateRefused(self.id, f"an intent that is {self.status.value} cannot be confirmed")
        return replace(
            self,
            status=IntentStatus.PROCESSING,
            payment_id=payment.id,
            customer_id=payment.customer_id,
            method_id=method_id,
            return_url=return_url,
            gateway_payment_id=payment.gateway_payment_id,
            error=None,
            updated_at=payment.updated_at,
        )

    def follow(self, payment: Payment) -> Self:
        """Stands where its payment says."""
        status = _standing(payment)
        failed = payment.failure_code is not None
        followed = replace(
            self,
            status=status,
            method_id=None if status is IntentStatus.REQUIRES_PAYMENT_METHOD else self.method_id,
            gateway_payment_id=payment.gateway_payment_id,
            next_action=payment.next_action if status is IntentStatus.REQUIRES_ACTION else None,
            error=IntentError(payment.failure_code or "", payment.failure_message or "") if failed else None,
            canceled_at=payment.canceled_at,
        )
        return self if followed == self else replace(followed, updated_at=payment.updated_at)

    def cancel(self, at: datetime) -> Self:
        """Ended before anything was tried."""
        assert self.payment_id is None, "what was tried ends with its payment"
        return replace(self, status=IntentStatus.CANCELED, canceled_at=at, updated_at=at)


def _standing(payment: Payment) -> IntentStatus:
    match payment.status:
        case PaymentStatus.PROCESSING:
            return IntentStatus.PROCESSING
        case PaymentStatus.PENDING if payment.authorised:
            return IntentStatus.REQUIRES_CAPTURE
        case PaymentStatus.PENDING if payment.next_action is not None:
            return IntentStatus.REQUIRES_ACTION
        case PaymentStatus.PENDING if payment.failure_code == _NOTHING_SENT:
            return IntentStatus.REQUIRES_CONFIRMATION
        case PaymentStatus.PENDING:
            return IntentStatus.REQUIRES_PAYMENT_METHOD
        case PaymentStatus.SUCCEEDED | PaymentStatus.REFUNDED:
            return IntentStatus.SUCCEEDED
        case PaymentStatus.CANCELED | PaymentStatus.FAILED:
            return IntentStatus.CANCELED
    assert_never(payment.status)
