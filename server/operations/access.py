"""What a credential allows, and the look-up of API keys."""

from dataclasses import dataclass

from server.domain.access import Caller, KeyKind, Role
from server.domain.errors import Unauthenticated
from server.domain.ports import Store
from server.operations.key_text import hash_of, well_formed

READ_ONLY = "*:read"
"""The scope that stands for every scope to read."""

# Begins the name of a credential that is an API key.
_KEY = "key"

_READ = READ_ONLY.removeprefix("*")


@dataclass(frozen=True, slots=True)
class Grant:
    """A valid credential: whose it is, and the scopes of an API key (None: every scope). A token has its role and no scopes."""

    caller: Caller
    scopes: frozenset[str] | None = frozenset()

    def allows(self, scope: str, roles: frozenset[Role]) -> bool:
        """Whether a call may be made that asks for `scope` of a key (empty: no key may) or for one of `roles` of a token."""
        if self.caller.role is not None:
            return self.caller.role in roles
        if not scope or self.scopes is None:
            return bool(scope)
        return scope in self.scopes or (READ_ONLY in self.scopes and scope.endswith(_READ))


class KeyAccess:
    """Finds out whose an API key is."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def verify(self, text: str) -> Grant:
        """What the key allows. Raises Unauthenticated for anything but a stored key that is not revoked; all of them look the same from outside."""
        if not well_formed(text):
            raise Unauthenticated("the API key is not valid")
        secret_hash = hash_of(text)
        key = await self._store.look_up(lambda tx: tx.api_keys.by_hash(secret_hash))
        if key is None or key.revoked_at is not None:
            raise Unauthenticated("the API key is not valid")
        scopes = None if key.kind is KeyKind.SECRET else key.scopes
        return Grant(Caller(merchant_id=key.merchant_id, credential=f"{_KEY}:{key.id}"), scopes)

    async def holds(self, caller: Caller) -> bool:
        """Whether the key that a caller came with is valid still, for calls that last; of other credentials nothing is stored that could end."""
        kind, _, name = caller.credential.partition(":")
        if kind != _KEY:
            return True
        keys = await self._store.look_up(lambda tx: tx.api_keys.list(caller.merchant_id))
        return any(str(key.id) == name and key.revoked_at is None for key in keys)
