"""Wraps every data key under the operator's first key, while the service runs."""

from collections.abc import Callable

from server.domain.ports import Store, Transaction
from server.domain.vault import Vault

_AT_ONCE = 100


class KeyRotation:
    """Goes on where an earlier run was cut off: what is wrapped as it should be is not touched again."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    async def rotate(self, progress: Callable[[int, int], None]) -> int:
        """Re-wraps in small transactions until nothing is left; says how many. `progress` hears how many are done and how many are left.

        Raises UnknownEncryptionKey when something is wrapped under a key that is not given.
        """
        done, primary, seen = 0, self._vault.primary_key_id, True
        while seen:
            seen, some = await self._store.transaction(self._some)
            done += some
            progress(done, await self._store.read(lambda tx: tx.data_keys.count_wrapped_otherwise(primary)))
        return done

    def _some(self, tx: Transaction) -> tuple[bool, int]:
        """Whether there were any left, and how many of them are re-wrapped now; another run beside this one may have come first."""
        waiting = tx.data_keys.wrapped_otherwise(self._vault.primary_key_id, _AT_ONCE)
        return bool(waiting), sum(tx.data_keys.replace(key, self._vault.rewrap(key)) for key in waiting)
