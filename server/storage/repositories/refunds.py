"""Refunds: stored, changed while their payment is locked, and found by every number they have."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.refund import Refund
from server.storage.prepared import Prepared
from server.storage.repositories.refund_rows import refund_of_row, row_of_refund
from server.storage.session import Session
from server.storage.tables import refunds

_INSERT = Prepared(refunds.insert())

_CHANGES = ("updated_at", "status", "gateway_refund_id", "failure", "failure_reason", "needs_review", "sequence")
_UPDATE = Prepared(
    refunds.update()
    .where(refunds.c.merchant_id == bindparam("of_merchant"), refunds.c.id == bindparam("of_id"))
    .values({refunds.c[name]: bindparam(name) for name in _CHANGES})
)

_OF_MERCHANT = refunds.c.merchant_id == bindparam("merchant_id")
_AT_GATEWAY = (_OF_MERCHANT, refunds.c.gateway == bindparam("gateway"))
_BY_ID = Prepared(sa.select(refunds).where(_OF_MERCHANT, refunds.c.id == bindparam("refund_id")))
_BY_REFERENCE = Prepared(sa.select(refunds).where(*_AT_GATEWAY, refunds.c.reference == bindparam("reference")))
_BY_GATEWAY_ID = Prepared(
    sa.select(refunds).where(*_AT_GATEWAY, refunds.c.gateway_refund_id == bindparam("gateway_refund_id")).limit(2)
)


class RefundRepository:
    """Refunds, each visible to its merchant alone."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def insert(self, refund: Refund) -> None:
        """Store a new refund. Raises UniqueViolation when the id or the reference is taken."""
        self._session.run(_INSERT, row_of_refund(refund))

    def update(self, refund: Refund) -> None:
        """Store what became of a refund; what was asked for stays as it is. Raises LookupError when it is not stored."""
        row = row_of_refund(refund)
        changes = {name: row[name] for name in _CHANGES}
        changes |= {"of_merchant": refund.merchant_id, "of_id": refund.id}
        if self._session.run(_UPDATE, changes) != 1:
            raise LookupError(f"no refund {refund.id}")

    def find(self, merchant_id: str, refund_id: UUID) -> Refund | None:
        """The refund of that id, if there is one."""
        return self._only(_BY_ID, {"merchant_id": merchant_id, "refund_id": refund_id})

    def find_by_reference(self, merchant_id: str, gateway: str, reference: str) -> Refund | None:
        """The refund with our number at a gateway, if there is one."""
        return self._only(_BY_REFERENCE, {"merchant_id": merchant_id, "gateway": gateway, "reference": reference})

    def find_by_gateway_id(self, merchant_id: str, gateway: str, gateway_refund_id: str) -> Refund | None:
        """The refund with the gateway's own number, if there is exactly one."""
        return self._only(
            _BY_GATEWAY_ID,
            {"merchant_id": merchant_id, "gateway": gateway, "gateway_refund_id": gateway_refund_id},
        )

    def _only(self, statement: Prepared, wanted: dict[str, object]) -> Refund | None:
        rows = self._session.rows(statement, wanted)
        return refund_of_row(rows[0]) if len(rows) == 1 else None
