"""Stripe's Refund."""

from dataclasses import dataclass, field
from typing import ClassVar

from sandbox.json_types import Resource
from sandbox.stripe.records.record import Record


@dataclass
class Refund(Record):
    KIND: ClassVar[str] = "refund"
    NOUN: ClassVar[str] = "refund"
    EXPANDABLE: ClassVar[frozenset[str]] = frozenset(
        {"balance_transaction", "charge", "failure_balance_transaction", "payment_intent"}
    )

    amount: int
    charge: str
    currency: str
    payment_intent: str
    reference: str
    status: str = "succeeded"
    balance_transaction: str | None = None
    failure_balance_transaction: str | None = None
    failure_reason: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    reason: str | None = None

    def resource(self) -> Resource:
        resource: Resource = {
            "id": self.id,
            "object": self.KIND,
            "amount": self.amount,
            "balance_transaction": self.balance_transaction,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "customer": None,
            "customer_account": None,
            "destination_details": {
                "card": {
                    "reference": self.reference,
                    "reference_status": "available",
                    "reference_type": "acquirer_reference_number",
                    "type": "refund",
                },
                "type": "card",
            },
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "payment_method": None,
            "reason": self.reason,
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": self.status,
            "transfer_reversal": None,
        }
        if self.status == "pending":
            resource["pending_reason"] = "processing"
        if self.failure_reason is not None:
            resource["failure_reason"] = self.failure_reason
            resource["failure_balance_transaction"] = self.failure_balance_transaction
        return resource
