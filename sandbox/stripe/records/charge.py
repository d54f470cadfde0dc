"""Stripe's Charge: one try at a card."""

from dataclasses import dataclass, field
from typing import ClassVar

from sandbox.json_types import Json, Resource
from sandbox.stripe.cards.declines import DECLINES
from sandbox.stripe.records.card import CardRecord

_STATEMENT_NAME = "SANDBOX"
_RISK_SCORES = {"normal": 12, "elevated": 70, "highest": 96}


@dataclass
class Charge(CardRecord):
    """`decline` names the entry of `DECLINES` that refused it, if one did."""

    KIND: ClassVar[str] = "charge"
    NOUN: ClassVar[str] = "charge"
    EXPANDABLE: ClassVar[frozenset[str]] = frozenset({"balance_transaction", "customer", "payment_intent", "refunds"})

    amount: int
    currency: str
    payment_intent: str
    payment_method: str
    billing_details: Resource
    receipt_url: str | None
    amount_captured: int = 0
    amount_refunded: int = 0
    balance_transaction: str | None = None
    captured: bool = False
    customer: str | None = None
    decline: str | None = None
    description: str | None = None
    disputed: bool = False
    metadata: dict[str, str] = field(default_factory=dict)
    receipt_email: str | None = None
    released: bool = False
    shipping: Json = None
    statement_descriptor_suffix: str | None = None
    three_d_secure: Resource | None = None
    transfer_group: str | None = None

    @property
    def status(self) -> str:
        return "failed" if self.decline else "succeeded"

    @property
    def unrefunded(self) -> int:
        return self.amount_captured - self.amount_refunded

    @property
    def refunded(self) -> bool:
        return self.released or (self.captured and self.unrefunded == 0)

    def resource(self) -> Resource:
        decline = DECLINES[self.decline] if self.decline else None
        return {
            "id": self.id,
            "object": self.KIND,
            "amount": self.amount,
            "amount_captured": self.amount_captured,
            "amount_refunded": self.amount if self.released else self.amount_refunded,
            "application": None,
            "application_fee": None,
            "application_fee_amount": None,
            "balance_transaction": self.balance_transaction,
            "billing_details": self.billing_details,
            "calculated_statement_descriptor": self._statement(),
            "captured": self.captured,
            "created": self.created,
            "currency": self.currency,
            "customer": self.customer,
            "description": self.description,
            "disputed": self.disputed,
            "failure_balance_transaction": None,
            "failure_code": decline.code if decline else None,
            "failure_message": decline.message if decline else None,
            "fraud_details": {},
            "livemode": False,
            "metadata": self.metadata,
            "on_behalf_of": None,
            "outcome": self._outcome(),
            "paid": decline is None,
            "payment_intent": self.payment_intent,
            "payment_method": self.payment_method,
            "payment_method_details": {
                "card": self.card.on_charge(self.amount, decline is None, self.three_d_secure),
                "type": "card",
            },
            "radar_options": {},
            "receipt_email": self.receipt_email,
            "receipt_number": None,
            "receipt_url": self.receipt_url,
            "refunded": self.refunded,
            "review": None,
            "shipping": self.shipping,
            "source": None,
            "source_transfer": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": self.statement_descriptor_suffix,
            "status": self.status,
            "transfer_data": None,
            "transfer_group": self.transfer_group,
        }

    def _statement(self) -> str:
        suffix = self.statement_descriptor_suffix
        return f"{_STATEMENT_NAME}* {suffix}" if suffix else _STATEMENT_NAME

    def _outcome(self) -> Resource:
        risk: Resource = {
            "risk_level": self.card.behaviour.risk_level,
            "risk_score": _RISK_SCORES[self.card.behaviour.risk_level],
        }
        if self.decline is None:
            return {
                "advice_code": None,
                "network_advice_code": None,
                "network_decline_code": None,
                "network_status": "approved_by_network",
                "reason": None,
                **risk,
                "seller_message": "Payment complete.",
                "type": "authorized",
            }
        decline = DECLINES[self.decline]
        blocked = self.card.behaviour.blocked
        return {
            "advice_code": decline.advice_code,
            "network_advice_code": None,
            "network_decline_code": None,
            "network_status": "not_sent_to_network" if blocked else "declined_by_network",
            "reason": "highest_risk_level" if blocked else decline.reason,
            **risk,
            "seller_message": (
                "Stripe blocked this payment as too risky."
                if blocked
                else "The bank did not return any further details with this decline."
            ),
            "type": "blocked" if blocked else "issuer_declined",
        }
