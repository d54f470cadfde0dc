"""Stripe's Token: a card handed over once."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.json_types import Resource
from sandbox.stripe.records.card import CardRecord


@dataclass
class Token(CardRecord):
    KIND: ClassVar[str] = "token"
    NOUN: ClassVar[str] = "token"

    card_id: str
    client_ip: str | None = None
    used: bool = False

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
