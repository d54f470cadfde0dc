"""`sycee keys`: API keys, shown once when they are made; and the keys that secrets in the database are encrypted under."""

import sys
from uuid import UUID

from server.commands.tables import table
from server.composition import open_current_store
from server.domain.access import DEFAULT_MERCHANT, KeyKind
from server.domain.vault import UnknownEncryptionKey
from server.operations.api_keys import ApiKeyOperations
from server.operations.key_rotation import KeyRotation
from server.rpc.contract import load_contract
from server.settings import Settings
from server.system import SystemClock, Uuid7
from server.vault.envelope import EnvelopeVault


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


async def rotate_keys(settings: Settings) -> int:
    """Wraps every data key under the first of SYCEE_ENCRYPTION_KEYS while the service runs; an interrupted run goes on where it was."""
    vault = EnvelopeVault(settings.operators_keys)
    async with open_current_store(settings) as store:
        try:
            done = await KeyRotation(store, vault).rotate(_tell_progress)
        except UnknownEncryptionKey as error:
            sys.stderr.write(f"{error}; what was done so far is kept.\n")
            return 1
    sys.stdout.write(f"{done} data keys re-wrapped; all are under the key {vault.primary_key_id!r} now.\n")
    return 0


def _tell_progress(done: int, left: int) -> None:
    sys.stderr.write(f"{done} re-wrapped, {left} to go\n")
