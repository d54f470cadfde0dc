"""PayPal's refund: money of a capture that goes back to the buyer."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.json_types import Resource
from sandbox.paypal.errors import link
from sandbox.paypal.money import money
from sandbox.paypal.records.record import Record, Site
from sandbox.paypal.times import timestamp


@dataclass
class Refund(Record):
    """Amounts are in the currency's smallest unit; `total_refunded` is the capture's sum with this refund."""

    KIND: ClassVar[str] = "refund"

    capture_id: str
    order_id: str
    currency: str
    amount: int
    total_refunded: int
    status: str
    updated: int
    invoice_id: str | None = None
    custom_id: str | None = None
    note_to_payer: str | None = None

    def resource(self, site: Site) -> Resource:
        shown: Resource = {"id": self.id, "status": self.status}
        if self.status == "PENDING":
            shown["status_details"] = {"reason": "ECHECK"}
        shown |= {
            "amount": money(self.amount, self.currency),
            # What PayPal took for the payment it keeps. Source: PayPal's user agreement, "refunds, reversals and chargebacks".
            "seller_payable_breakdown": {
                "gross_amount": money(self.amount, self.currency),
                "paypal_fee": money(0, self.currency),
                "net_amount": money(self.amount, self.currency),
                "total_refunded_amount": money(self.total_refunded, self.currency),
            },
            "payer": site.payee,
            "create_time": timestamp(self.created),
            "update_time": timestamp(self.updated),
            "links": [
                link(f"{site.base_url}/v2/payments/refunds/{self.id}", "self"),
                link(f"{site.base_url}/v2/payments/captures/{self.capture_id}", "up"),
            ],
        }
        for name in ("invoice_id", "custom_id", "note_to_payer"):
            if (value := getattr(self, name)) is not None:
                shown[name] = value
        return shown
