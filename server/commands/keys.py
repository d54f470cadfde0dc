"""`sycee keys`: API keys, shown once when they are made."""

import sys
from uuid import UUID

from server.commands.tables import table
from server.composition import open_current_store
from server.domain.access import DEFAULT_MERCHANT, KeyKind
from server.operations.api_keys import ApiKeyOperations
from server.rpc.contract import load_contract
from server.settings import Settings
from server.system import SystemClock, Uuid7


async def create_key(settings: Settings, name: str, kind: KeyKind, scopes: frozenset[str]) -> int:
    """Makes a key and shows it; nobody can read it again. A scope that no call asks for is a slip, not a wish."""
    known = load_contract().scopes
    if unknown := scopes - known:
        sys.stderr.write(f"There is no scope {', '.join(sorted(unknown))}. There are: {', '.join(sorted(known))}\n")
        return 2
    async with open_current_store(settings) as store:
        key, secret = await ApiKeyOperations(store, SystemClock(), Uuid7()).create(DEFAULT_MERCHANT, kind, name, scopes)
    sys.stdout.write(f"{secret}\n")
    sys.stderr.write(
        f"Keep it: it is stored as a hash and cannot be shown again. Its id, for `sycee keys revoke`: {key.id}\n"
    )
    return 0


async def list_keys(settings: Settings) -> int:
    """Shows what is known of each key."""
    async with open_current_store(settings) as store:
        keys = await ApiKeyOperations(store, SystemClock(), Uuid7()).list(DEFAULT_MERCHANT)
    rows = [
        [
            str(key.id),
            key.kind.name.lower(),
            key.name,
            " ".join(sorted(key.scopes)) or "all",
            f"{key.created_at:%Y-%m-%d}",
            "revoked" if key.revoked_at else "works",
        ]
        for key in keys
    ]
    sys.stdout.write(table(("id", "kind", "name", "scopes", "created", "state"), rows) + "\n")
    return 0


async def revoke_key(settings: Settings, key_id: UUID) -> int:
    """Ends a key."""
    async with open_current_store(settings) as store:
        revoked = await ApiKeyOperations(store, SystemClock(), Uuid7()).revoke(DEFAULT_MERCHANT, key_id)
    sys.stderr.write("Revoked.\n" if revoked else "There is no such key that works; `sycee keys list` shows them.\n")
    return 0 if revoked else 1
