"""The books: postings with their entries; the database itself refuses to change either."""

from datetime import datetime
from uuid import UUID

from server.domain.ledger import Posting
from server.storage.prepared import Prepared
from server.storage.session import Session
from server.storage.tables import ledger_entries, ledger_postings

_INSERT_POSTING = Prepared(ledger_postings.insert())
_INSERT_ENTRY = Prepared(ledger_entries.insert())


class LedgerRepository:
    """The books."""

    def __init__(self, session: Session) -> None:
        self._session = session

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
                "available_on": entry.available_on,
            }
            for line, entry in enumerate(posting.entries, start=1)
        ]
        self._session.run(_INSERT_POSTING, row)
        self._session.run_many(_INSERT_ENTRY, entries)
