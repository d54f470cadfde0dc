"""Stripe's Token: a card handed over once."""

import json
from dataclasses import dataclass
from typing import ClassVar, Self

from sandbox.json_types import Resource
from sandbox.stripe.records.card import Card
from sandbox.stripe.records.record import Record


@dataclass
class Token(Record):
    KIND: ClassVar[str] = "token"
    NOUN: ClassVar[str] = "token"

    card: Card
    card_id: str
    client_ip: str | None = None
    used: bool = False

    @classmethod
    def load(cls, stored: str) -> Self:
        fields = json.loads(stored)
        return cls(**{**fields, "card": Card(**fields["card"])})

    def resource(self) -> Resource:
        return {
            "id": self.id,
            "object": self.KIND,
            "card": self.card.on_token(self.card_id),
            "client_ip": self.client_ip,
            "created": self.created,
            "livemode": False,
            "type": "card",
            "used": self.used,
        }
