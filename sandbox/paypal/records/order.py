"""PayPal's order: what a buyer is asked to pay, and how far that has come."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, Self

import orjson

from sandbox.json_types import Json, Resource
from sandbox.paypal.errors import link
from sandbox.paypal.records.record import Record, Site

Funding = Literal["balance", "declined", "echeck", "returned_echeck"]
"""What the buyer pays with: money that is there, a card that will be declined, a bank transfer that takes days, or one that fails then."""


@dataclass
class Unit:
    """A purchase unit; `amount` is in the currency's smallest unit, what has no meaning here is in `told`."""

    reference_id: str
    amount: int
    breakdown: Json = None
    description: str | None = None
    custom_id: str | None = None
    invoice_id: str | None = None
    soft_descriptor: str | None = None
    told: dict[str, Json] = field(default_factory=dict)
    authorization: str | None = None
    capture: str | None = None


@dataclass
class Order(Record):
    """`reference` is the first unit's invoice id; `expired` says that it was voided because nobody approved it in time."""

    KIND: ClassVar[str] = "order"

    intent: str
    currency: str
    units: list[Unit]
    status: str
    updated: int
    reference: str | None
    return_url: str | None = None
    cancel_url: str | None = None
    brand_name: str | None = None
    by_payment_source: bool = False
    funding: Funding | None = None
    expired: bool = False

    @classmethod
    def load(cls, stored: str) -> Self:
        fields = orjson.loads(stored)
        return cls(**{**fields, "units": [Unit(**unit) for unit in fields["units"]]})

    @property
    def amount(self) -> int:
        return sum(unit.amount for unit in self.units)

    @property
    def awaits_buyer(self) -> bool:
        """A buyer whose funding was declined may choose another one."""
        return self.status in ("CREATED", "PAYER_ACTION_REQUIRED") or (
            self.status == "APPROVED" and self.funding == "declined"
        )

    def approval_url(self, site: Site) -> str:
        return f"{site.base_url}/checkoutnow?token={self.id}"

    def links(self, site: Site) -> list[Resource]:
        own = f"{site.base_url}/v2/checkout/orders/{self.id}"
        next_call = self.intent.lower()
        match self.status:
            case "CREATED":
                return [
                    link(own, "self"),
                    link(self.approval_url(site), "approve"),
                    link(own, "update", "PATCH"),
                    link(f"{own}/{next_call}", next_call, "POST"),
                ]
            case "PAYER_ACTION_REQUIRED":
                return [link(own, "self"), link(self.approval_url(site), "payer-action")]
            case "APPROVED":
                return [link(own, "self"), link(own, "update", "PATCH"), link(f"{own}/{next_call}", next_call, "POST")]
            case _:
                return [link(own, "self")]
