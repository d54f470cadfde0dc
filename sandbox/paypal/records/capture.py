"""PayPal's capture: a payment that the merchant has taken."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.json_types import Resource
from sandbox.paypal.errors import link
from sandbox.paypal.money import fee, money
from sandbox.paypal.records.protection import SELLER_PROTECTION
from sandbox.paypal.records.record import Record, Site
from sandbox.paypal.times import timestamp

_TAKEN = ("COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED")


@dataclass
class Capture(Record):
    """Amounts are in the currency's smallest unit; `funding` is what the buyer paid with; `refunded` counts pending refunds too."""

    KIND: ClassVar[str] = "capture"

    order_id: str
    currency: str
    amount: int
    status: str
    updated: int
    funding: str
    final: bool = True
    authorization_id: str | None = None
    invoice_id: str | None = None
    custom_id: str | None = None
    refunded: int = 0

    @property
    def is_taken(self) -> bool:
        return self.status in _TAKEN

    @property
    def fee(self) -> int:
        return fee(self.amount, self.currency)

    def resource(self, site: Site) -> Resource:
        shown: Resource = {"id": self.id, "status": self.status}
        if self.status == "PENDING":
            shown["status_details"] = {"reason": "ECHECK"}
        shown |= {
            "amount": money(self.amount, self.currency),
            "final_capture": self.final,
            "seller_protection": SELLER_PROTECTION,
            "seller_receivable_breakdown": self._breakdown(),
            "create_time": timestamp(self.created),
            "update_time": timestamp(self.updated),
            "supplementary_data": {"related_ids": self._related()},
            "payee": site.payee,
            "links": self._links(site),
        }
        for name in ("invoice_id", "custom_id"):
            if (value := getattr(self, name)) is not None:
                shown[name] = value
        return shown

    def _breakdown(self) -> Resource:
        gross: Resource = {"gross_amount": money(self.amount, self.currency)}
        if not self.is_taken:
            return gross
        return {
            **gross,
            "paypal_fee": money(self.fee, self.currency),
            "net_amount": money(self.amount - self.fee, self.currency),
        }

    def _related(self) -> Resource:
        order: Resource = {"order_id": self.order_id}
        return order if self.authorization_id is None else {**order, "authorization_id": self.authorization_id}

    def _links(self, site: Site) -> list[Resource]:
        own = f"{site.base_url}/v2/payments/captures/{self.id}"
        parent = (
            f"/v2/checkout/orders/{self.order_id}"
            if self.authorization_id is None
            else f"/v2/payments/authorizations/{self.authorization_id}"
        )
        return [link(own, "self"), link(f"{own}/refund", "refund", "POST"), link(site.base_url + parent, "up")]
