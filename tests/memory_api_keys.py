"""API keys in memory."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from server.domain.access import ApiKey
from server.domain.ports import UniqueViolation
from tests.memory_payments import add_row


class MemoryApiKeys:
    def __init__(self, rows: dict[UUID, ApiKey]) -> None:
        self._rows = rows

    def insert(self, key: ApiKey) -> None:
        if self.by_hash(key.hash) is not None:
            raise UniqueViolation("uq_api_keys_hash")
        add_row(self._rows, key.id, key, "pk_api_keys")

    def by_hash(self, secret_hash: bytes) -> ApiKey | None:
        return next((key for key in self._rows.values() if key.hash == secret_hash), None)

    def list(self, merchant_id: str) -> Sequence[ApiKey]:
        return sorted((key for key in self._rows.values() if key.merchant_id == merchant_id), key=lambda key: key.id)

    def revoke(self, merchant_id: str, key_id: UUID, at: datetime) -> bool:
        key = self._rows.get(key_id)
        if key is None or key.merchant_id != merchant_id or key.revoked_at is not None:
            return False
        self._rows[key_id] = replace(key, revoked_at=at)
        return True
