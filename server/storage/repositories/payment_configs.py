"""Gateways' configurations: one row says which version is current, and each version stays as it was saved."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.payment_config import ConfigVersion, PaymentConfig
from server.storage.errors import TryAgain, UniqueViolation
from server.storage.prepared import Prepared, Record
from server.storage.session import Session
from server.storage.tables import payment_config_versions as versions
from server.storage.tables import payment_configs as configs

_OF_MERCHANT = configs.c.merchant_id == bindparam("of_merchant")
_OF_GATEWAY = (_OF_MERCHANT, configs.c.gateway == bindparam("of_gateway"))

_FIND = Prepared(sa.select(configs).where(*_OF_GATEWAY))
# Versions that refer to the row may still be inserted: its key does not change.
_LOCKED = Prepared(sa.select(configs).where(*_OF_GATEWAY).with_for_update(key_share=True))
_LIST = Prepared(sa.select(configs).where(_OF_MERCHANT).order_by(configs.c.id))
_EVERYBODYS = Prepared(sa.select(configs).order_by(configs.c.merchant_id, configs.c.gateway))
_LAST_ID = Prepared(sa.select(sa.func.max(configs.c.id).label("last_id")).where(_OF_MERCHANT))
_INSERT = Prepared(configs.insert())
_UPDATE = Prepared(
    configs.update()
    .where(*_OF_GATEWAY)
    .values({name: bindparam(name) for name in ("version", "enabled", "updated_at")})
)

_ADD_VERSION = Prepared(versions.insert())
_VERSION = Prepared(
    sa.select(versions).where(
        versions.c.merchant_id == bindparam("of_merchant"),
        versions.c.gateway == bindparam("of_gateway"),
        versions.c.version == bindparam("number"),
    )
)


class PaymentConfigRepository:
    """Gateways' configurations, each visible to its merchant alone but for what the service does by itself."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, merchant_id: str, gateway: str) -> PaymentConfig | None:
        """Where the merchant's configuration of a gateway stands, if there is one."""
        row = self._session.row(_FIND, {"of_merchant": merchant_id, "of_gateway": gateway})
        return None if row is None else _config_of(row)

    def lock(self, merchant_id: str, gateway: str) -> PaymentConfig | None:
        """Like `find`, and nobody else saves it before this transaction ends."""
        row = self._session.row(_LOCKED, {"of_merchant": merchant_id, "of_gateway": gateway})
        return None if row is None else _config_of(row)

    def list(self, merchant_id: str) -> Sequence[PaymentConfig]:
        """The merchant's configurations, by their numbers."""
        return [_config_of(row) for row in self._session.rows(_LIST, {"of_merchant": merchant_id})]

    def everybodys(self) -> Sequence[PaymentConfig]:
        """Every merchant's configurations, by merchant and gateway."""
        return [_config_of(row) for row in self._session.rows(_EVERYBODYS, {})]

    def next_id(self, merchant_id: str) -> int:
        """The merchant's next number. Two that take the same one meet when they insert."""
        row = self._session.row(_LAST_ID, {"of_merchant": merchant_id})
        return 1 if row is None or row.last_id is None else int(row.last_id) + 1

    def insert(self, config: PaymentConfig) -> None:
        """Store a new configuration; whoever comes second starts over and finds the first one's."""
        try:
            self._session.run(_INSERT, _row_of(config))
        except UniqueViolation as taken:
            raise TryAgain("another configuration was inserted first") from taken

    def update(self, config: PaymentConfig) -> None:
        """Store which version is current and whether the gateway is on."""
        row = {name: value for name, value in _row_of(config).items() if name in ("version", "enabled", "updated_at")}
        self._session.run(_UPDATE, row | {"of_merchant": config.merchant_id, "of_gateway": config.gateway})

    def add_version(self, version: ConfigVersion) -> None:
        """Store a version, for good."""
        row = {
            "merchant_id": version.merchant_id,
            "gateway": version.gateway,
            "version": version.version,
            "public": version.public,
            "data_key_id": version.data_key_id,
            "sealed": version.sealed,
            "created_at": version.created_at,
        }
        self._session.run(_ADD_VERSION, row)

    def version(self, merchant_id: str, gateway: str, number: int) -> ConfigVersion | None:
        """A version, if there is one."""
        of = {"of_merchant": merchant_id, "of_gateway": gateway, "number": number}
        row = self._session.row(_VERSION, of)
        return None if row is None else _version_of(row)


def _row_of(config: PaymentConfig) -> dict[str, object]:
    return {
        "merchant_id": config.merchant_id,
        "gateway": config.gateway,
        "id": config.id,
        "version": config.version,
        "enabled": config.enabled,
        "created_at": config.created_at,
        "updated_at": config.updated_at,
    }


def _config_of(row: Record) -> PaymentConfig:
    return PaymentConfig(
        id=row.id,
        merchant_id=row.merchant_id,
        gateway=row.gateway,
        version=row.version,
        enabled=row.enabled,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def _version_of(row: Record) -> ConfigVersion:
    return ConfigVersion(
        merchant_id=row.merchant_id,
        gateway=row.gateway,
        version=row.version,
        public=row.public,
        data_key_id=row.data_key_id,
        sealed=row.sealed,
        created_at=row.created_at,
    )
