"""Stripe's Payout."""

from dataclasses import dataclass, field
from typing import ClassVar

from sandbox.json_types import Resource
from sandbox.stripe.records.record import Record


@dataclass
class Payout(Record):
    KIND: ClassVar[str] = "payout"
    NOUN: ClassVar[str] = "payout"
    EXPANDABLE: ClassVar[frozenset[str]] = frozenset({"balance_transaction", "failure_balance_transaction"})

    amount: int
    arrival_date: int
    currency: str
    destination: str
    status: str = "pending"
    automatic: bool = False
    balance_transaction: str | None = None
    description: str | None = None
    failure_balance_transaction: str | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    method: str = "standard"
    statement_descriptor: str | None = None

    def resource(self) -> Resource:
        return {
            "id": self.id,
            "object": self.KIND,
            "amount": self.amount,
            "application_fee": None,
            "application_fee_amount": None,
            "arrival_date": self.arrival_date,
            "automatic": self.automatic,
            "balance_transaction": self.balance_transaction,
            "created": self.created,
            "currency": self.currency,
            "description": self.description,
            "destination": self.destination,
            "failure_balance_transaction": self.failure_balance_transaction,
            "failure_code": self.failure_code,
            "failure_message": self.failure_message,
            "livemode": False,
            "metadata": self.metadata,
            "method": self.method,
            "original_payout": None,
            "payout_method": None,
            "reconciliation_status": "completed" if self.automatic else "not_applicable",
            "reversed_by": None,
            "source_type": "card",
            "statement_descriptor": self.statement_descriptor,
            "status": self.status,
            "trace_id": None,
            "type": "bank_account",
        }
