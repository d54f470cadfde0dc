"""Where payments are kept, with their attempts at gateways."""

from typing import Protocol
from uuid import UUID

from server.domain.attempt import Attempt
from server.domain.listing import Page, PaymentQuery
from server.domain.payment import Payment


class Payments(Protocol):
    """Payments with their refunds, each visible to its merchant alone."""

    def insert(self, payment: Payment) -> None:
        """Stores a new payment."""
        ...

    def update(self, payment: Payment) -> None:
        """Stores a changed payment if `payment.version` is still the stored one, and adds one to that. Raises StaleVersion otherwise. Its refunds are stored by themselves."""
        ...

    def get(self, merchant_id: str, payment_id: UUID) -> Payment:
        """Raises PaymentNotFound."""
        ...

    def lock(self, merchant_id: str, payment_id: UUID) -> Payment:
        """Like `get`, and nobody else changes it before this transaction ends."""
        ...

    def list(self, merchant_id: str, query: PaymentQuery) -> Page[Payment]:
        """A page of the merchant's payments."""
        ...

    def find_by_reference(self, merchant_id: str, gateway: str, reference: str) -> Payment | None:
        """The payment that goes by that number of ours at a gateway now, if there is one."""
        ...

    def find_by_gateway_id(self, merchant_id: str, gateway: str, gateway_payment_id: str) -> Payment | None:
        """The payment with the gateway's own number, if there is exactly one."""
        ...

    def count_of_order(self, merchant_id: str, mall_order_id: int, gateway: str) -> int:
        """How many payments a mall order has had at a gateway, whatever became of them."""
        ...


class Attempts(Protocol):
    """Operations at gateways."""

    def insert(self, attempt: Attempt) -> None:
        """Stores a new attempt. Raises UniqueViolation when the payment has one in flight, or the id or the reference is taken."""
        ...

    def update(self, attempt: Attempt) -> None:
        """Stores what became of an attempt."""
        ...

    def find(self, merchant_id: str, attempt_id: UUID) -> Attempt | None:
        """The attempt of that id, if there is one."""
        ...

    def by_reference(self, merchant_id: str, gateway: str, reference: str) -> Attempt | None:
        """The attempt to authorise under that number of ours at a gateway, if there is one."""
        ...

    def latest_authorisation(self, merchant_id: str, payment_id: UUID) -> Attempt:
        """The payment's last attempt to authorise: the one with the latest of its references."""
        ...

    def paying(self, payment: Payment) -> Attempt:
        """The attempt to authorise whose number the payment goes by: the one whose money it has; before there is any, the last one. Raises LookupError."""
        ...

    def tries(self, merchant_id: str, payment_id: UUID) -> int:
        """How many attempts to authorise the payment has had, whatever became of them."""
        ...

    def unknown(self, merchant_id: str, payment_id: UUID) -> Attempt | None:
        """The payment's attempt whose outcome is not known: in flight, or given up for review."""
        ...
