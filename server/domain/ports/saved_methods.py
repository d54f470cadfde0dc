"""Where customers' payment methods are kept."""

from typing import Protocol
from uuid import UUID

from server.domain.listing import Page, SavedMethodQuery
from server.domain.saved_method import SavedMethod


class SavedMethods(Protocol):
    """Customers' payment methods, and what gateways call the customers."""

    def insert(self, method: SavedMethod) -> None:
        """Stores a new one. Raises UniqueViolation when the id is taken, when the gateway's token is saved already, or when the customer would have two defaults."""
        ...

    def update(self, method: SavedMethod) -> None:
        """Stores what became of one. Raises UniqueViolation when the customer would have two defaults."""
        ...

    def find(self, merchant_id: str, method_id: UUID) -> SavedMethod | None:
        """The one of that id, deleted or not, if there is one."""
        ...

    def lock(self, merchant_id: str, method_id: UUID) -> SavedMethod | None:
        """Like `find`, and nobody else changes it before this transaction ends."""
        ...

    def by_token(self, merchant_id: str, gateway: str, token: str) -> SavedMethod | None:
        """The one that is saved under a gateway's token and not deleted, if there is one."""
        ...

    def default_of(self, merchant_id: str, customer_id: UUID) -> SavedMethod | None:
        """The customer's default, locked, if they have one."""
        ...

    def list(self, merchant_id: str, query: SavedMethodQuery) -> Page[SavedMethod]:
        """A page of what a customer can pay with."""
        ...

    def gateway_customer(self, merchant_id: str, customer_id: UUID, gateway: str) -> str | None:
        """What the gateway calls the customer, if it knows them."""
        ...

    def name_customer(self, merchant_id: str, customer_id: UUID, gateway: str, gateway_customer_id: str) -> None:
        """Stores what the gateway calls the customer from now on."""
        ...
