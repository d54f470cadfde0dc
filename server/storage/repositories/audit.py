"""The audit log: entries are written with the change that they account for; the database itself refuses to change them."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.audit import AuditAction, AuditEntry
from server.storage.prepared import Prepared
from server.storage.session import Session
from server.storage.tables import audit_log

_INSERT = Prepared(audit_log.insert())
_BY_ID = Prepared(
    sa.select(audit_log).where(
        audit_log.c.merchant_id == bindparam("merchant_id"), audit_log.c.id == bindparam("entry_id")
    )
)


class AuditRepository:
    """The audit log."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def append(self, entry: AuditEntry) -> None:
        """Write an entry. Raises UniqueViolation when its operation has one."""
        row = {
            "merchant_id": entry.merchant_id,
            "id": entry.id,
            "actor": entry.actor,
            "action": entry.action.value,
            "object_id": entry.object_id,
            "details": entry.details,
            "created_at": entry.created_at,
        }
        self._session.run(_INSERT, row)

    def find(self, merchant_id: str, entry_id: UUID) -> AuditEntry | None:
        """The entry of that id, if there is one."""
        row = self._session.row(_BY_ID, {"merchant_id": merchant_id, "entry_id": entry_id})
        if row is None:
            return None
        return AuditEntry(
            id=row.id,
            merchant_id=row.merchant_id,
            actor=row.actor,
            action=AuditAction(row.action),
            object_id=row.object_id,
            details=row.details,
            created_at=row.created_at,
        )
