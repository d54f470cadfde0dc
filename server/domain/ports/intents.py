"""Where payment intents are kept."""

from typing import Protocol
from uuid import UUID

from server.domain.listing import IntentQuery, Page
from server.domain.payment_intent import PaymentIntent


class PaymentIntents(Protocol):
    """Payment intents, each visible to its merchant alone."""

    def insert(self, intent: PaymentIntent) -> None:
        """Stores a new intent. Raises UniqueViolation when the id is taken."""
        ...

    def update(self, intent: PaymentIntent) -> None:
        """Stores a changed intent that this transaction has locked."""
        ...

    def get(self, merchant_id: str, intent_id: UUID) -> PaymentIntent:
        """Raises PaymentIntentNotFound."""
        ...

    def lock(self, merchant_id: str, intent_id: UUID) -> PaymentIntent:
        """Like `get`, and nobody else changes it before this transaction ends. An intent that has a payment is locked after that."""
        ...

    def find(self, merchant_id: str, intent_id: UUID) -> PaymentIntent | None:
        """The intent of that id, if there is one."""
        ...

    def list(self, merchant_id: str, query: IntentQuery) -> Page[PaymentIntent]:
        """A page of the merchant's intents."""
        ...
