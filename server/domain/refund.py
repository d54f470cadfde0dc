"""A refund: captured money on its way back to the customer, under one number at the gateway for ever."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from server.domain.money import Money


class RefundStatus(StrEnum):
    """Where a refund stands."""

    PENDING = "pending"
    """Sent, or about to be; the gateway works on it, or its answer is not known."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"


class RefundReason(StrEnum):
    """Why money is returned."""

    DUPLICATE = "duplicate"
    FRAUDULENT = "fraudulent"
    REQUESTED_BY_CUSTOMER = "requested_by_customer"


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund. It is its own attempt: `reference` is our number for it at the gateway, and whatever is sent again is sent under that."""

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
    failure_reason: str | None = None
    sequence: int = 0

    def __post_init__(self) -> None:
        """A refund's metadata never change."""
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))
