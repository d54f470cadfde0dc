"""Where people's decisions are kept."""

from typing import Protocol
from uuid import UUID

from server.domain.audit import AuditEntry
from server.domain.listing import AuditQuery, Page


class Audit(Protocol):
    """What somebody decided by hand. Nothing in it is ever changed."""

    def append(self, entry: AuditEntry) -> None:
        """Writes an entry. Raises UniqueViolation when its operation has one."""
        ...

    def find(self, merchant_id: str, entry_id: UUID) -> AuditEntry | None:
        """The entry of that id, if there is one."""
        ...

    def list(self, merchant_id: str, query: AuditQuery) -> Page[AuditEntry]:
        """A page of the merchant's entries, newest first."""
        ...
