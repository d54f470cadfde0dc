"""Webhook endpoints: create, read, list, change, delete, and give a new secret. Each change is written down in the audit log with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from server.domain.access import Call, Caller
from server.domain.audit import AuditAction, AuditEntry, AuditObject
from server.domain.clock import Clock, whole_seconds
from server.domain.errors import ValidationError
from server.domain.events import SUBSCRIBABLE
from server.domain.listing import Cursor, EndpointQuery, Page
from server.domain.ports import Store, Transaction
from server.domain.webhook import EVERY_TYPE, WebhookEndpoint
from server.domain.webhook_addresses import WebhookAddresses
from server.operations.webhook_commands import CreateWebhookEndpoint, UpdateWebhookEndpoint
from server.operations.webhook_secrets import WebhookSecrets

# Each event is made out to each of them.
_MOST_OF_A_MERCHANT = 50


@dataclass(frozen=True, slots=True)
class ShownOnce:
    """An endpoint with its secret, which is shown this once."""

    endpoint: WebhookEndpoint
    secret: str = field(repr=False)


class WebhookEndpointOperations:
    """What merchants do with their endpoints. A resumed call finds what it has done by its entry in the audit log."""

    def __init__(self, store: Store, secrets: WebhookSecrets, addresses: WebhookAddresses, clock: Clock) -> None:
        self._store = store
        self._secrets = secrets
        self._addresses = addresses
        self._clock = clock

    async def create(self, call: Call, command: CreateWebhookEndpoint) -> ShownOnce:
        """A new endpoint, which is sent what happens from now on. Raises ValidationError."""
        self._check_url(command.url)
        _check_events(command.events)
        merchant_id = call.caller.merchant_id

        def record(tx: Transaction) -> ShownOnce:
            if tx.audit.find(merchant_id, call.operation_id) is not None:
                return self._shown(tx, tx.webhook_endpoints.get(merchant_id, call.operation_id))
            if len(tx.webhook_endpoints.list(merchant_id)) >= _MOST_OF_A_MERCHANT:
                raise ValidationError("url", f"is one too many: there are {_MOST_OF_A_MERCHANT} endpoints already")
            now = whole_seconds(self._clock.now())
            sealed, secret = self._secrets.first(tx, merchant_id, call.operation_id, now)
            endpoint = WebhookEndpoint(
                id=call.operation_id,
                merchant_id=merchant_id,
                url=command.url,
                events=command.events,
                sealed=sealed,
                created_at=now,
            )
            tx.webhook_endpoints.insert(endpoint)
            self._write_down(tx, call, AuditAction.WEBHOOK_ENDPOINT_CREATED, endpoint.id, _standing(endpoint))
            return ShownOnce(endpoint, secret)

        return await self._store.transaction(record)

    async def get(self, caller: Caller, endpoint_id: UUID) -> WebhookEndpoint:
        """One endpoint. Raises WebhookEndpointNotFound."""
        return await self._store.look_up(lambda tx: tx.webhook_endpoints.get(caller.merchant_id, endpoint_id))

    async def list(self, caller: Caller, query: EndpointQuery) -> Page[WebhookEndpoint]:
        """A page of endpoints, newest first."""
        return _page(await self._store.read(lambda tx: tx.webhook_endpoints.list(caller.merchant_id)), query)

    async def update(self, call: Call, command: UpdateWebhookEndpoint) -> WebhookEndpoint:
        """Changes what is given. Raises WebhookEndpointNotFound, ValidationError."""
        if command.url is not None:
            self._check_url(command.url)
        _check_events(command.events)
        merchant_id = call.caller.merchant_id

        def record(tx: Transaction) -> WebhookEndpoint:
            stored = tx.webhook_endpoints.lock(merchant_id, command.id)
            if tx.audit.find(merchant_id, call.operation_id) is not None:
                return stored
            changed = stored.changed(command.url, command.events, command.status)
            tx.webhook_endpoints.update(changed)
            if changed.failing_since is None:
                tx.webhook_endpoints.fails(changed, None)
            self._write_down(tx, call, AuditAction.WEBHOOK_ENDPOINT_UPDATED, stored.id, _standing(changed))
            return changed

        return await self._store.transaction(record)

    async def delete(self, call: Call, endpoint_id: UUID) -> None:
        """Removes an endpoint and what is still to be sent to it. Raises WebhookEndpointNotFound."""
        merchant_id = call.caller.merchant_id

        def record(tx: Transaction) -> None:
            if tx.audit.find(merchant_id, call.operation_id) is not None:
                return
            endpoint = tx.webhook_endpoints.lock(merchant_id, endpoint_id)
            tx.webhook_endpoints.delete(merchant_id, endpoint_id)
            self._write_down(tx, call, AuditAction.WEBHOOK_ENDPOINT_DELETED, endpoint_id, _standing(endpoint))

        await self._store.transaction(record)

    async def rotate(self, call: Call, endpoint_id: UUID, overlap: timedelta) -> ShownOnce:
        """Gives a new secret; the old one signs as well until the overlap is over. Raises WebhookEndpointNotFound."""
        merchant_id = call.caller.merchant_id

        def record(tx: Transaction) -> ShownOnce:
            stored = tx.webhook_endpoints.lock(merchant_id, endpoint_id)
            if tx.audit.find(merchant_id, call.operation_id) is not None:
                return self._shown(tx, stored)
            now = whole_seconds(self._clock.now())
            sealed, secret = self._secrets.rotated(tx, stored, overlap, now)
            rotated = stored.with_secrets(sealed)
            tx.webhook_endpoints.update(rotated)
            details = {"old_one_signs_until": (now + overlap).isoformat()}
            self._write_down(tx, call, AuditAction.WEBHOOK_ENDPOINT_SECRET_ROTATED, stored.id, details)
            return ShownOnce(rotated, secret)

        return await self._store.transaction(record)

    def _shown(self, tx: Transaction, endpoint: WebhookEndpoint) -> ShownOnce:
        return ShownOnce(endpoint, self._secrets.newest(tx, endpoint))

    def _check_url(self, url: str) -> None:
        if (problem := self._addresses.problem(url)) is not None:
            raise ValidationError("url", problem)

    def _write_down(
        self, tx: Transaction, call: Call, action: AuditAction, endpoint_id: UUID, details: Mapping[str, str]
    ) -> None:
        tx.audit.append(
            AuditEntry(
                id=call.operation_id,
                merchant_id=call.caller.merchant_id,
                actor=call.caller.credential,
                action=action,
                object_type=AuditObject.WEBHOOK_ENDPOINT,
                object_id=str(endpoint_id),
                details=details,
                created_at=whole_seconds(self._clock.now()),
                request_id=call.request_id or None,
            )
        )


def _check_events(events: Sequence[str]) -> None:
    for place, name in enumerate(events):
        if name != EVERY_TYPE and name not in SUBSCRIBABLE:
            raise ValidationError(f"events[{place}]", "there is no such type of event")


def _standing(endpoint: WebhookEndpoint) -> dict[str, str]:
    return {"url": endpoint.shown_url, "events": " ".join(endpoint.events), "status": endpoint.status.value}


def _page(newest: Sequence[WebhookEndpoint], query: EndpointQuery) -> Page[WebhookEndpoint]:
    """A merchant's endpoints are few, so that a page is a part of them."""
    start = (query.page - 1) * query.per_page
    if query.after is not None:
        last = query.after.id
        start = sum(1 for endpoint in newest if endpoint.id >= last)
    shown, more = tuple(newest[start : start + query.per_page]), start + query.per_page < len(newest)
    total = len(newest) if query.after is None else None
    return Page(shown, total, Cursor(shown[-1].id) if more and shown else None)
