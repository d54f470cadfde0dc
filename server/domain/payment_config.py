"""A merchant's configuration of a gateway: switched on or off, and in versions that never change, so that every attempt keeps the credentials that it was made with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PaymentConfig:
    """Which version of a gateway's configuration is current, and whether the gateway is on. `id` is the merchant's number for it, the same over its versions."""

    id: int
    merchant_id: str
    gateway: str
    version: int
    enabled: bool
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ConfigVersion:
    """What was saved once. `sealed` holds the secret settings, encrypted under a data key of their own; versions count from 1."""

    merchant_id: str
    gateway: str
    version: int
    public: Mapping[str, str]
    data_key_id: UUID
    sealed: bytes = field(repr=False)
    created_at: datetime

    def __post_init__(self) -> None:
        """What was saved never changes."""
        object.__setattr__(self, "public", MappingProxyType(dict(self.public)))
