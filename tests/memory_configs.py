"""Gateways' configurations and their keys in memory."""

from collections.abc import Sequence
from uuid import UUID

from server.domain.payment_config import ConfigVersion, PaymentConfig
from server.domain.vault import DataKey
from tests.memory_payments import add_row


class MemoryPaymentConfigs:
    def __init__(
        self, rows: dict[tuple[str, str], PaymentConfig], versions: dict[tuple[str, str, int], ConfigVersion]
    ) -> None:
        self._rows = rows
        self._versions = versions

    def find(self, merchant_id: str, gateway: str) -> PaymentConfig | None:
        return self._rows.get((merchant_id, gateway))

    lock = find

    def list(self, merchant_id: str) -> Sequence[PaymentConfig]:
        return sorted((row for row in self._rows.values() if row.merchant_id == merchant_id), key=lambda row: row.id)

    def everybodys(self) -> Sequence[PaymentConfig]:
        return [row for _, row in sorted(self._rows.items())]

    def next_id(self, merchant_id: str) -> int:
        return 1 + max((row.id for row in self._rows.values() if row.merchant_id == merchant_id), default=0)

    def insert(self, config: PaymentConfig) -> None:
        add_row(self._rows, (config.merchant_id, config.gateway), config, "pk_payment_configs")

    def update(self, config: PaymentConfig) -> None:
        assert (config.merchant_id, config.gateway) in self._rows, "a configuration is inserted before it is updated"
        self._rows[config.merchant_id, config.gateway] = config

    def add_version(self, version: ConfigVersion) -> None:
        key = (version.merchant_id, version.gateway, version.version)
        add_row(self._versions, key, version, "pk_payment_config_versions")

    def version(self, merchant_id: str, gateway: str, number: int) -> ConfigVersion | None:
        return self._versions.get((merchant_id, gateway, number))


class MemoryDataKeys:
    def __init__(self, rows: dict[tuple[str, UUID], DataKey]) -> None:
        self._rows = rows

    def insert(self, key: DataKey) -> None:
        add_row(self._rows, (key.merchant_id, key.id), key, "pk_data_keys")

    def get(self, merchant_id: str, key_id: UUID) -> DataKey:
        return self._rows[merchant_id, key_id]

    def wrapped_otherwise(self, key_id: str, limit: int) -> Sequence[DataKey]:
        return [key for key in self._rows.values() if key.key_id != key_id][:limit]

    def count_wrapped_otherwise(self, key_id: str) -> int:
        return sum(key.key_id != key_id for key in self._rows.values())

    def replace(self, old: DataKey, new: DataKey) -> bool:
        if self._rows[old.merchant_id, old.id] != old:
            return False
        self._rows[old.merchant_id, old.id] = new
        return True
