"""An idempotency key's claim: which call it stands for, and the reply once there is one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Claim:
    """A caller's key for a method. `request_hash` is a keyed hash, as requests can carry card numbers; `reply` is the stored reply's bytes.

    While there is no reply the claim is leased until `leased_until`; after that the same request takes it over and resumes under the same `operation_id`.
    """

    merchant_id: str
    credential: str
    method: str
    key: str
    request_hash: bytes
    operation_id: UUID
    leased_until: datetime
    created_at: datetime
    lease: int = 1
    reply: bytes | None = None
