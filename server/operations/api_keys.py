"""API keys: made, listed and ended by the operator. A key's text is told once and never stored."""

import re
import secrets
from collections.abc import Sequence
from uuid import UUID

from server.domain.access import ApiKey, KeyKind
from server.domain.clock import Clock, whole_seconds
from server.domain.errors import ValidationError
from server.domain.ids import Ids
from server.domain.ports import Store, Transaction
from server.operations.access import READ_ONLY
from server.operations.key_text import Random, hash_of, make_key, well_formed

_SCOPE = re.compile(r"[a-z_]+:[a-z]+")


def new_secret(kind: KeyKind, random: Random = secrets.token_bytes) -> str:
    """The text of a new key."""
    return make_key(kind, random)


class ApiKeyOperations:
    """What the operator does with API keys."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, random: Random = secrets.token_bytes) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._random = random

    async def create(
        self, merchant_id: str, kind: KeyKind, name: str, scopes: frozenset[str] = frozenset()
    ) -> tuple[ApiKey, str]:
        """A new key and its text, which cannot be had again. A restricted key without scopes may read everything and change nothing.

        Raises ValidationError for scopes that are none, or that a secret key, which has them all, is given.
        """
        text = new_secret(kind, self._random)
        key = self._key(merchant_id, kind, name, text, scopes)
        await self._store.transaction(lambda tx: tx.api_keys.insert(key))
        return key, text

    async def adopt(
        self, merchant_id: str, kind: KeyKind, name: str, text: str, scopes: frozenset[str] = frozenset()
    ) -> ApiKey:
        """Stores a key whose text was made elsewhere; one that is stored already stays as it is. Raises ValidationError for a text that is no key of that kind."""
        if not well_formed(text) or not text.startswith(f"{kind.value}_"):
            raise ValidationError("key", f"is not a {kind.name.lower()} key")
        key = self._key(merchant_id, kind, name, text, scopes)
        return await self._store.transaction(lambda tx: _stored(tx, key))

    async def list(self, merchant_id: str) -> Sequence[ApiKey]:
        """The merchant's keys, oldest first, the revoked ones included."""
        return await self._store.read(lambda tx: tx.api_keys.list(merchant_id))

    async def revoke(self, merchant_id: str, key_id: UUID) -> bool:
        """Ends a key; False when there is none that works."""
        at = whole_seconds(self._clock.now())
        return await self._store.transaction(lambda tx: tx.api_keys.revoke(merchant_id, key_id, at))

    def _key(self, merchant_id: str, kind: KeyKind, name: str, text: str, scopes: frozenset[str]) -> ApiKey:
        return ApiKey(
            id=self._ids.new(),
            merchant_id=merchant_id,
            kind=kind,
            name=name,
            scopes=_granted(kind, scopes),
            hash=hash_of(text),
            created_at=whole_seconds(self._clock.now()),
        )


def _granted(kind: KeyKind, scopes: frozenset[str]) -> frozenset[str]:
    if kind is KeyKind.SECRET:
        if scopes:
            raise ValidationError("scopes", "a secret key has every scope")
        return scopes
    for scope in scopes - {READ_ONLY}:
        if _SCOPE.fullmatch(scope) is None:
            raise ValidationError("scopes", f"must be like `payments:read`, or `{READ_ONLY}`")
    return scopes or frozenset({READ_ONLY})


def _stored(tx: Transaction, key: ApiKey) -> ApiKey:
    stored = tx.api_keys.by_hash(key.hash)
    if stored is not None:
        return stored
    tx.api_keys.insert(key)
    return key
