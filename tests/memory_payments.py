"""Payments in memory, with their lists."""

from dataclasses import replace
from typing import TypeVar
from uuid import UUID

from server.domain.dispute import Dispute
from server.domain.errors import PaymentNotFound
from server.domain.listing import Cursor, Page, PaymentFilter, PaymentQuery, PaymentSort
from server.domain.payment import Payment
from server.domain.ports import StaleVersion, UniqueViolation
from server.domain.refund import Refund

K = TypeVar("K")
V = TypeVar("V")


class MemoryPayments:
    """Rows are payments without their refunds and disputes, which are rows of their own."""

    def __init__(self, rows: dict[UUID, Payment], refunds: dict[UUID, Refund], disputes: dict[UUID, Dispute]) -> None:
        self._rows = rows
        self._refunds = refunds
        self._disputes = disputes

    def insert(self, payment: Payment) -> None:
        taken = ((row.merchant_id, row.gateway, row.reference) for row in self._rows.values())
        if (payment.merchant_id, payment.gateway, payment.reference) in taken:
            raise UniqueViolation("uq_payments_reference")
        add_row(self._rows, payment.id, _row_of(payment), "pk_payments")

    def update(self, payment: Payment) -> None:
        if self._rows[payment.id].version != payment.version:
            raise StaleVersion
        self._rows[payment.id] = replace(_row_of(payment), version=payment.version + 1)

    def get(self, merchant_id: str, payment_id: UUID) -> Payment:
        payment = self._rows.get(payment_id)
        if payment is None or payment.merchant_id != merchant_id:
            raise PaymentNotFound
        return self._whole(payment)

    def lock(self, merchant_id: str, payment_id: UUID) -> Payment:
        # Transactions run one after the other, so every read is a locked one.
        return self.get(merchant_id, payment_id)

    def find_by_reference(self, merchant_id: str, gateway: str, reference: str) -> Payment | None:
        wanted = (merchant_id, gateway, reference)
        mine = [row for row in self._rows.values() if (row.merchant_id, row.gateway, row.reference) == wanted]
        return self._whole(mine[0]) if mine else None

    def find_by_gateway_id(self, merchant_id: str, gateway: str, gateway_payment_id: str) -> Payment | None:
        wanted = (merchant_id, gateway, gateway_payment_id)
        mine = [row for row in self._rows.values() if (row.merchant_id, row.gateway, row.gateway_payment_id) == wanted]
        return self._whole(mine[0]) if len(mine) == 1 else None

    def count_of_order(self, merchant_id: str, mall_order_id: int, gateway: str) -> int:
        wanted = (merchant_id, mall_order_id, gateway)
        return sum((row.merchant_id, row.mall_order_id, row.gateway) == wanted for row in self._rows.values())

    def list(self, merchant_id: str, query: PaymentQuery) -> Page[Payment]:
        wanted = [row for row in self._rows.values() if row.merchant_id == merchant_id and _fits(row, query.filter)]
        wanted.sort(key=lambda row: _place(_cursor(row, query.sort)), reverse=query.descending)
        rest = [row for row in wanted if _behind(row, query)]
        start = 0 if query.after else (query.page - 1) * query.per_page
        items = tuple(map(self._whole, rest[start : start + query.per_page]))
        more = start + query.per_page < len(rest)
        return Page(
            items, None if query.after else len(wanted), _cursor(items[-1], query.sort) if more and items else None
        )

    def _whole(self, payment: Payment) -> Payment:
        refunds = [row for row in self._refunds.values() if row.payment_id == payment.id]
        disputes = [row for row in self._disputes.values() if row.payment_id == payment.id]
        refunds.sort(key=lambda row: (row.created_at, row.id))
        disputes.sort(key=lambda row: (row.created_at, row.id))
        return replace(payment, refunds=tuple(refunds), disputes=tuple(disputes))


def add_row(rows: dict[K, V], key: K, row: V, constraint: str) -> None:
    """Stores a new row; a key that is taken is a violation of `constraint`."""
    if key in rows:
        raise UniqueViolation(constraint)
    rows[key] = row


def _row_of(payment: Payment) -> Payment:
    assert 0 <= payment.refunded_minor + payment.refunding_minor <= payment.captured_minor, "ck_payments_refunds"
    return replace(payment, refunds=(), disputes=())


def _fits(payment: Payment, wanted: PaymentFilter) -> bool:
    amount, created = payment.money.common_units, payment.created_at
    return (
        wanted.order_id in {None, payment.order_id}
        and wanted.customer_id in {None, payment.customer_id}
        and wanted.gateway in {None, payment.gateway}
        and wanted.status in {None, payment.status}
        and (wanted.min_common_units is None or amount >= wanted.min_common_units)
        and (wanted.max_common_units is None or amount <= wanted.max_common_units)
        and (wanted.created_after is None or created > wanted.created_after)
        and (wanted.created_before is None or created < wanted.created_before)
    )


def _cursor(payment: Payment, sort: PaymentSort) -> Cursor:
    return Cursor(payment.id, payment.money.common_units if sort is PaymentSort.AMOUNT else None)


def _place(cursor: Cursor) -> tuple[int, UUID]:
    return cursor.common_units or 0, cursor.id


def _behind(payment: Payment, query: PaymentQuery) -> bool:
    if query.after is None:
        return True
    place, end = _place(_cursor(payment, query.sort)), _place(query.after)
    return place < end if query.descending else place > end
