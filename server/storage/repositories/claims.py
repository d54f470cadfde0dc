"""Idempotency keys: the first call's claim, its lease, and the reply that later calls get."""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.idempotency import Claim
from server.storage.errors import TryAgain
from server.storage.prepared import Prepared, Record
from server.storage.session import Session
from server.storage.tables import idempotency_claims as claims
from server.storage.upsert import insert_if_absent

_INSERT = insert_if_absent(claims)

_KEY = tuple(claims.primary_key.columns)
_OF_KEY = tuple(column == bindparam(f"of_{column.name}") for column in _KEY)
# What a call says after another one took its lease over is not heard; neither is a second reply.
_STILL_LEASED = (*_OF_KEY, claims.c.lease == bindparam("of_lease"), claims.c.reply.is_(None))

_LOCKED = Prepared(sa.select(claims).where(*_OF_KEY).with_for_update())
_TAKE_OVER = Prepared(
    claims.update().where(*_STILL_LEASED).values(lease=claims.c.lease + 1, leased_until=bindparam("until"))
)
_SETTLE = Prepared(claims.update().where(*_STILL_LEASED).values(reply=bindparam("reply_bytes")))
_YIELD = Prepared(claims.update().where(*_STILL_LEASED).values(leased_until=bindparam("until")))
_END = Prepared(claims.update().where(claims.c.reply.is_(None)).values(leased_until=bindparam("until")))
_RELEASE = Prepared(claims.delete().where(*_STILL_LEASED))

_OLD = sa.select(*_KEY).where(claims.c.created_at < bindparam("before")).order_by(claims.c.created_at)
_FORGET = Prepared(claims.delete().where(sa.tuple_(*_KEY).in_(_OLD.limit(bindparam("at_most")))))


class ClaimRepository:
    """Idempotency keys."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def claim(self, wanted: Claim, now: datetime) -> Claim | None:
        """Store a new claim (None), take over one whose lease has passed, or give the stored one as it is."""
        if self._session.run(_INSERT, _row_of(wanted)):
            return None
        row = self._session.row(_LOCKED, _key_of(wanted))
        if row is None:
            raise TryAgain("the key was freed between two statements")
        stored = _claim_of(row)
        if stored.reply is not None or stored.leased_until > now or stored.request_hash != wanted.request_hash:
            return stored
        self._session.run(_TAKE_OVER, _lease_of(stored) | {"until": wanted.leased_until})
        return replace(stored, lease=stored.lease + 1, leased_until=wanted.leased_until)

    def settle(self, claim: Claim, reply: bytes) -> None:
        """Store the reply, if the claim's lease is still the stored one."""
        self._session.run(_SETTLE, _lease_of(claim) | {"reply_bytes": reply})

    def release(self, claim: Claim) -> None:
        """Free the key, if the claim's lease is still the stored one."""
        self._session.run(_RELEASE, _lease_of(claim))

    def yield_lease(self, claim: Claim, now: datetime) -> None:
        """End the lease at once without a reply, if the claim's lease is still the stored one."""
        self._session.run(_YIELD, _lease_of(claim) | {"until": now})

    def end_leases(self, now: datetime) -> None:
        """End every lease without a reply."""
        self._session.run(_END, {"until": now})

    def forget(self, created_before: datetime, limit: int) -> int:
        """Remove the oldest claims, `limit` at most; say how many."""
        return self._session.run(_FORGET, {"before": created_before, "at_most": limit})


def _key_of(claim: Claim) -> dict[str, object]:
    return {
        "of_merchant_id": claim.merchant_id,
        "of_credential": claim.credential,
        "of_method": claim.method,
        "of_key": claim.key,
    }


def _lease_of(claim: Claim) -> dict[str, object]:
    return _key_of(claim) | {"of_lease": claim.lease}


def _row_of(claim: Claim) -> dict[str, object]:
    return {
        "merchant_id": claim.merchant_id,
        "credential": claim.credential,
        "method": claim.method,
        "key": claim.key,
        "request_hash": claim.request_hash,
        "operation_id": claim.operation_id,
        "leased_until": claim.leased_until,
        "created_at": claim.created_at,
        "lease": claim.lease,
        "reply": claim.reply,
    }


def _claim_of(row: Record) -> Claim:
    return Claim(
        merchant_id=row.merchant_id,
        credential=row.credential,
        method=row.method,
        key=row.key,
        request_hash=row.request_hash,
        operation_id=row.operation_id,
        leased_until=row.leased_until,
        created_at=row.created_at,
        lease=row.lease,
        reply=row.reply,
    )
