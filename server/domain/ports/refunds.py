"""Where refunds are kept."""

from typing import Protocol
from uuid import UUID

from server.domain.refund import Refund


class Refunds(Protocol):
    """Refunds. To change one, its payment is locked first."""

    def insert(self, refund: Refund) -> None:
        """Stores a new refund. Raises UniqueViolation when the id or the reference is taken."""
        ...

    def update(self, refund: Refund) -> None:
        """Stores what became of a refund."""
        ...

    def find(self, merchant_id: str, refund_id: UUID) -> Refund | None:
        """The refund of that id, if there is one."""
        ...

    def find_by_reference(self, merchant_id: str, gateway: str, reference: str) -> Refund | None:
        """The refund with our number at a gateway, if there is one."""
        ...

    def find_by_gateway_id(self, merchant_id: str, gateway: str, gateway_refund_id: str) -> Refund | None:
        """The refund with the gateway's own number, if there is exactly one: not every gateway numbers each refund apart."""
        ...
