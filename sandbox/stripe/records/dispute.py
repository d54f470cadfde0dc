"""Stripe's Dispute."""

from dataclasses import dataclass, field
from typing import ClassVar

from sandbox.json_types import Resource
from sandbox.stripe.records.record import Record

_EVIDENCE = (
    "access_activity_log billing_address cancellation_policy cancellation_policy_disclosure cancellation_rebuttal"
    " customer_communication customer_email_address customer_name customer_purchase_ip customer_signature"
    " duplicate_charge_documentation duplicate_charge_explanation duplicate_charge_id product_description receipt"
    " refund_policy refund_policy_disclosure refund_refusal_explanation service_date service_documentation"
    " shipping_address shipping_carrier shipping_date shipping_documentation shipping_tracking_number"
    " uncategorized_file uncategorized_text"
).split()
_REASON_CODES = {
    "fraudulent": "10.4",
    "product_not_received": "13.1",
    "duplicate": "12.6.1",
    "credit_not_processed": "13.7",
}
_OTHER_REASON_CODE = "13.5"


@dataclass
class Dispute(Record):
    """`balance_transactions` are whole resources, because Stripe shows them in full."""

    KIND: ClassVar[str] = "dispute"
    NOUN: ClassVar[str] = "dispute"
    EXPANDABLE: ClassVar[frozenset[str]] = frozenset({"charge", "payment_intent"})

    amount: int
    brand: str
    charge: str
    currency: str
    due_by: int
    payment_intent: str
    reason: str
    status: str
    balance_transactions: list[Resource] = field(default_factory=list)
    evidence: dict[str, str] = field(default_factory=dict)
    submission_count: int = 0
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def is_inquiry(self) -> bool:
        """An inquiry takes no money yet."""
        return self.status.startswith("warning_")

    @property
    def holds_money(self) -> bool:
        """Whether the disputed amount has been taken from the merchant."""
        return not self.is_inquiry and self.status != "won"

    @property
    def is_closed(self) -> bool:
        return self.status in ("won", "lost", "warning_closed")

    def resource(self) -> Resource:
        network_reason = _REASON_CODES.get(self.reason, _OTHER_REASON_CODE)
        return {
            "id": self.id,
            "object": self.KIND,
            "amount": self.amount,
            "balance_transactions": self.balance_transactions,
            "charge": self.charge,
            "created": self.created,
            "currency": self.currency,
            "enhanced_eligibility_types": [],
            "evidence": {**dict.fromkeys(_EVIDENCE), **self.evidence, "enhanced_evidence": {}},
            "evidence_details": {
                "due_by": self.due_by,
                "enhanced_eligibility": {},
                "has_evidence": bool(self.evidence),
                "past_due": False,
                "submission_count": self.submission_count,
                "submission_method": "manual" if self.submission_count else "not_submitted",
            },
            "is_charge_refundable": self.is_inquiry,
            "livemode": False,
            "metadata": self.metadata,
            "payment_intent": self.payment_intent,
            "payment_method_details": {
                "card": {
                    "brand": self.brand,
                    "case_type": "inquiry" if self.is_inquiry else "chargeback",
                    "network": self.brand,
                    "network_reason_code": network_reason,
                },
                "type": "card",
            },
            "reason": self.reason,
            "status": self.status,
        }
