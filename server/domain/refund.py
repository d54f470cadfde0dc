"""A refund: captured money on its way back to the customer, under one number at the gateway for ever; each verb gives the changed refund."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Self
from uuid import UUID

from server.domain.money import Money


class RefundStatus(StrEnum):
    """Where a refund stands."""

    PENDING = "pending"
    """Sent, or about to be; the gateway works on it, or its answer is not known. It holds its amount."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    """The amount is free to be refunded again, under another number. For good."""


class RefundReason(StrEnum):
    """Why money is returned."""

    DUPLICATE = "duplicate"
    FRAUDULENT = "fraudulent"
    REQUESTED_BY_CUSTOMER = "requested_by_customer"


class RefundFailure(StrEnum):
    """In which way a refund failed."""

    NOT_SENT = "not_sent"
    """Provably nothing reached the gateway."""

    REFUSED = "refused"
    """The gateway did not return the money."""

    REVERSED = "reversed"
    """The gateway had returned the money, and it came back: the customer's account was closed, say."""

    RESOLVED = "resolved"
    """An operator found that no money was returned, as the gateway did not tell. Should it tell later that it was, that counts."""


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund. It is its own attempt: `reference` is our number for it at the gateway, and whatever is sent again is sent under that.

    `sequence` is the number of its last event. `needs_review` says that the gateway was asked in vain for so long that a person should find out; it is asked on.
    """

    id: UUID
    merchant_id: str
    payment_id: UUID
    money: Money
    gateway: str
    reference: str
    created_at: datetime
    updated_at: datetime
    reason: RefundReason | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    status: RefundStatus = RefundStatus.PENDING
    gateway_refund_id: str | None = None
    failure: RefundFailure | None = None
    failure_reason: str | None = None
    needs_review: bool = False
    sequence: int = 0

    def __post_init__(self) -> None:
        """A refund's metadata never change."""
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))

    @property
    def pending(self) -> bool:
        """Whether its outcome is not known, or not final."""
        return self.status is RefundStatus.PENDING

    def number(self, gateway_refund_id: str | None, at: datetime) -> Self:
        """The gateway has taken it in, under a number of its own where it gives one now, and works on it."""
        known = gateway_refund_id or self.gateway_refund_id
        return replace(self, gateway_refund_id=known, needs_review=False, updated_at=at)

    def succeed(self, gateway_refund_id: str, at: datetime) -> Self:
        """The money is on its way to the customer."""
        return replace(
            self,
            status=RefundStatus.SUCCEEDED,
            gateway_refund_id=gateway_refund_id,
            failure=None,
            failure_reason=None,
            needs_review=False,
            updated_at=at,
        )

    def fail(self, failure: RefundFailure, message: str, gateway_refund_id: str | None, at: datetime) -> Self:
        """No money left, or it came back."""
        return replace(
            self,
            status=RefundStatus.FAILED,
            gateway_refund_id=gateway_refund_id or self.gateway_refund_id,
            failure=failure,
            failure_reason=message,
            needs_review=False,
            updated_at=at,
        )

    def ask_a_person(self) -> Self:
        """The gateway does not tell. No change that a caller sees: the refund stays pending, and holds its amount."""
        return replace(self, needs_review=True)
