"""The audit log as its readers see it."""

from server.domain.access import Caller
from server.domain.audit import AuditEntry
from server.domain.listing import AuditQuery, Page
from server.domain.ports import Store


class AuditLog:
    """Shows who changed what."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def list(self, caller: Caller, query: AuditQuery) -> Page[AuditEntry]:
        """A page of the caller's merchant's entries, newest first."""
        return await self._store.read(lambda tx: tx.audit.list(caller.merchant_id, query))
