"""Stripe's PaymentMethod, of type card."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from sandbox.json_types import Json, Resource
from sandbox.stripe.records.card import CardRecord

_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
_PERSON = ("email", "name", "phone", "tax_id")


def billing_details(given: Mapping[str, Json] | None) -> Resource:
    """All fields that Stripe shows, with those given filled in."""
    given = given or {}
    address = given.get("address")
    parts: Mapping[str, Json] = address if isinstance(address, Mapping) else {}
    details: Resource = {"address": {name: parts.get(name) or None for name in _ADDRESS}}
    details.update({name: given.get(name) or None for name in _PERSON})
    return details


@dataclass
class PaymentMethod(CardRecord):
    """`consumed` says that it paid without a customer, after which Stripe does not take it again."""

    KIND: ClassVar[str] = "payment_method"
    NOUN: ClassVar[str] = "PaymentMethod"
    EXPANDABLE: ClassVar[frozenset[str]] = frozenset({"customer"})

    billing_details: Resource
    metadata: dict[str, str] = field(default_factory=dict)
    customer: str | None = None
    allow_redisplay: str = "unspecified"
    consumed: bool = False

    def resource(self) -> Resource:
        return {
            "id": self.id,
            "object": self.KIND,
            "allow_redisplay": self.allow_redisplay,
            "billing_details": self.billing_details,
            "card": self.card.on_payment_method(),
            "created": self.created,
            "customer": self.customer,
            "customer_account": None,
            "livemode": False,
            "metadata": self.metadata,
            "type": "card",
        }
