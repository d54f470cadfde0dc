"""A card as the sandbox keeps it: everything but its number and its security code."""

from dataclasses import dataclass, field
from typing import Self

import orjson

from sandbox.json_types import Json, Resource
from sandbox.stripe.cards.behaviour import Behaviour
from sandbox.stripe.cards.catalogue import CARDS
from sandbox.stripe.records.record import Record

_CHECKS = ("address_line1_check", "address_postal_code_check", "cvc_check")


@dataclass
class Card:
    """`published_as` names the test card; `set_up` says that its holder authenticated it for later use."""

    published_as: str
    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str
    funding: str
    country: str
    checks: dict[str, str | None] = field(default_factory=dict)
    set_up: bool = False

    @property
    def behaviour(self) -> Behaviour:
        return CARDS[self.published_as].behaviour

    def checked(self) -> None:
        """Runs the checks that were asked for, as the first authorisation does."""
        for name, state in self.checks.items():
            if state == "unchecked":
                self.checks[name] = self.behaviour.checks.get(name, "pass")

    def on_payment_method(self) -> Resource:
        return {
            "brand": self.brand,
            "checks": self._checks(),
            "country": self.country,
            "display_brand": self.brand,
            "exp_month": self.exp_month,
            "exp_year": self.exp_year,
            "fingerprint": self.fingerprint,
            "funding": self.funding,
            "generated_from": None,
            "last4": self.last4,
            "networks": {"available": [self.brand], "preferred": None},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": True},
            "wallet": None,
        }

    def on_charge(self, amount: int, authorised: bool, three_d_secure: Resource | None) -> Resource:
        """The card in `payment_method_details` of a charge over `amount`."""
        return {
            "amount_authorized": amount if authorised else None,
            "authorization_code": self.fingerprint[:6].upper() if authorised else None,
            "brand": self.brand,
            "checks": self._checks(),
            "country": self.country,
            "exp_month": self.exp_month,
            "exp_year": self.exp_year,
            "extended_authorization": {"status": "disabled"},
            "fingerprint": self.fingerprint,
            "funding": self.funding,
            "incremental_authorization": {"status": "unavailable"},
            "installments": None,
            "last4": self.last4,
            "mandate": None,
            "multicapture": {"status": "unavailable"},
            "network": self.brand,
            "network_token": {"used": False},
            "network_transaction_id": None,
            "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
            "regulated_status": "unregulated",
            "three_d_secure": three_d_secure,
            "wallet": None,
        }

    def on_token(self, card_id: str) -> Resource:
        checks = self._checks()
        address: Resource = {f"address_{part}": None for part in ("city", "country", "line1", "line2", "state", "zip")}
        return {
            "id": card_id,
            "object": "card",
            **address,
            "address_line1_check": checks["address_line1_check"],
            "address_zip_check": checks["address_postal_code_check"],
            "brand": self.brand.title(),
            "country": self.country,
            "cvc_check": checks["cvc_check"],
            "dynamic_last4": None,
            "exp_month": self.exp_month,
            "exp_year": self.exp_year,
            "fingerprint": self.fingerprint,
            "funding": self.funding,
            "last4": self.last4,
            "metadata": {},
            "name": None,
            "networks": {"preferred": None},
            "regulated_status": "unregulated",
            "tokenization_method": None,
        }

    def _checks(self) -> dict[str, Json]:
        return {name: self.checks.get(name) for name in _CHECKS}


@dataclass
class CardRecord(Record):
    """A resource that holds a card."""

    card: Card

    @classmethod
    def load(cls, stored: str) -> Self:
        fields = orjson.loads(stored)
        return cls(**{**fields, "card": Card(**fields["card"])})
