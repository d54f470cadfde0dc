"""API keys, found by the hash of their secret."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.access import ApiKey, KeyKind
from server.storage.prepared import Prepared, Record
from server.storage.session import Session
from server.storage.tables import api_keys

_INSERT = Prepared(api_keys.insert())
_BY_HASH = Prepared(sa.select(api_keys).where(api_keys.c.hash == bindparam("secret_hash")))
_OF_MERCHANT = Prepared(
    sa.select(api_keys)
    .where(api_keys.c.merchant_id == bindparam("merchant_id"))
    .order_by(api_keys.c.created_at, api_keys.c.id)
)
_REVOKE = Prepared(
    api_keys.update()
    .where(
        api_keys.c.merchant_id == bindparam("of_merchant"),
        api_keys.c.id == bindparam("of_id"),
        api_keys.c.revoked_at.is_(None),
    )
    .values(revoked_at=bindparam("at"))
)


class ApiKeyRepository:
    """API keys."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def insert(self, key: ApiKey) -> None:
        """Store a key. Raises UniqueViolation when its hash is taken."""
        row = {
            "merchant_id": key.merchant_id,
            "id": key.id,
            "kind": key.kind.value,
            "name": key.name,
            "scopes": " ".join(sorted(key.scopes)),
            "hash": key.hash,
            "created_at": key.created_at,
            "revoked_at": key.revoked_at,
        }
        self._session.run(_INSERT, row)

    def by_hash(self, secret_hash: bytes) -> ApiKey | None:
        """The key whose secret has that hash, whosever it is, revoked or not."""
        row = self._session.row(_BY_HASH, {"secret_hash": secret_hash})
        return None if row is None else _key_of(row)

    def list(self, merchant_id: str) -> Sequence[ApiKey]:
        """The merchant's keys, oldest first."""
        return [_key_of(row) for row in self._session.rows(_OF_MERCHANT, {"merchant_id": merchant_id})]

    def revoke(self, merchant_id: str, key_id: UUID, at: datetime) -> bool:
        """End a key; False when there is none that works."""
        of = {"of_merchant": merchant_id, "of_id": key_id, "at": at}
        return self._session.run(_REVOKE, of) == 1


def _key_of(row: Record) -> ApiKey:
    return ApiKey(
        id=row.id,
        merchant_id=row.merchant_id,
        kind=KeyKind(row.kind),
        name=row.name,
        scopes=frozenset(row.scopes.split()),
        hash=row.hash,
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
