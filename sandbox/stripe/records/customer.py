"""Stripe's Customer."""

from dataclasses import dataclass, field
from typing import ClassVar

from sandbox.json_types import Json, Resource
from sandbox.stripe.records.record import Record


@dataclass
class Customer(Record):
    KIND: ClassVar[str] = "customer"
    NOUN: ClassVar[str] = "customer"

    invoice_prefix: str
    metadata: dict[str, str] = field(default_factory=dict)
    address: Json = None
    description: str | None = None
    email: str | None = None
    name: str | None = None
    phone: str | None = None
    preferred_locales: list[str] = field(default_factory=list)
    shipping: Json = None
    default_payment_method: str | None = None
    deleted: bool = False

    def resource(self) -> Resource:
        if self.deleted:
            return {"id": self.id, "object": self.KIND, "deleted": True}
        return {
            "id": self.id,
            "object": self.KIND,
            "address": self.address,
            "balance": 0,
            "created": self.created,
            "currency": None,
            "customer_account": None,
            "default_source": None,
            "delinquent": False,
            "description": self.description,
            "discount": None,
            "email": self.email,
            "invoice_prefix": self.invoice_prefix,
            "invoice_settings": {
                "custom_fields": None,
                "default_payment_method": self.default_payment_method,
                "footer": None,
                "rendering_options": None,
            },
            "livemode": False,
            "metadata": self.metadata,
            "name": self.name,
            "next_invoice_sequence": 1,
            "phone": self.phone,
            "preferred_locales": self.preferred_locales,
            "shipping": self.shipping,
            "tax_exempt": "none",
            "test_clock": None,
        }
