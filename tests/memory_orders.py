"""The mall's orders in memory, with their lists."""

from collections.abc import Mapping
from uuid import UUID

from server.domain.errors import OrderNotFound
from server.domain.listing import OrderQuery, Page
from server.domain.order import Order
from server.domain.payment import Payment
from server.domain.ports import UniqueViolation
from tests.memory_pages import newest_first
from tests.memory_payments import add_row


class MemoryOrders:
    def __init__(self, rows: dict[int, Order], payments: Mapping[UUID, Payment]) -> None:
        self._rows = rows
        self._payments = payments

    def next_id(self, merchant_id: str) -> int:
        return max((row.id for row in self._rows.values() if row.merchant_id == merchant_id), default=0) + 1

    def insert(self, order: Order) -> None:
        if any(row.order_no == order.order_no for row in self._rows.values()):
            raise UniqueViolation("uq_orders_order_no")
        if self.find(order.merchant_id, order.uuid) is not None:
            raise UniqueViolation("uq_orders_uuid")
        add_row(self._rows, order.id, order, "pk_orders")

    def update(self, order: Order) -> None:
        assert order.id in self._rows, "an order is inserted before it is updated"
        assert order.payment_id is None or order.payment_id in self._payments, (
            "an order refers to a payment that is stored"
        )
        self._rows[order.id] = order

    def get(self, merchant_id: str, order_id: int) -> Order:
        order = self._rows.get(order_id)
        if order is None or order.merchant_id != merchant_id:
            raise OrderNotFound
        return order

    def lock(self, merchant_id: str, order_id: int) -> Order:
        # Transactions run one after the other, so every read is a locked one.
        return self.get(merchant_id, order_id)

    def find(self, merchant_id: str, uuid: UUID) -> Order | None:
        return next((row for row in self._rows.values() if (row.merchant_id, row.uuid) == (merchant_id, uuid)), None)

    def list(self, merchant_id: str, query: OrderQuery) -> Page[Order]:
        wanted = (row for row in self._rows.values() if row.merchant_id == merchant_id and _fits(row, query))
        return newest_first(wanted, query, lambda row: row.uuid)


def _fits(order: Order, query: OrderQuery) -> bool:
    wanted = query.filter
    return wanted.user_id in (None, order.user_id) and wanted.status in (None, order.status)
