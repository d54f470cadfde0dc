"""Customers' payment methods in memory."""

from collections.abc import Sequence
from uuid import UUID

from server.domain.listing import Page, SavedMethodQuery
from server.domain.ports import UniqueViolation
from server.domain.saved_method import SavedMethod
from tests.memory_pages import newest_first
from tests.memory_payments import add_row


class MemorySavedMethods:
    def __init__(self, rows: dict[UUID, SavedMethod], customers: dict[tuple[str, UUID, str], str]) -> None:
        self._rows = rows
        self._customers = customers

    def insert(self, method: SavedMethod) -> None:
        if self.by_token(method.merchant_id, method.gateway, method.token) is not None:
            raise UniqueViolation("uq_saved_methods_token")
        self._refuse_second_default(method)
        add_row(self._rows, method.id, method, "pk_saved_methods")

    def update(self, method: SavedMethod) -> None:
        assert method.id in self._rows, "a payment method is inserted before it is updated"
        self._refuse_second_default(method)
        self._rows[method.id] = method

    def find(self, merchant_id: str, method_id: UUID) -> SavedMethod | None:
        method = self._rows.get(method_id)
        return method if method is not None and method.merchant_id == merchant_id else None

    # Transactions run one after the other, so every read is a locked one.
    lock = find

    def by_token(self, merchant_id: str, gateway: str, token: str) -> SavedMethod | None:
        wanted = (merchant_id, gateway, token)
        return next((row for row in self._living() if (row.merchant_id, row.gateway, row.token) == wanted), None)

    def default_of(self, merchant_id: str, customer_id: UUID) -> SavedMethod | None:
        return next((row for row in self._of(merchant_id, customer_id) if row.is_default), None)

    def list(self, merchant_id: str, query: SavedMethodQuery) -> Page[SavedMethod]:
        return newest_first(self._of(merchant_id, query.customer_id), query, lambda row: row.id)

    def gateway_customer(self, merchant_id: str, customer_id: UUID, gateway: str) -> str | None:
        return self._customers.get((merchant_id, customer_id, gateway))

    def name_customer(self, merchant_id: str, customer_id: UUID, gateway: str, gateway_customer_id: str) -> None:
        self._customers[merchant_id, customer_id, gateway] = gateway_customer_id

    def _refuse_second_default(self, method: SavedMethod) -> None:
        default = self.default_of(method.merchant_id, method.customer_id)
        if method.is_default and default is not None and default.id != method.id:
            raise UniqueViolation("uq_saved_methods_default")

    def _living(self) -> Sequence[SavedMethod]:
        return [row for row in self._rows.values() if row.deleted_at is None]

    def _of(self, merchant_id: str, customer_id: UUID) -> Sequence[SavedMethod]:
        return [row for row in self._living() if (row.merchant_id, row.customer_id) == (merchant_id, customer_id)]
