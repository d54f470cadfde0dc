"""Deliveries: made out with their events' numbers, claimed by endpoint, and kept as a log of what was sent."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.listing import Cursor, DeliveryQuery, Page
from server.domain.webhook import DeliveryStatus, WebhookDelivery, WebhookEndpoint
from server.storage.prepared import Prepared, Record
from server.storage.repositories.newest_first import NewestFirst, Wanted
from server.storage.session import Session
from server.storage.tables import webhook_deliveries
from server.storage.upsert import insert_if_absent

_columns = webhook_deliveries.c
_PENDING = _columns.status == sa.literal_column(f"'{DeliveryStatus.PENDING.value}'")
_OF_ID = (_columns.merchant_id == bindparam("of_merchant"), _columns.id == bindparam("of_id"))

_INSERT = insert_if_absent(webhook_deliveries)
_BY_ID = Prepared(sa.select(webhook_deliveries).where(*_OF_ID))
_DUE = Prepared(
    sa.select(webhook_deliveries)
    .where(
        _columns.merchant_id == bindparam("of_merchant"),
        _columns.endpoint_id == bindparam("of_endpoint"),
        _PENDING,
        _columns.due_at <= bindparam("now"),
    )
    .order_by(_columns.due_at, _columns.id)
    .limit(bindparam("at_most"))
    # Other replicas take other deliveries instead of waiting for these.
    .with_for_update(skip_locked=True)
)
_BEGIN = Prepared(
    webhook_deliveries.update()
    .where(*_OF_ID)
    .values(due_at=bindparam("until"), attempted_at=bindparam("begun_at"), attempts=_columns.attempts + 1)
)
_CHANGES = ("status", "response_status", "failure_reason", "due_at")
_SETTLE = Prepared(
    webhook_deliveries.update()
    .where(*_OF_ID, _PENDING, _columns.attempts == bindparam("of_attempts"))
    .values({_columns[name]: bindparam(name) for name in _CHANGES})
)
_UNDER_WAY = Prepared(
    sa.select(_columns.endpoint_id).where(
        _columns.merchant_id == bindparam("of_merchant"),
        _columns.event_id == bindparam("of_event"),
        _columns.status != DeliveryStatus.FAILED.value,
    )
)
_OLD = (
    sa.select(_columns.merchant_id, _columns.id)
    .where(_columns.created_at < bindparam("before"), _columns.status != DeliveryStatus.PENDING.value)
    .limit(bindparam("at_most"))
)
_FORGET = Prepared(webhook_deliveries.delete().where(sa.tuple_(_columns.merchant_id, _columns.id).in_(_OLD)))

_LIST = NewestFirst(
    webhook_deliveries,
    _columns.id,
    {
        "endpoint_id": _columns.endpoint_id == bindparam("endpoint_id"),
        "status": _columns.status == bindparam("status"),
        "event_id": _columns.event_id == bindparam("event_id"),
    },
)


class WebhookDeliveryRepository:
    """Events on their way to endpoints."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def insert(self, deliveries: Sequence[WebhookDelivery]) -> None:
        """Store deliveries; those whose ids are there stay as they are."""
        if deliveries:
            self._session.run_many(_INSERT, [_row_of(delivery) for delivery in deliveries])

    def find(self, merchant_id: str, delivery_id: UUID) -> WebhookDelivery | None:
        """The delivery of that id, if there is one."""
        row = self._session.row(_BY_ID, {"of_merchant": merchant_id, "of_id": delivery_id})
        return None if row is None else _delivery_of(row)

    def claim(
        self, endpoint: WebhookEndpoint, now: datetime, lease: timedelta, limit: int
    ) -> Sequence[WebhookDelivery]:
        """Begin a try of those that are due longest."""
        of = {"of_merchant": endpoint.merchant_id, "of_endpoint": endpoint.id, "now": now, "at_most": limit}
        due = [_delivery_of(row) for row in self._session.rows(_DUE, of)]
        if due:
            begun = [
                {"of_merchant": one.merchant_id, "of_id": one.id, "until": now + lease, "begun_at": now} for one in due
            ]
            self._session.run_many(_BEGIN, begun)
        return [one.begun(now, now + lease) for one in due]

    def settle(self, delivery: WebhookDelivery) -> bool:
        """Store how a try went; False when another one has begun since, or the delivery is gone."""
        row = _row_of(delivery)
        of = {"of_merchant": delivery.merchant_id, "of_id": delivery.id, "of_attempts": delivery.attempts}
        return self._session.run(_SETTLE, {**of, **{name: row[name] for name in _CHANGES}}) == 1

    def under_way(self, merchant_id: str, event_id: UUID) -> Collection[UUID]:
        """The endpoints that have taken an event, or to which it is still to be sent."""
        rows = self._session.rows(_UNDER_WAY, {"of_merchant": merchant_id, "of_event": event_id})
        return {row.endpoint_id for row in rows}

    def list(self, merchant_id: str, query: DeliveryQuery) -> Page[WebhookDelivery]:
        """One page, by number with the list's total, or behind a cursor without it."""
        given = {
            "endpoint_id": query.endpoint_id,
            "status": query.status and query.status.value,
            "event_id": query.event_id,
        }
        filters = {name: value for name, value in given.items() if value is not None}
        after = query.after.id if query.after else None
        found = _LIST.page(self._session, merchant_id, Wanted(filters, query.page, query.per_page, after))
        items = tuple(_delivery_of(row) for row in found.rows)
        return Page(items, found.total, Cursor(found.next) if found.next else None)

    def forget(self, created_before: datetime, limit: int) -> int:
        """Remove old deliveries that are over; say how many."""
        return self._session.run(_FORGET, {"before": created_before, "at_most": limit})


def _row_of(delivery: WebhookDelivery) -> dict[str, object]:
    return {
        "merchant_id": delivery.merchant_id,
        "id": delivery.id,
        "endpoint_id": delivery.endpoint_id,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "status": delivery.status.value,
        "attempts": delivery.attempts,
        "response_status": delivery.response_status,
        "failure_reason": delivery.failure_reason,
        "due_at": delivery.due_at,
        "attempted_at": delivery.attempted_at,
        "created_at": delivery.created_at,
    }


def _delivery_of(row: Record) -> WebhookDelivery:
    return WebhookDelivery(
        id=row.id,
        merchant_id=row.merchant_id,
        endpoint_id=row.endpoint_id,
        event_id=row.event_id,
        event_type=row.event_type,
        status=DeliveryStatus(row.status),
        attempts=row.attempts,
        response_status=row.response_status,
        failure_reason=row.failure_reason,
        due_at=row.due_at,
        attempted_at=row.attempted_at,
        created_at=row.created_at,
    )
