"""Payouts in memory."""

from uuid import UUID

from server.domain.errors import PayoutNotFound
from server.domain.listing import Page, PayoutQuery
from server.domain.payout import Payout
from server.domain.ports import UniqueViolation
from tests.memory_pages import newest_first
from tests.memory_payments import add_row


class MemoryPayouts:
    def __init__(self, rows: dict[UUID, Payout]) -> None:
        self._rows = rows

    def insert(self, payout: Payout) -> None:
        if payout.reference is not None and self._numbered(payout, "reference") is not None:
            raise UniqueViolation("uq_payouts_reference")
        if payout.gateway_payout_id is not None and self._numbered(payout, "gateway_payout_id") is not None:
            raise UniqueViolation("uq_payouts_gateway_number")
        add_row(self._rows, payout.id, payout, "pk_payouts")

    def update(self, payout: Payout) -> None:
        assert payout.id in self._rows, "a payout is inserted before it is updated"
        self._rows[payout.id] = payout

    def get(self, merchant_id: str, payout_id: UUID) -> Payout:
        payout = self.find(merchant_id, payout_id)
        if payout is None:
            raise PayoutNotFound
        return payout

    def find(self, merchant_id: str, payout_id: UUID) -> Payout | None:
        payout = self._rows.get(payout_id)
        return payout if payout is not None and payout.merchant_id == merchant_id else None

    lock = get

    def find_by_reference(self, merchant_id: str, gateway: str, reference: str) -> Payout | None:
        return self._find("reference", (merchant_id, gateway, reference))

    def find_by_gateway_id(self, merchant_id: str, gateway: str, gateway_payout_id: str) -> Payout | None:
        return self._find("gateway_payout_id", (merchant_id, gateway, gateway_payout_id))

    def list(self, merchant_id: str, query: PayoutQuery) -> Page[Payout]:
        wanted = (row for row in self._rows.values() if row.merchant_id == merchant_id and _fits(row, query))
        return newest_first(wanted, query, lambda row: row.id)

    def _numbered(self, payout: Payout, kind: str) -> Payout | None:
        return self._find(kind, (payout.merchant_id, payout.gateway, getattr(payout, kind)))

    def _find(self, kind: str, number: tuple[str, str, str]) -> Payout | None:
        rows = self._rows.values()
        return next((row for row in rows if (row.merchant_id, row.gateway, getattr(row, kind)) == number), None)


def _fits(payout: Payout, query: PayoutQuery) -> bool:
    wanted = query.filter
    return (
        wanted.status in (None, payout.status)
        and wanted.gateway in (None, payout.gateway)
        and (wanted.created_from is None or payout.created_at >= wanted.created_from)
        and (wanted.created_before is None or payout.created_at < wanted.created_before)
    )
