"""PayPal's authorization: money of a buyer that is held for the merchant."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.json_types import Resource
from sandbox.paypal.errors import link
from sandbox.paypal.money import money
from sandbox.paypal.records.protection import SELLER_PROTECTION
from sandbox.paypal.records.record import Record, Site
from sandbox.paypal.times import timestamp

_OPEN = ("CREATED", "PARTIALLY_CAPTURED")


@dataclass
class Authorization(Record):
    """Amounts are in the currency's smallest unit; `captured` is the sum of `captures` captures."""

    KIND: ClassVar[str] = "authorization"

    order_id: str
    currency: str
    amount: int
    status: str
    updated: int
    expires_at: int
    invoice_id: str | None = None
    custom_id: str | None = None
    captured: int = 0
    captures: int = 0

    @property
    def is_open(self) -> bool:
        return self.status in _OPEN

    def resource(self, site: Site) -> Resource:
        own = f"{site.base_url}/v2/payments/authorizations/{self.id}"
        shown: Resource = {
            "id": self.id,
            "status": self.status,
            "amount": money(self.amount, self.currency),
            "seller_protection": SELLER_PROTECTION,
            "expiration_time": timestamp(self.expires_at),
            "create_time": timestamp(self.created),
            "update_time": timestamp(self.updated),
            "supplementary_data": {"related_ids": {"order_id": self.order_id}},
            "payee": site.payee,
        }
        for name in ("invoice_id", "custom_id"):
            if (value := getattr(self, name)) is not None:
                shown[name] = value
        links = [link(own, "self")]
        if self.is_open:
            links += [link(f"{own}/capture", "capture", "POST"), link(f"{own}/void", "void", "POST")]
        return {**shown, "links": [*links, link(f"{site.base_url}/v2/checkout/orders/{self.order_id}", "up")]}
