"""Idempotency keys in memory."""

from dataclasses import replace
from datetime import datetime

from server.domain.idempotency import Claim


class MemoryClaims:
    def __init__(self, rows: dict[tuple[str, str, str, str], Claim]) -> None:
        self._rows = rows

    def claim(self, wanted: Claim, now: datetime) -> Claim | None:
        stored = self._rows.get(_key(wanted))
        if stored is None:
            self._rows[_key(wanted)] = wanted
            return None
        lapsed = stored.reply is None and stored.leased_until <= now
        if lapsed and stored.request_hash == wanted.request_hash:
            stored = replace(stored, lease=stored.lease + 1, leased_until=wanted.leased_until)
            self._rows[_key(wanted)] = stored
        return stored

    def settle(self, claim: Claim, reply: bytes) -> None:
        if (stored := self._held(claim)) is not None:
            self._rows[_key(claim)] = replace(stored, reply=reply)

    def release(self, claim: Claim) -> None:
        if self._held(claim) is not None:
            del self._rows[_key(claim)]

    def yield_lease(self, claim: Claim, now: datetime) -> None:
        if (stored := self._held(claim)) is not None:
            self._rows[_key(claim)] = replace(stored, leased_until=now)

    def end_leases(self, now: datetime) -> None:
        for key, claim in self._rows.items():
            if claim.reply is None:
                self._rows[key] = replace(claim, leased_until=now)

    def forget(self, created_before: datetime, limit: int) -> int:
        old = [key for key, claim in self._rows.items() if claim.created_at < created_before][:limit]
        for key in old:
            del self._rows[key]
        return len(old)

    def _held(self, claim: Claim) -> Claim | None:
        stored = self._rows.get(_key(claim))
        return stored if stored is not None and stored.reply is None and stored.lease == claim.lease else None


def _key(claim: Claim) -> tuple[str, str, str, str]:
    return claim.merchant_id, claim.credential, claim.method, claim.key
