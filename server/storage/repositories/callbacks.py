"""The callback inbox: what came is written once, what was decided may be decided again."""

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.callback import CallbackFormat, CallbackMessage
from server.domain.errors import CallbackNotFound
from server.domain.inbox import REPEATED, Decision, Judgement, ReceivedCallback
from server.domain.listing import CallbackFilter, CallbackQuery, Cursor, Page
from server.storage.prepared import Prepared, Record
from server.storage.repositories.newest_first import NewestFirst, Wanted
from server.storage.session import Session
from server.storage.tables import callbacks

_columns = callbacks.c
_INSERT = Prepared(callbacks.insert())
_CHANGES = ("gateway", "decision", "reason", "event_id", "reference", "payment_id", "attempts", "processed_at")
_UPDATE = Prepared(
    callbacks.update()
    .where(_columns.merchant_id == bindparam("of_merchant"), _columns.id == bindparam("of_id"))
    .values({_columns[name]: bindparam(name) for name in _CHANGES})
)
_BY_ID = Prepared(
    sa.select(callbacks).where(
        _columns.merchant_id == bindparam("merchant_id"), _columns.id == bindparam("callback_id")
    )
)
_ALIKE = {
    decision: Prepared(
        sa.select(_columns.id)
        .where(
            _columns.merchant_id == bindparam("merchant_id"),
            _columns.digest == bindparam("digest"),
            _columns.gateway == bindparam("gateway"),
            _columns.format == bindparam("format"),
            sa.or_(*(_columns.decision == one.value for one in sorted(decided))),
        )
        .order_by(_columns.id)
        .limit(sa.literal_column("1"))
    )
    for decision, decided in REPEATED.items()
}
_COUNT = Prepared(
    callbacks.update()
    .where(_columns.merchant_id == bindparam("of_merchant"), _columns.id == bindparam("of_id"))
    .values({_columns.repeats: _columns.repeats + sa.literal_column("1"), _columns.repeated_at: bindparam("at")})
)
_LIST = NewestFirst(
    callbacks,
    _columns.id,
    {
        "gateway": _columns.gateway == bindparam("gateway"),
        "decision": _columns.decision == bindparam("decision"),
        "payment_id": _columns.payment_id == bindparam("payment_id"),
        "reference": _columns.reference == bindparam("reference"),
        "received_after": _columns.received_at > bindparam("received_after"),
        "received_before": _columns.received_at < bindparam("received_before"),
    },
)


class CallbackRepository:
    """The inbox."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def insert(self, callback: ReceivedCallback) -> None:
        """Store a callback as it came."""
        self._session.run(_INSERT, _row_of(callback))

    def update(self, callback: ReceivedCallback) -> None:
        """Store what was decided."""
        row = _row_of(callback)
        changes = {name: row[name] for name in _CHANGES}
        if self._session.run(_UPDATE, {**changes, "of_merchant": callback.merchant_id, "of_id": callback.id}) != 1:
            raise LookupError(f"no callback {callback.id}")

    def first_alike(self, callback: ReceivedCallback, decision: Decision) -> UUID | None:
        """The first callback of the same gateway, form and body about which was decided what `decision` would only repeat."""
        row = _row_of(callback)
        wanted = {name: row[name] for name in ("merchant_id", "digest", "gateway", "format")}
        found = self._session.row(_ALIKE[decision], wanted)
        return None if found is None else found.id

    def count_again(self, merchant_id: str, callback_id: UUID, at: datetime) -> None:
        """Count a callback once more that came again."""
        self._session.run(_COUNT, {"of_merchant": merchant_id, "of_id": callback_id, "at": at})

    def get(self, merchant_id: str, callback_id: UUID) -> ReceivedCallback:
        """One callback. Raises CallbackNotFound."""
        row = self._session.row(_BY_ID, {"merchant_id": merchant_id, "callback_id": callback_id})
        if row is None:
            raise CallbackNotFound
        return _callback_of(row)

    def list(self, merchant_id: str, query: CallbackQuery) -> Page[ReceivedCallback]:
        """One page, by number with the list's total, or behind a cursor without it."""
        after = query.after.id if query.after else None
        wanted = Wanted(_parameters(query.filter), query.page, query.per_page, after)
        found = _LIST.page(self._session, merchant_id, wanted)
        items = tuple(_callback_of(row) for row in found.rows)
        return Page(items, found.total, Cursor(found.next) if found.next else None)


def _parameters(wanted: CallbackFilter) -> dict[str, object]:
    given = {
        "gateway": wanted.gateway,
        "decision": wanted.decision and wanted.decision.value,
        "payment_id": wanted.payment_id,
        "reference": wanted.reference,
        "received_after": wanted.received_after,
        "received_before": wanted.received_before,
    }
    return {name: value for name, value in given.items() if value is not None}


def _row_of(callback: ReceivedCallback) -> dict[str, object]:
    message, judgement = callback.message, callback.judgement
    return {
        "merchant_id": callback.merchant_id,
        "id": callback.id,
        "gateway": callback.gateway,
        "format": message.format.value,
        "content_type": message.content_type,
        "headers": message.headers,
        "body": message.body,
        "received_at": message.received_at,
        "decision": judgement.decision.value,
        "reason": judgement.reason,
        "event_id": judgement.event_id,
        "reference": judgement.reference,
        "payment_id": judgement.payment_id,
        "attempts": callback.attempts,
        "processed_at": callback.processed_at,
        "digest": callback.digest,
        "repeats": callback.repeats,
        "repeated_at": callback.repeated_at,
    }


def _callback_of(row: Record) -> ReceivedCallback:
    return ReceivedCallback(
        id=row.id,
        merchant_id=row.merchant_id,
        gateway=row.gateway,
        message=CallbackMessage(
            format=CallbackFormat(row.format),
            content_type=row.content_type,
            headers=row.headers,
            body=bytes(row.body),
            received_at=row.received_at,
        ),
        judgement=Judgement(
            decision=Decision(row.decision),
            reason=row.reason,
            event_id=row.event_id,
            reference=row.reference,
            payment_id=row.payment_id,
        ),
        attempts=row.attempts,
        processed_at=row.processed_at,
        stored=True,
        repeats=row.repeats,
        repeated_at=row.repeated_at,
    )
