"""Where payouts are kept."""

from typing import Protocol
from uuid import UUID

from server.domain.listing import Page, PayoutQuery
from server.domain.payout import Payout


class Payouts(Protocol):
    """Payouts, each visible to its merchant alone."""

    def insert(self, payout: Payout) -> None:
        """Stores a new payout. Raises UniqueViolation when its id or one of its numbers is taken."""
        ...

    def update(self, payout: Payout) -> None:
        """Stores what became of a payout that this transaction has locked; what was asked for stays as it is."""
        ...

    def get(self, merchant_id: str, payout_id: UUID) -> Payout:
        """Raises PayoutNotFound."""
        ...

    def lock(self, merchant_id: str, payout_id: UUID) -> Payout:
        """Like `get`, and nobody else changes it before this transaction ends."""
        ...

    def find(self, merchant_id: str, payout_id: UUID) -> Payout | None:
        """The payout of that id, if there is one."""
        ...

    def find_by_reference(self, merchant_id: str, gateway: str, reference: str) -> Payout | None:
        """The payout with our number at a gateway, if there is one."""
        ...

    def find_by_gateway_id(self, merchant_id: str, gateway: str, gateway_payout_id: str) -> Payout | None:
        """The payout with the gateway's own number, if there is one."""
        ...

    def list(self, merchant_id: str, query: PayoutQuery) -> Page[Payout]:
        """A page of the merchant's payouts."""
        ...
