"""Payouts: stored, locked to be changed, found by both of their numbers, and listed newest first."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.errors import PayoutNotFound
from server.domain.listing import Cursor, Page, PayoutFilter, PayoutQuery
from server.domain.money import Money
from server.domain.payout import Payout, PayoutFailure, PayoutStatus, Stop
from server.storage.prepared import Prepared, Record
from server.storage.repositories.newest_first import NewestFirst, Wanted
from server.storage.session import Session
from server.storage.tables import payouts

_columns = payouts.c
_OF_MERCHANT = _columns.merchant_id == bindparam("merchant_id")
_AT_GATEWAY = (_OF_MERCHANT, _columns.gateway == bindparam("gateway"))

_INSERT = Prepared(payouts.insert())
_CHANGES = (
    *("updated_at", "status", "gateway_payout_id", "arrival_date", "failure", "failure_reason"),
    *("stop_id", "stop_ordered_at", "stop_failure", "stop_message", "needs_review", "sequence"),
)
_UPDATE = Prepared(
    payouts.update()
    .where(_columns.merchant_id == bindparam("of_merchant"), _columns.id == bindparam("of_id"))
    .values({_columns[name]: bindparam(name) for name in _CHANGES})
)

_SELECT = sa.select(payouts).where(_OF_MERCHANT, _columns.id == bindparam("payout_id"))
_BY_ID = Prepared(_SELECT)
_LOCKED = Prepared(_SELECT.with_for_update(key_share=True))
_BY_REFERENCE = Prepared(sa.select(payouts).where(*_AT_GATEWAY, _columns.reference == bindparam("number")))
_BY_GATEWAY_ID = Prepared(sa.select(payouts).where(*_AT_GATEWAY, _columns.gateway_payout_id == bindparam("number")))

_LIST = NewestFirst(
    payouts,
    _columns.id,
    {
        "status": _columns.status == bindparam("status"),
        "gateway": _columns.gateway == bindparam("gateway"),
        "created_from": _columns.created_at >= bindparam("created_from"),
        "created_before": _columns.created_at < bindparam("created_before"),
    },
)


class PayoutRepository:
    """Payouts, each visible to its merchant alone."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def insert(self, payout: Payout) -> None:
        """Store a new payout. Raises UniqueViolation when its id or one of its numbers is taken."""
        self._session.run(_INSERT, _row_of(payout))

    def update(self, payout: Payout) -> None:
        """Store what became of a payout; what was asked for stays as it is. Raises LookupError when it is not stored."""
        row = _row_of(payout)
        changes = {name: row[name] for name in _CHANGES}
        if self._session.run(_UPDATE, {**changes, "of_merchant": payout.merchant_id, "of_id": payout.id}) != 1:
            raise LookupError(f"no payout {payout.id}")

    def get(self, merchant_id: str, payout_id: UUID) -> Payout:
        """The payout as it is committed, or as this transaction changed it. Raises PayoutNotFound."""
        return _there(self.find(merchant_id, payout_id))

    def lock(self, merchant_id: str, payout_id: UUID) -> Payout:
        """The payout, which nobody else changes before this transaction ends. Raises PayoutNotFound."""
        return _there(self._only(_LOCKED, {"merchant_id": merchant_id, "payout_id": payout_id}))

    def find(self, merchant_id: str, payout_id: UUID) -> Payout | None:
        """The payout of that id, if there is one."""
        return self._only(_BY_ID, {"merchant_id": merchant_id, "payout_id": payout_id})

    def find_by_reference(self, merchant_id: str, gateway: str, reference: str) -> Payout | None:
        """The payout with our number at a gateway, if there is one."""
        return self._only(_BY_REFERENCE, {"merchant_id": merchant_id, "gateway": gateway, "number": reference})

    def find_by_gateway_id(self, merchant_id: str, gateway: str, gateway_payout_id: str) -> Payout | None:
        """The payout with the gateway's own number, if there is one."""
        return self._only(_BY_GATEWAY_ID, {"merchant_id": merchant_id, "gateway": gateway, "number": gateway_payout_id})

    def list(self, merchant_id: str, query: PayoutQuery) -> Page[Payout]:
        """One page, by number with the list's total, or behind a cursor without it."""
        after = query.after.id if query.after else None
        wanted = Wanted(_parameters(query.filter), query.page, query.per_page, after)
        found = _LIST.page(self._session, merchant_id, wanted)
        items = tuple(_payout_of(row) for row in found.rows)
        return Page(items, found.total, Cursor(found.next) if found.next else None)

    def _only(self, statement: Prepared, wanted: dict[str, object]) -> Payout | None:
        row = self._session.row(statement, wanted)
        return None if row is None else _payout_of(row)


def _there(payout: Payout | None) -> Payout:
    if payout is None:
        raise PayoutNotFound
    return payout


def _parameters(wanted: PayoutFilter) -> dict[str, object]:
    given = {
        "status": wanted.status and wanted.status.value,
        "gateway": wanted.gateway,
        "created_from": wanted.created_from,
        "created_before": wanted.created_before,
    }
    return {name: value for name, value in given.items() if value is not None}


def _row_of(payout: Payout) -> dict[str, object]:
    stop = payout.stop
    return {
        "merchant_id": payout.merchant_id,
        "id": payout.id,
        "amount_minor": payout.money.amount_minor,
        "currency": payout.money.currency,
        "gateway": payout.gateway,
        "config_version": payout.config_version,
        "created_at": payout.created_at,
        "updated_at": payout.updated_at,
        "reference": payout.reference,
        "status": payout.status.value,
        "gateway_payout_id": payout.gateway_payout_id,
        "arrival_date": payout.arrival_date,
        "failure": payout.failure and payout.failure.value,
        "failure_reason": payout.failure_reason,
        "stop_id": stop and stop.id,
        "stop_ordered_at": stop and stop.ordered_at,
        "stop_failure": stop and stop.failure and stop.failure.value,
        "stop_message": stop and stop.message,
        "needs_review": payout.needs_review,
        "sequence": payout.sequence,
    }


def _payout_of(row: Record) -> Payout:
    return Payout(
        id=row.id,
        merchant_id=row.merchant_id,
        money=Money(row.amount_minor, row.currency),
        gateway=row.gateway,
        config_version=row.config_version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        reference=row.reference,
        status=PayoutStatus(row.status),
        gateway_payout_id=row.gateway_payout_id,
        arrival_date=row.arrival_date,
        failure=row.failure and PayoutFailure(row.failure),
        failure_reason=row.failure_reason,
        stop=_stop_of(row) if row.stop_id else None,
        needs_review=row.needs_review,
        sequence=row.sequence,
    )


def _stop_of(row: Record) -> Stop:
    failure = row.stop_failure and PayoutFailure(row.stop_failure)
    return Stop(row.stop_id, row.stop_ordered_at, failure, row.stop_message)
