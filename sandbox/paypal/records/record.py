"""What all of PayPal's resources have in common: an id, times and a stored form."""

from dataclasses import dataclass
from typing import ClassVar, Self

import orjson

from sandbox.json_types import Resource


@dataclass(frozen=True)
class Site:
    """Where this PayPal is reached, and whose money it is: both stand in every resource."""

    base_url: str
    merchant_id: str
    email: str

    @property
    def payee(self) -> Resource:
        return {"email_address": self.email, "merchant_id": self.merchant_id}


@dataclass
class Record:
    """A resource as it is kept; times are in whole seconds since 1970."""

    KIND: ClassVar[str]

    id: str
    created: int

    def stored(self) -> str:
        return orjson.dumps(self).decode()

    @classmethod
    def load(cls, stored: str) -> Self:
        return cls(**orjson.loads(stored))


MINIMAL = ("id", "status", "links")


def minimal(resource: Resource) -> Resource:
    """What a caller is shown who did not prefer the whole representation."""
    return {name: resource[name] for name in MINIMAL}
