"""Disputes: stored, changed while their payment is locked, found by the gateway's number and listed newest first."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.dispute import Dispute
from server.domain.errors import DisputeNotFound
from server.domain.listing import Cursor, DisputeFilter, DisputeQuery, Page
from server.storage.prepared import Prepared
from server.storage.repositories.dispute_rows import dispute_of_row, row_of_dispute
from server.storage.repositories.newest_first import NewestFirst, Wanted
from server.storage.session import Session
from server.storage.tables import disputes

_columns = disputes.c
_INSERT = Prepared(disputes.insert())

_CHANGES = (
    *("amount_minor", "status", "reason", "rank", "updated_at", "evidence", "evidence_due_by"),
    *("sequence", "taken_minor", "returned_minor", "fee_minor", "returned_fee_minor", "movements"),
)
_UPDATE = Prepared(
    disputes.update()
    .where(_columns.merchant_id == bindparam("of_merchant"), _columns.id == bindparam("of_id"))
    .values({_columns[name]: bindparam(name) for name in _CHANGES})
)

_OF_MERCHANT = _columns.merchant_id == bindparam("merchant_id")
_BY_ID = Prepared(sa.select(disputes).where(_OF_MERCHANT, _columns.id == bindparam("dispute_id")))
_BY_GATEWAY_ID = Prepared(
    sa.select(disputes).where(
        _OF_MERCHANT,
        _columns.gateway == bindparam("gateway"),
        _columns.gateway_dispute_id == bindparam("gateway_dispute_id"),
    )
)
_LIST = NewestFirst(
    disputes,
    _columns.id,
    {
        "status": _columns.status == bindparam("status"),
        "payment_id": _columns.payment_id == bindparam("payment_id"),
        "gateway": _columns.gateway == bindparam("gateway"),
        "created_after": _columns.created_at > bindparam("created_after"),
        "created_before": _columns.created_at < bindparam("created_before"),
    },
)


class DisputeRepository:
    """Disputes, each visible to its merchant alone."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def insert(self, dispute: Dispute) -> None:
        """Store a new dispute. Raises UniqueViolation when the gateway's number for it is stored already."""
        self._session.run(_INSERT, row_of_dispute(dispute))

    def update(self, dispute: Dispute) -> None:
        """Store what became of a dispute. Raises LookupError when it is not stored."""
        row = row_of_dispute(dispute)
        changes = {name: row[name] for name in _CHANGES}
        changes |= {"of_merchant": dispute.merchant_id, "of_id": dispute.id}
        if self._session.run(_UPDATE, changes) != 1:
            raise LookupError(f"no dispute {dispute.id}")

    def get(self, merchant_id: str, dispute_id: UUID) -> Dispute:
        """One dispute. Raises DisputeNotFound."""
        row = self._session.row(_BY_ID, {"merchant_id": merchant_id, "dispute_id": dispute_id})
        if row is None:
            raise DisputeNotFound
        return dispute_of_row(row)

    def find_by_gateway_id(self, merchant_id: str, gateway: str, gateway_dispute_id: str) -> Dispute | None:
        """The dispute with the gateway's own number, if there is one."""
        wanted = {"merchant_id": merchant_id, "gateway": gateway, "gateway_dispute_id": gateway_dispute_id}
        row = self._session.row(_BY_GATEWAY_ID, wanted)
        return None if row is None else dispute_of_row(row)

    def list(self, merchant_id: str, query: DisputeQuery) -> Page[Dispute]:
        """One page, by number with the list's total, or behind a cursor without it."""
        after = query.after.id if query.after else None
        wanted = Wanted(_parameters(query.filter), query.page, query.per_page, after)
        found = _LIST.page(self._session, merchant_id, wanted)
        items = tuple(dispute_of_row(row) for row in found.rows)
        return Page(items, found.total, Cursor(found.next) if found.next else None)


def _parameters(wanted: DisputeFilter) -> dict[str, object]:
    given = {
        "status": wanted.status and wanted.status.value,
        "payment_id": wanted.payment_id,
        "gateway": wanted.gateway,
        "created_after": wanted.created_after,
        "created_before": wanted.created_before,
    }
    return {name: value for name, value in given.items() if value is not None}
