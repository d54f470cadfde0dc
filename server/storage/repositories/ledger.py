"""The books: postings with their entries; the database itself refuses to change either."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from server.domain.ledger import Posting
from server.storage.tables import ledger_entries, ledger_postings

_INSERT_POSTING = ledger_postings.insert()
_INSERT_ENTRY = ledger_entries.insert()


class LedgerRepository:
    """The books."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def post(self, merchant_id: str, posting: Posting, posting_id: UUID, at: datetime) -> None:
        """Write a posting. Raises UniqueViolation when its source has one of that kind."""
        row = {
            "merchant_id": merchant_id,
            "id": posting_id,
            "kind": posting.kind.value,
            "source_id": posting.source_id,
            "gateway": posting.gateway,
            "currency": posting.currency,
            "created_at": at,
        }
        entries = [
            {
                "merchant_id": merchant_id,
                "posting_id": posting_id,
                "line": line,
                "account": entry.account.value,
                "amount_minor": entry.amount_minor,
            }
            for line, entry in enumerate(posting.entries, start=1)
        ]
        self._connection.execute(_INSERT_POSTING, row)
        self._connection.execute(_INSERT_ENTRY, entries)
