"""The audit log: what somebody decided by hand, on what grounds; written with the change and never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID


class AuditAction(StrEnum):
    """What was done."""

    PAYMENT_RESOLVE = "payment.resolve"
    REFUND_RESOLVE = "refund.resolve"
    PAYMENT_CONFIG_SAVED = "payment_config.saved"
    PAYMENT_LATE = "payment.late"
    CALLBACK_REJECTED = "callback.rejected"
    CALLBACK_QUARANTINED = "callback.quarantined"
    CALLBACK_REPLAYED = "callback.replayed"
    WEBHOOK_ENDPOINT_CREATED = "webhook_endpoint.created"
    WEBHOOK_ENDPOINT_UPDATED = "webhook_endpoint.updated"
    WEBHOOK_ENDPOINT_DELETED = "webhook_endpoint.deleted"
    WEBHOOK_ENDPOINT_SECRET_ROTATED = "webhook_endpoint.secret_rotated"  # noqa: S105  (a name)
    WEBHOOK_ENDPOINT_DISABLED = "webhook_endpoint.disabled"
    EVENTS_REDELIVERED = "events.redelivered"
    LEDGER_VERIFIED = "ledger.verified"


class AuditObject(StrEnum):
    """What kind of thing it was done to."""

    PAYMENT = "payment"
    REFUND = "refund"
    PAYMENT_CONFIG = "payment_config"
    CALLBACK = "callback"
    WEBHOOK_ENDPOINT = "webhook_endpoint"
    EVENT = "event"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that somebody did. Its id is the operation's id, so that a resumed call finds it; `actor` is the caller's credential. Never holds a secret."""

    id: UUID
    merchant_id: str
    actor: str
    action: AuditAction
    object_type: AuditObject
    object_id: str | None
    details: Mapping[str, str]
    created_at: datetime
    request_id: str | None = None

    def __post_init__(self) -> None:
        """What was written down never changes."""
        object.__setattr__(self, "details", MappingProxyType(dict(self.details)))
