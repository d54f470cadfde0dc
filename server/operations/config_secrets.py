"""The versions of gateways' configurations with their secrets: sealed when they are stored, and opened for whoever uses them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.ids import Ids
from server.domain.payment_config import ConfigVersion, PaymentConfig
from server.domain.ports import Transaction
from server.domain.vault import Vault


@dataclass(frozen=True, slots=True, repr=False)
class OpenVersion:
    """A version's settings by name; it has no representation that could reach a log."""

    public: Mapping[str, str]
    secret: Mapping[str, str]

    @property
    def settings(self) -> dict[str, str]:
        """All of them."""
        return {**self.public, **self.secret}


class ConfigSecrets:
    """The one way to a configuration's secrets."""

    def __init__(self, vault: Vault, ids: Ids) -> None:
        self._vault = vault
        self._ids = ids

    def store(self, tx: Transaction, config: PaymentConfig, opened: OpenVersion) -> None:
        """Stores the settings as the configuration's current version, for good."""
        data_key = self._vault.new_data_key(config.merchant_id, self._ids.new(), config.updated_at)
        plain = json.dumps(dict(opened.secret)).encode()
        sealed = self._vault.seal(data_key, plain, _bound_to(config.merchant_id, config.gateway, config.version))
        tx.data_keys.insert(data_key)
        tx.payment_configs.add_version(
            ConfigVersion(
                merchant_id=config.merchant_id,
                gateway=config.gateway,
                version=config.version,
                public=opened.public,
                data_key_id=data_key.id,
                sealed=sealed,
                created_at=config.updated_at,
            )
        )

    def read(self, tx: Transaction, merchant_id: str, gateway: str, version: int) -> OpenVersion:
        """The settings of a version that is known to exist. Raises UnknownEncryptionKey, SealBroken."""
        stored = tx.payment_configs.version(merchant_id, gateway, version)
        assert stored is not None, "a version is never removed"
        data_key = tx.data_keys.get(merchant_id, stored.data_key_id)
        plain = self._vault.unseal(data_key, stored.sealed, _bound_to(merchant_id, gateway, version))
        return OpenVersion(stored.public, json.loads(plain))


def _bound_to(merchant_id: str, gateway: str, version: int) -> tuple[str, ...]:
    return "payment_config", merchant_id, gateway, str(version)
