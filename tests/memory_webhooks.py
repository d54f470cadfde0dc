"""Webhook endpoints and deliveries in memory."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from server.domain.errors import WebhookEndpointNotFound
from server.domain.listing import DeliveryQuery, Page
from server.domain.webhook import DeliveryStatus, WebhookDelivery, WebhookEndpoint, WebhookStanding
from tests.memory_pages import newest_first
from tests.memory_payments import add_row


class MemoryWebhookEndpoints:
    def __init__(self, rows: dict[UUID, WebhookEndpoint], deliveries: dict[UUID, WebhookDelivery]) -> None:
        self._rows = rows
        self._deliveries = deliveries

    def insert(self, endpoint: WebhookEndpoint) -> None:
        add_row(self._rows, endpoint.id, endpoint, "pk_webhook_endpoints")

    def update(self, endpoint: WebhookEndpoint) -> None:
        self._rows[endpoint.id] = replace(endpoint, failing_since=self._rows[endpoint.id].failing_since)

    def delete(self, merchant_id: str, endpoint_id: UUID) -> bool:
        found = self._rows.get(endpoint_id)
        if found is None or found.merchant_id != merchant_id:
            return False
        del self._rows[endpoint_id]
        for one in list(self._deliveries.values()):
            if one.endpoint_id == endpoint_id and one.status is DeliveryStatus.PENDING:
                del self._deliveries[one.id]
        return True

    def get(self, merchant_id: str, endpoint_id: UUID) -> WebhookEndpoint:
        found = self._rows.get(endpoint_id)
        if found is None or found.merchant_id != merchant_id:
            raise WebhookEndpointNotFound
        return found

    lock = get

    def list(self, merchant_id: str) -> Sequence[WebhookEndpoint]:
        mine = (endpoint for endpoint in self._rows.values() if endpoint.merchant_id == merchant_id)
        return sorted(mine, key=lambda endpoint: endpoint.id, reverse=True)

    def held(self, merchant_id: str) -> Sequence[WebhookEndpoint]:
        return self.list(merchant_id)

    def due(self, now: datetime) -> Sequence[WebhookEndpoint]:
        waiting = {one.endpoint_id for one in self._deliveries.values() if _is_due(one, now)}
        return [endpoint for endpoint in self._rows.values() if endpoint.enabled and endpoint.id in waiting]

    def standing(self) -> WebhookStanding:
        enabled = {(endpoint.merchant_id, endpoint.id) for endpoint in self._rows.values() if endpoint.enabled}
        pending = [
            one.created_at
            for one in self._deliveries.values()
            if one.status is DeliveryStatus.PENDING and (one.merchant_id, one.endpoint_id) in enabled
        ]
        counted = Counter(endpoint.status for endpoint in self._rows.values())
        return WebhookStanding(counted, len(pending), min(pending, default=None))

    def fails(self, endpoint: WebhookEndpoint, since: datetime | None) -> None:
        stored = self._rows.get(endpoint.id)
        if stored is not None and (since is None or stored.failing_since is None):
            self._rows[endpoint.id] = replace(stored, failing_since=since)


class MemoryWebhookDeliveries:
    def __init__(self, rows: dict[UUID, WebhookDelivery]) -> None:
        self._rows = rows

    def insert(self, deliveries: Sequence[WebhookDelivery]) -> None:
        for delivery in deliveries:
            self._rows.setdefault(delivery.id, delivery)

    def find(self, merchant_id: str, delivery_id: UUID) -> WebhookDelivery | None:
        found = self._rows.get(delivery_id)
        return found if found is not None and found.merchant_id == merchant_id else None

    def claim(
        self, endpoint: WebhookEndpoint, now: datetime, lease: timedelta, limit: int
    ) -> Sequence[WebhookDelivery]:
        mine = [one for one in self._rows.values() if one.endpoint_id == endpoint.id and _is_due(one, now)]
        due = sorted(mine, key=lambda one: (one.due_at, one.id))[:limit]
        begun = [one.begun(now, now + lease) for one in due]
        self._rows.update({one.id: one for one in begun})
        return begun

    def settle(self, delivery: WebhookDelivery) -> bool:
        stored = self._rows.get(delivery.id)
        fenced = stored is None or (stored.status, stored.attempts) != (DeliveryStatus.PENDING, delivery.attempts)
        if not fenced:
            self._rows[delivery.id] = delivery
        return not fenced

    def under_way(self, merchant_id: str, event_id: UUID) -> Collection[UUID]:
        mine = (one for one in self._rows.values() if (one.merchant_id, one.event_id) == (merchant_id, event_id))
        return {one.endpoint_id for one in mine if one.status is not DeliveryStatus.FAILED}

    def list(self, merchant_id: str, query: DeliveryQuery) -> Page[WebhookDelivery]:
        mine = (
            one
            for one in self._rows.values()
            if (one.merchant_id, one.endpoint_id) == (merchant_id, query.endpoint_id)
            and query.status in (None, one.status)
            and query.event_id in (None, one.event_id)
        )
        return newest_first(mine, query, lambda one: one.id)

    def forget(self, created_before: datetime, limit: int) -> int:
        over = (one for one in self._rows.values() if one.status is not DeliveryStatus.PENDING)
        old = [one.id for one in over if one.created_at < created_before][:limit]
        for name in old:
            del self._rows[name]
        return len(old)


def _is_due(delivery: WebhookDelivery, now: datetime) -> bool:
    return delivery.status is DeliveryStatus.PENDING and delivery.due_at <= now
