"""The port to encryption at rest: whatever is sealed is encrypted under a data key of its own, which is wrapped under one of the operator's keys."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class DataKey:
    """A data key as it is stored: encrypted under the operator's key `key_id`. What it encrypts never changes; how it is wrapped does when the operator's keys rotate."""

    id: UUID
    merchant_id: str
    key_id: str
    wrapped: bytes = field(repr=False)
    created_at: datetime


class Vault(Protocol):
    """Encrypts and decrypts. `bound_to` says what a sealed text belongs to, so that it cannot be passed off as another's: it must be the same to open it."""

    @property
    def primary_key_id(self) -> str:
        """The operator's key under which new data keys are wrapped."""
        ...

    def new_data_key(self, merchant_id: str, key_id: UUID, at: datetime) -> DataKey:
        """A fresh data key, which is to seal one text."""
        ...

    def seal(self, data_key: DataKey, plain: bytes, bound_to: Sequence[str]) -> bytes:
        """The text, encrypted. Raises UnknownEncryptionKey."""
        ...

    def unseal(self, data_key: DataKey, sealed: bytes, bound_to: Sequence[str]) -> bytes:
        """The text that was sealed. Raises UnknownEncryptionKey, or SealBroken when anything of it was changed or belongs to something else."""
        ...

    def rewrap(self, data_key: DataKey) -> DataKey:
        """The same data key under the primary key. Raises UnknownEncryptionKey or SealBroken."""
        ...


class UnknownEncryptionKey(Exception):
    """Something is encrypted under a key that the operator no longer gives."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"secrets are encrypted under the key {key_id!r}, which SYCEE_ENCRYPTION_KEYS does not hold")
        self.key_id = key_id


class SealBroken(Exception):
    """What was sealed was changed, or belongs to something else."""
