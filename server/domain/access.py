"""Who calls, and what a call carries through an operation."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

DEFAULT_MERCHANT = "default"


class Role(StrEnum):
    """The role of a token's bearer."""

    USER = "user"
    ADMIN = "admin"


class KeyKind(StrEnum):
    """The kind of an API key; its value is the key's prefix."""

    SECRET = "sk"  # noqa: S105  (a prefix, not a secret)
    RESTRICTED = "rk"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key as it is stored: the hash of its secret, never the secret. A secret key has every scope."""

    id: UUID
    merchant_id: str
    kind: KeyKind
    name: str
    scopes: frozenset[str]
    hash: bytes
    created_at: datetime
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls. `credential` names the key or the token's subject; idempotency keys belong to it. `user_id` is set for tokens."""

    merchant_id: str
    credential: str
    role: Role | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One call. `operation_id` names what it does, for good: the same on every execution of one idempotency key. `resumed` tells that an earlier execution was cut off.

    `request` names what was asked for under an idempotency key: it stays the same when the key was freed, as nothing was sent, and the request is made anew as another
    operation. Without a key it is the operation's own. `request_id` is what logs and answers call this execution.
    """

    caller: Caller
    operation_id: UUID
    resumed: bool = False
    request: str = ""
    request_id: str = ""
