"""The audit log: entries are written with the change that they account for; the database itself refuses to change them."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.audit import AuditEntry
from server.domain.listing import AuditQuery, Page
from server.storage.prepared import Prepared
from server.storage.repositories.audit_list import entry_of_row, list_audit
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
            "object_type": entry.object_type.value,
            "object_id": entry.object_id,
            "details": entry.details,
            "request_id": entry.request_id,
            "created_at": entry.created_at,
        }
        self._session.run(_INSERT, row)

    def find(self, merchant_id: str, entry_id: UUID) -> AuditEntry | None:
        """The entry of that id, if there is one."""
        row = self._session.row(_BY_ID, {"merchant_id": merchant_id, "entry_id": entry_id})
        return None if row is None else entry_of_row(row)

    def list(self, merchant_id: str, query: AuditQuery) -> Page[AuditEntry]:
        """A page of the merchant's entries, newest first."""
        return list_audit(self._session, merchant_id, query)
