"""Where gateways' configurations are kept, and the keys that their secrets are encrypted under."""

from collections.abc import Sequence
from typing import Protocol
from uuid import UUID

from server.domain.payment_config import ConfigVersion, PaymentConfig
from server.domain.vault import DataKey


class PaymentConfigs(Protocol):
    """Gateways' configurations."""

    def find(self, merchant_id: str, gateway: str) -> PaymentConfig | None:
        """Where the merchant's configuration of a gateway stands, if there is one."""
        ...

    def lock(self, merchant_id: str, gateway: str) -> PaymentConfig | None:
        """Like `find`, and nobody else saves it before this transaction ends. Where there is none, a second one to insert it starts over."""
        ...

    def list(self, merchant_id: str) -> Sequence[PaymentConfig]:
        """The merchant's configurations in the order in which they were first saved."""
        ...

    def everybodys(self) -> Sequence[PaymentConfig]:
        """Every merchant's configurations, for what the service does by itself; by merchant and gateway."""
        ...

    def next_id(self, merchant_id: str) -> int:
        """The merchant's next number for a configuration."""
        ...

    def insert(self, config: PaymentConfig) -> None:
        """Stores a new configuration."""
        ...

    def update(self, config: PaymentConfig) -> None:
        """Stores which version is current and whether the gateway is on."""
        ...

    def add_version(self, version: ConfigVersion) -> None:
        """Stores a version, for good. Its data key must be there."""
        ...

    def version(self, merchant_id: str, gateway: str, number: int) -> ConfigVersion | None:
        """A version, if there is one."""
        ...


class DataKeys(Protocol):
    """The keys that single texts are encrypted under, each wrapped under a key of the operator's."""

    def insert(self, key: DataKey) -> None:
        """Stores a key."""
        ...

    def get(self, merchant_id: str, key_id: UUID) -> DataKey:
        """The key of that id, which something stored refers to."""
        ...

    def wrapped_otherwise(self, key_id: str, limit: int) -> Sequence[DataKey]:
        """Some keys, every merchant's, that are not wrapped under that key of the operator's."""
        ...

    def count_wrapped_otherwise(self, key_id: str) -> int:
        """How many those are."""
        ...

    def replace(self, old: DataKey, new: DataKey) -> bool:
        """Stores how a key is wrapped now; False when that is not `old` any more."""
        ...
