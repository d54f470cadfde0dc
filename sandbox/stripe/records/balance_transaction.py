"""Stripe's BalanceTransaction: one movement of the merchant's balance."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.json_types import Resource
from sandbox.stripe.records.record import Record

_FEE_PER_MILLE = 29
_FEE_FIXED = 30


def processing_fee(amount: int) -> int:
    """2.9 % and 30, in the currency's smallest unit, a half rounded up."""
    return (amount * _FEE_PER_MILLE + 500) // 1000 + _FEE_FIXED


@dataclass
class BalanceTransaction(Record):
    """Amounts in the currency's smallest unit; `net` is what the balance moves by."""

    KIND: ClassVar[str] = "balance_transaction"
    NOUN: ClassVar[str] = "balance transaction"
    EXPANDABLE: ClassVar[frozenset[str]] = frozenset({"source"})

    amount: int
    currency: str
    type: str
    source: str | None
    available_on: int
    reporting_category: str
    fee: int = 0
    fee_description: str = "Stripe processing fees"
    description: str | None = None

    @property
    def net(self) -> int:
        return self.amount - self.fee

    def resource(self) -> Resource:
        return {
            "id": self.id,
            "object": self.KIND,
            "amount": self.amount,
            "available_on": self.available_on,
            "balance_type": "payments",
            "created": self.created,
            "currency": self.currency,
            "description": self.description,
            "exchange_rate": None,
            "fee": self.fee,
            "fee_details": self._fee_details(),
            "net": self.net,
            "reporting_category": self.reporting_category,
            "source": self.source,
            "status": "pending",
            "type": self.type,
        }

    def shown_at(self, now: int) -> Resource:
        return {**self.resource(), "status": "available" if self.available_on <= now else "pending"}

    def _fee_details(self) -> list[Resource]:
        if not self.fee:
            return []
        detail: Resource = {
            "amount": self.fee,
            "application": None,
            "currency": self.currency,
            "description": self.fee_description,
            "type": "stripe_fee",
        }
        return [detail]
