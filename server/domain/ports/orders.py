"""Where the mall's orders are kept."""

from typing import Protocol
from uuid import UUID

from server.domain.listing import OrderQuery, Page
from server.domain.order import Order


class Orders(Protocol):
    """The mall's orders, each visible to its merchant alone."""

    def next_id(self, merchant_id: str) -> int:
        """The next order's id, from 1; without gaps, as it is given back when the transaction fails."""
        ...

    def insert(self, order: Order) -> None:
        """Stores a new order."""
        ...

    def update(self, order: Order) -> None:
        """Stores a changed order that this transaction has locked."""
        ...

    def get(self, merchant_id: str, order_id: int) -> Order:
        """Raises OrderNotFound."""
        ...

    def lock(self, merchant_id: str, order_id: int) -> Order:
        """Like `get`, and nobody else changes it before this transaction ends."""
        ...

    def find(self, merchant_id: str, uuid: UUID) -> Order | None:
        """The order of that UUID, if there is one."""
        ...

    def list(self, merchant_id: str, query: OrderQuery) -> Page[Order]:
        """A page of the merchant's orders."""
        ...
