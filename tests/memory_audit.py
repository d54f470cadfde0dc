"""The audit log in memory."""

from uuid import UUID

from server.domain.audit import AuditEntry
from server.domain.listing import AuditFilter, AuditQuery, Cursor, Page
from tests.memory_payments import add_row


class MemoryAudit:
    def __init__(self, rows: dict[UUID, AuditEntry]) -> None:
        self._rows = rows

    def append(self, entry: AuditEntry) -> None:
        add_row(self._rows, entry.id, entry, "pk_audit_log")

    def find(self, merchant_id: str, entry_id: UUID) -> AuditEntry | None:
        entry = self._rows.get(entry_id)
        return entry if entry is not None and entry.merchant_id == merchant_id else None

    def list(self, merchant_id: str, query: AuditQuery) -> Page[AuditEntry]:
        mine = [row for row in self._rows.values() if row.merchant_id == merchant_id and _is_wanted(row, query.filter)]
        mine.sort(key=lambda row: (row.created_at, row.id), reverse=True)
        start, total = (query.page - 1) * query.per_page, len(mine)
        if query.after is not None:
            start = 1 + next((at for at, row in enumerate(mine) if row.id == query.after.id), total)
        shown = tuple(mine[start : start + query.per_page])
        more = start + len(shown) < total
        return Page(shown, total if query.after is None else None, Cursor(shown[-1].id) if more and shown else None)


def _is_wanted(entry: AuditEntry, wanted: AuditFilter) -> bool:
    return (
        wanted.actor in (None, entry.actor)
        and wanted.action in (None, entry.action)
        and wanted.object_id in (None, entry.object_id)
        and (wanted.created_after is None or entry.created_at > wanted.created_after)
        and (wanted.created_before is None or entry.created_at < wanted.created_before)
    )
