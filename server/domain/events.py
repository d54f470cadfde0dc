"""What callers are told of: the documented events, numbered per object."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class EventType(StrEnum):
    """The documented events."""

    PAYMENT_CREATED = "payment.created"
    PAYMENT_SUCCEEDED = "payment.succeeded"
    PAYMENT_FAILED = "payment.failed"
    PAYMENT_CAPTURED = "payment.captured"
    PAYMENT_CANCELED = "payment.canceled"
    REFUND_CREATED = "refund.created"
    REFUND_SUCCEEDED = "refund.succeeded"
    REFUND_FAILED = "refund.failed"
    DISPUTE_CREATED = "dispute.created"
    DISPUTE_UPDATED = "dispute.updated"
    DISPUTE_CLOSED = "dispute.closed"
    PAYOUT_CREATED = "payout.created"
    PAYOUT_PAID = "payout.paid"
    PAYOUT_FAILED = "payout.failed"
    WEBHOOK_ENDPOINT_TEST = "webhook_endpoint.test"
    """Sent to an endpoint to try it; it is kept in no list and in no stream."""


SUBSCRIBABLE = frozenset(kind.value for kind in EventType) - {EventType.WEBHOOK_ENDPOINT_TEST.value}
"""What endpoints and watchers may ask for by name."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event in the outbox. `sequence` counts from 1 per object; `payload` is the object as the contract serialises it at that moment.

    `position` is its place among all of its merchant's events, from 1 and without a gap; None until it is numbered, after the transaction that wrote it.
    """

    id: UUID
    merchant_id: str
    type: EventType
    object_id: UUID
    sequence: int
    payload: bytes
    created_at: datetime
    position: int | None = None
