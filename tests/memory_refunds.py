"""Refunds in memory."""

from uuid import UUID

from server.domain.ports import UniqueViolation
from server.domain.refund import Refund
from tests.memory_payments import add_row


class MemoryRefunds:
    def __init__(self, rows: dict[UUID, Refund]) -> None:
        self._rows = rows

    def insert(self, refund: Refund) -> None:
        if self.find_by_reference(refund.merchant_id, refund.gateway, refund.reference) is not None:
            raise UniqueViolation("uq_refunds_reference")
        add_row(self._rows, refund.id, refund, "pk_refunds")

    def update(self, refund: Refund) -> None:
        assert refund.id in self._rows, "a refund is inserted before it is updated"
        self._rows[refund.id] = refund

    def find(self, merchant_id: str, refund_id: UUID) -> Refund | None:
        refund = self._rows.get(refund_id)
        return refund if refund is not None and refund.merchant_id == merchant_id else None

    def find_by_reference(self, merchant_id: str, gateway: str, reference: str) -> Refund | None:
        return self._only([row for row in self._of(merchant_id, gateway) if row.reference == reference])

    def find_by_gateway_id(self, merchant_id: str, gateway: str, gateway_refund_id: str) -> Refund | None:
        return self._only([row for row in self._of(merchant_id, gateway) if row.gateway_refund_id == gateway_refund_id])

    def _of(self, merchant_id: str, gateway: str) -> list[Refund]:
        return [row for row in self._rows.values() if (row.merchant_id, row.gateway) == (merchant_id, gateway)]

    def _only(self, found: list[Refund]) -> Refund | None:
        return found[0] if len(found) == 1 else None
