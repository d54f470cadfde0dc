"""Data keys: what they encrypt refers to them, and how they are wrapped changes when the operator's keys rotate."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.vault import DataKey
from server.storage.prepared import Prepared, Record
from server.storage.session import Session
from server.storage.tables import data_keys

_OF_ID = (data_keys.c.merchant_id == bindparam("of_merchant"), data_keys.c.id == bindparam("of_id"))
# Either side of the key's place in the index, as an index finds no inequality.
_OTHERWISE = sa.or_(data_keys.c.key_id < bindparam("primary"), data_keys.c.key_id > bindparam("primary"))

_INSERT = Prepared(data_keys.insert())
_GET = Prepared(sa.select(data_keys).where(*_OF_ID))
_WRAPPED_OTHERWISE = Prepared(sa.select(data_keys).where(_OTHERWISE).limit(bindparam("at_most")))
_COUNT = Prepared(sa.select(sa.func.count().label("total")).select_from(data_keys).where(_OTHERWISE))
_REPLACE = Prepared(
    data_keys.update()
    .where(*_OF_ID, data_keys.c.key_id == bindparam("old_key_id"), data_keys.c.wrapped == bindparam("old_wrapped"))
    .values(key_id=bindparam("new_key_id"), wrapped=bindparam("new_wrapped"))
)


class DataKeyRepository:
    """Data keys."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def insert(self, key: DataKey) -> None:
        """Store a key."""
        row = {
            "merchant_id": key.merchant_id,
            "id": key.id,
            "key_id": key.key_id,
            "wrapped": key.wrapped,
            "created_at": key.created_at,
        }
        self._session.run(_INSERT, row)

    def get(self, merchant_id: str, key_id: UUID) -> DataKey:
        """The key of that id, which something stored refers to."""
        row = self._session.row(_GET, {"of_merchant": merchant_id, "of_id": key_id})
        assert row is not None, "a foreign key holds it"
        return _key_of(row)

    def wrapped_otherwise(self, key_id: str, limit: int) -> Sequence[DataKey]:
        """Some keys that are not wrapped under that key of the operator's."""
        rows = self._session.rows(_WRAPPED_OTHERWISE, {"primary": key_id, "at_most": limit})
        return [_key_of(row) for row in rows]

    def count_wrapped_otherwise(self, key_id: str) -> int:
        """How many those are."""
        row = self._session.row(_COUNT, {"primary": key_id})
        return 0 if row is None else int(row.total)

    def replace(self, old: DataKey, new: DataKey) -> bool:
        """Store how a key is wrapped now; False when that is not `old` any more."""
        of = {
            "of_merchant": old.merchant_id,
            "of_id": old.id,
            "old_key_id": old.key_id,
            "old_wrapped": old.wrapped,
            "new_key_id": new.key_id,
            "new_wrapped": new.wrapped,
        }
        return self._session.run(_REPLACE, of) == 1


def _key_of(row: Record) -> DataKey:
    return DataKey(
        id=row.id, merchant_id=row.merchant_id, key_id=row.key_id, wrapped=row.wrapped, created_at=row.created_at
    )
