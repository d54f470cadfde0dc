"""What a payment is for, where it is for something of ours."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from server.domain.payment import Payment
from server.domain.ports import Transaction

Take = Callable[[Transaction, Payment], None]
"""Makes a payment that of what it is for, in the transaction that records it, and raises what forbids that."""


@dataclass(frozen=True, slots=True)
class OrderPlace:
    """The mall order that a payment is for."""

    mall_order_id: int
    reference: str
    take: Take


@dataclass(frozen=True, slots=True)
class IntentPlace:
    """The payment intent that a payment is for; the payment is called `payment_id`."""

    intent_id: UUID
    payment_id: UUID
    take: Take
