"""Webhook endpoints: changed under a lock, and found when something is to be sent to them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.errors import WebhookEndpointNotFound
from server.domain.webhook import DeliveryStatus, EndpointStatus, Sealed, WebhookEndpoint, WebhookStanding
from server.storage.prepared import Prepared, Record
from server.storage.session import Session
from server.storage.tables import webhook_deliveries, webhook_endpoints

_columns = webhook_endpoints.c
_deliveries = webhook_deliveries.c
_OF_ID = (_columns.merchant_id == bindparam("of_merchant"), _columns.id == bindparam("of_id"))
# Spelt out for the planners, which find the partial index by it.
_PENDING = _deliveries.status == sa.literal_column(f"'{DeliveryStatus.PENDING.value}'")

_INSERT = Prepared(webhook_endpoints.insert())
_CHANGES = ("url", "events", "status", "data_key_id", "sealed")
_UPDATE = Prepared(
    webhook_endpoints.update().where(*_OF_ID).values({_columns[name]: bindparam(name) for name in _CHANGES})
)
_DELETE = Prepared(webhook_endpoints.delete().where(*_OF_ID))
_DELETE_PENDING = Prepared(
    webhook_deliveries.delete().where(
        _deliveries.merchant_id == bindparam("of_merchant"), _deliveries.endpoint_id == bindparam("of_id"), _PENDING
    )
)
_SELECT = sa.select(webhook_endpoints).where(*_OF_ID)
_BY_ID = Prepared(_SELECT)
_LOCKED = Prepared(_SELECT.with_for_update(key_share=True))
# The lock keeps rows from being deleted, and nothing else: whoever deletes one then sees what was made out to it meanwhile.
_ALL = Prepared(
    sa.select(webhook_endpoints)
    .where(_columns.merchant_id == bindparam("of_merchant"))
    .order_by(_columns.id.desc())
    .with_for_update(read=True, key_share=True)
)
_ALL_TO_READ = Prepared(
    sa.select(webhook_endpoints).where(_columns.merchant_id == bindparam("of_merchant")).order_by(_columns.id.desc())
)
_DUE = Prepared(
    sa.select(webhook_endpoints).where(
        _columns.status == EndpointStatus.ENABLED.value,
        sa.exists().where(
            _deliveries.merchant_id == _columns.merchant_id,
            _deliveries.endpoint_id == _columns.id,
            _PENDING,
            _deliveries.due_at <= bindparam("now"),
        ),
    )
)
_COUNTS = Prepared(sa.select(_columns.status, sa.func.count().label("number")).group_by(_columns.status))
_WAITING = Prepared(
    sa.select(sa.func.count().label("number"), sa.func.min(_deliveries.created_at).label("oldest"))
    .select_from(webhook_deliveries)
    .join(
        webhook_endpoints,
        sa.and_(_columns.merchant_id == _deliveries.merchant_id, _columns.id == _deliveries.endpoint_id),
    )
    .where(_PENDING, _columns.status == EndpointStatus.ENABLED.value)
)
_FAILS = Prepared(
    webhook_endpoints.update().where(*_OF_ID, _columns.failing_since.is_(None)).values(failing_since=bindparam("since"))
)
_WORKS = Prepared(
    webhook_endpoints.update().where(*_OF_ID, _columns.failing_since.is_not(None)).values(failing_since=None)
)


class WebhookEndpointRepository:
    """Where merchants' events are sent."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def insert(self, endpoint: WebhookEndpoint) -> None:
        """Store a new endpoint."""
        self._session.run(_INSERT, _row_of(endpoint))

    def update(self, endpoint: WebhookEndpoint) -> None:
        """Store a changed endpoint that this transaction has locked."""
        row = _row_of(endpoint)
        changes = {name: row[name] for name in _CHANGES}
        if self._session.run(_UPDATE, {**changes, **_of(endpoint)}) != 1:
            raise LookupError(f"no endpoint {endpoint.id}")

    def delete(self, merchant_id: str, endpoint_id: UUID) -> bool:
        """Remove an endpoint with what is still to be sent to it; the endpoint first, as that waits for whoever makes out deliveries to it."""
        of = {"of_merchant": merchant_id, "of_id": endpoint_id}
        removed = self._session.run(_DELETE, of) == 1
        self._session.run(_DELETE_PENDING, of)
        return removed

    def get(self, merchant_id: str, endpoint_id: UUID) -> WebhookEndpoint:
        """One endpoint. Raises WebhookEndpointNotFound."""
        return self._found(_BY_ID, merchant_id, endpoint_id)

    def lock(self, merchant_id: str, endpoint_id: UUID) -> WebhookEndpoint:
        """The same, and nobody else changes it before this transaction ends."""
        return self._found(_LOCKED, merchant_id, endpoint_id)

    def list(self, merchant_id: str) -> Sequence[WebhookEndpoint]:
        """The merchant's endpoints, newest first."""
        return [_endpoint_of(row) for row in self._session.rows(_ALL_TO_READ, {"of_merchant": merchant_id})]

    def held(self, merchant_id: str) -> Sequence[WebhookEndpoint]:
        """The same, and none of them is removed before this transaction ends."""
        return [_endpoint_of(row) for row in self._session.rows(_ALL, {"of_merchant": merchant_id})]

    def due(self, now: datetime) -> Sequence[WebhookEndpoint]:
        """Every merchant's endpoints to which something is to be sent now."""
        return [_endpoint_of(row) for row in self._session.rows(_DUE, {"now": now})]

    def standing(self) -> WebhookStanding:
        """How all merchants' webhooks stand."""
        endpoints = {EndpointStatus(row.status): row.number for row in self._session.rows(_COUNTS, {})}
        (waiting,) = self._session.rows(_WAITING, {})
        return WebhookStanding(endpoints, waiting.number, waiting.oldest)

    def fails(self, endpoint: WebhookEndpoint, since: datetime | None) -> None:
        """Store since when it fails, unless that is known; None when it does not any more."""
        if since is None:
            self._session.run(_WORKS, _of(endpoint))
        else:
            self._session.run(_FAILS, {**_of(endpoint), "since": since})

    def _found(self, statement: Prepared, merchant_id: str, endpoint_id: UUID) -> WebhookEndpoint:
        row = self._session.row(statement, {"of_merchant": merchant_id, "of_id": endpoint_id})
        if row is None:
            raise WebhookEndpointNotFound
        return _endpoint_of(row)


def _of(endpoint: WebhookEndpoint) -> dict[str, object]:
    return {"of_merchant": endpoint.merchant_id, "of_id": endpoint.id}


def _row_of(endpoint: WebhookEndpoint) -> dict[str, object]:
    return {
        "merchant_id": endpoint.merchant_id,
        "id": endpoint.id,
        "url": endpoint.url,
        "events": " ".join(endpoint.events),
        "status": endpoint.status.value,
        "data_key_id": endpoint.sealed.data_key_id,
        "sealed": endpoint.sealed.text,
        "failing_since": endpoint.failing_since,
        "created_at": endpoint.created_at,
    }


def _endpoint_of(row: Record) -> WebhookEndpoint:
    return WebhookEndpoint(
        id=row.id,
        merchant_id=row.merchant_id,
        url=row.url,
        events=tuple(row.events.split()),
        status=EndpointStatus(row.status),
        sealed=Sealed(row.data_key_id, bytes(row.sealed)),
        failing_since=row.failing_since,
        created_at=row.created_at,
    )
