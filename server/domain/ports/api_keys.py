"""Where API keys are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.access import ApiKey


class ApiKeys(Protocol):
    """API keys."""

    def insert(self, key: ApiKey) -> None:
        """Stores a key."""
        ...

    def by_hash(self, secret_hash: bytes) -> ApiKey | None:
        """The key whose secret has that hash, revoked or not."""
        ...

    def list(self, merchant_id: str) -> Sequence[ApiKey]:
        """The merchant's keys, oldest first."""
        ...

    def revoke(self, merchant_id: str, key_id: UUID, at: datetime) -> bool:
        """Ends a key; False when there is none that works."""
        ...
