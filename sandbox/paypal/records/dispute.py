"""PayPal's dispute: a buyer's claim against a captured payment. Source: the disputes v1 API, `dispute`."""

from dataclasses import dataclass, field
from typing import ClassVar

from sandbox.json_types import Json, Resource
from sandbox.paypal.errors import link
from sandbox.paypal.money import money
from sandbox.paypal.records.record import Record, Site
from sandbox.paypal.times import timestamp

SETTLEMENT = "DISPUTE_SETTLEMENT"
REASONS_TO_MOVE = frozenset({SETTLEMENT, "DISPUTE_SETTLEMENT_FEE", "DISPUTE_FEE", "CHARGEBACK_FEE"})
DEBIT, CREDIT = "DEBIT", "CREDIT"


@dataclass
class Movement:
    """What PayPal has taken from the seller's balance, or put back."""

    type: str
    amount: int
    at: int
    reason: str = SETTLEMENT


@dataclass
class Dispute(Record):
    """`amount` is in the currency's smallest unit; `outcome` is set once it is resolved, `refunded` is what the buyer got by that; `documents` are the files that came with evidence."""

    KIND: ClassVar[str] = "dispute"

    capture_id: str
    order_id: str
    invoice_id: str | None
    custom_id: str | None
    currency: str
    amount: int
    gross: int
    reason: str
    status: str
    due_by: int
    updated: int
    outcome: str | None = None
    refunded: int = 0
    movements: list[dict[str, Json]] = field(default_factory=list)
    evidences: list[dict[str, Json]] = field(default_factory=list)
    documents: list[dict[str, Json]] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        return self.status != "RESOLVED"

    @property
    def waits_for_seller(self) -> bool:
        return self.status == "WAITING_FOR_SELLER_RESPONSE"

    def held(self, *, settlement: bool = True) -> int:
        """What PayPal has taken from the seller and not put back, as the settlement or as fees."""
        moved = [Movement(**each) for each in self.movements]  # type: ignore[arg-type]  # stored from such
        mine = [each for each in moved if (each.reason == SETTLEMENT) is settlement]
        return sum(each.amount if each.type == DEBIT else -each.amount for each in mine)

    def resource(self, site: Site) -> Resource:
        shown: Resource = {
            "dispute_id": self.id,
            "create_time": timestamp(self.created),
            "update_time": timestamp(self.updated),
            "disputed_transactions": [self._transaction(site)],
            "reason": self.reason,
            "status": self.status,
            "dispute_state": STATES[self.status],
            "dispute_amount": money(self.amount, self.currency),
            "dispute_life_cycle_stage": "CHARGEBACK",
            "dispute_channel": "INTERNAL",
            "money_movements": [self._movement(each) for each in self.movements],
            "messages": [],
            "links": self._links(site),
        }
        if self.waits_for_seller:
            shown["seller_response_due_date"] = timestamp(self.due_by)
        if self.evidences:
            shown["evidences"] = list(self.evidences)
        if self.outcome is not None:
            back = money(self.refunded, self.currency)
            shown["dispute_outcome"] = {"outcome_code": self.outcome, "amount_refunded": back}
        return shown

    def _transaction(self, site: Site) -> Resource:
        told: Resource = {
            "seller_transaction_id": self.capture_id,
            "transaction_status": "COMPLETED",
            "gross_amount": money(self.gross, self.currency),
            "buyer": {"name": "John Doe"},
            "seller": {"email": site.email, "merchant_id": site.merchant_id, "name": "Merchant"},
        }
        if self.invoice_id is not None:
            told["invoice_number"] = self.invoice_id
        if self.custom_id is not None:
            told["custom"] = self.custom_id
        return told

    def _movement(self, movement: dict[str, Json]) -> Resource:
        moved = Movement(**movement)  # type: ignore[arg-type]  # stored from one
        return {
            "affected_party": "SELLER",
            "amount": money(moved.amount, self.currency),
            "initiated_time": timestamp(moved.at),
            "type": moved.type,
            "reason": moved.reason,
        }

    def _links(self, site: Site) -> list[Resource]:
        own = f"{site.base_url}/v1/customer/disputes/{self.id}"
        if not self.waits_for_seller:
            return [link(own, "self")]
        acts = ("provide-evidence", "accept-claim")
        return [link(own, "self"), *(link(f"{own}/{act}", act.replace("-", "_"), "POST") for act in acts)]


STATES = {
    "WAITING_FOR_SELLER_RESPONSE": "REQUIRED_ACTION",
    "WAITING_FOR_BUYER_RESPONSE": "REQUIRED_OTHER_PARTY_ACTION",
    "UNDER_REVIEW": "UNDER_PAYPAL_REVIEW",
    "RESOLVED": "RESOLVED",
}
