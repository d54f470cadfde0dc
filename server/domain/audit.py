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


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One thing that somebody did. Its id is the operation's id, so that a resumed call finds it; `actor` is the caller's credential."""

    id: UUID
    merchant_id: str
    actor: str
    action: AuditAction
    object_id: UUID
    details: Mapping[str, str]
    created_at: datetime

    def __post_init__(self) -> None:
        """What was written down never changes."""
        object.__setattr__(self, "details", MappingProxyType(dict(self.details)))
