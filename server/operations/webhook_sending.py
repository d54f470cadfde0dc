"""Sends what is due to an endpoint: claims it, carries it outside any transaction, and writes down how that went."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from server.domain.access import Call, Caller
from server.domain.audit import AuditAction, AuditEntry, AuditObject
from server.domain.clock import Clock, whole_seconds
from server.domain.courier import Courier
from server.domain.errors import WebhookEndpointNotFound
from server.domain.events import Event, EventType
from server.domain.ids import Ids, prefixed
from server.domain.listing import DeliveryQuery, Page
from server.domain.ports import Store, Transaction
from server.domain.webhook import DISABLED_AFTER, Answered, Reply, WebhookDelivery, WebhookEndpoint
from server.domain.webhook_schedule import Jitter
from server.domain.webhook_signing import signed_headers
from server.operations.webhook_secrets import WebhookSecrets

EventBody = Callable[[Event], bytes]
"""An event as a webhook carries it; the same bytes on every try."""

EndpointSnapshot = Callable[[WebhookEndpoint], bytes]
"""An endpoint as the contract serialises it, without its secret."""

# Several times what a courier may take, so that a delivery is not taken over while its first claimer still works on it.
_LEASE = timedelta(seconds=60)

_SERVICE = "sycee"


@dataclass(frozen=True, slots=True)
class Wording:
    """How webhooks are put into words."""

    body: EventBody
    endpoint: EndpointSnapshot


@dataclass(frozen=True, slots=True)
class _Batch:
    """Deliveries whose tries have begun, with all that the tries need."""

    endpoint: WebhookEndpoint
    secrets: Sequence[str] = field(repr=False)
    deliveries: Sequence[tuple[WebhookDelivery, Event]]


class WebhookSending:
    """A crash between carrying and writing down carries again, under the same id, when the lease is over."""

    def __init__(
        self,
        *,
        store: Store,
        secrets: WebhookSecrets,
        courier: Courier,
        wording: Wording,
        clock: Clock,
        ids: Ids,
        jitter: Jitter,
    ) -> None:
        self._store = store
        self._secrets = secrets
        self._courier = courier
        self._wording = wording
        self._clock = clock
        self._ids = ids
        self._jitter = jitter

    async def waiting(self) -> Sequence[WebhookEndpoint]:
        """The endpoints to which something is to be sent now."""
        now = self._clock.now()
        return await self._store.look_up(lambda tx: tx.webhook_endpoints.due(now))

    async def send_some(self, endpoint: WebhookEndpoint, at_once: int) -> bool:
        """Sends what is due longest, side by side; whether there was anything and all of it was taken."""
        batch = await self._store.transaction(lambda tx: self._claimed(tx, endpoint, at_once))
        if batch is None:
            return False
        taken = await asyncio.gather(*(self._send(batch, delivery, event) for delivery, event in batch.deliveries))
        return all(taken)

    async def test(self, call: Call, endpoint_id: UUID) -> WebhookDelivery:
        """Sends an endpoint a test event, once and at once, whether or not it is enabled. Raises WebhookEndpointNotFound."""
        merchant_id, now = call.caller.merchant_id, self._clock.now()

        def opened(tx: Transaction) -> tuple[WebhookEndpoint, Sequence[str], WebhookDelivery | None]:
            endpoint = tx.webhook_endpoints.get(merchant_id, endpoint_id)
            sent = tx.webhook_deliveries.find(merchant_id, call.operation_id)
            return endpoint, self._secrets.valid(tx, endpoint, now), sent

        endpoint, secrets, sent = await self._store.look_up(opened)
        if sent is not None:
            return sent
        event = self._test_event(call, endpoint, now)
        begun = _test_delivery(event, endpoint, now)
        reply = await self._carry(endpoint, secrets, event)
        tried = begun.answered(reply, self._clock.now(), self._jitter).given_up()
        await self._store.transaction(lambda tx: tx.webhook_deliveries.insert([tried]))
        return tried

    async def list(self, caller: Caller, query: DeliveryQuery) -> Page[WebhookDelivery]:
        """A page of an endpoint's deliveries, newest first. Raises WebhookEndpointNotFound."""

        def found(tx: Transaction) -> Page[WebhookDelivery]:
            tx.webhook_endpoints.get(caller.merchant_id, query.endpoint_id)
            return tx.webhook_deliveries.list(caller.merchant_id, query)

        return await self._store.read(found)

    def _claimed(self, tx: Transaction, due: WebhookEndpoint, at_once: int) -> _Batch | None:
        """None when nothing is due any more. An error here, as of a key that is missing, takes the claim back."""
        try:
            held = tx.webhook_endpoints.get(due.merchant_id, due.id)
        except WebhookEndpointNotFound:
            return None
        if not held.enabled:
            return None
        now = self._clock.now()
        claimed = tx.webhook_deliveries.claim(held, now, _LEASE, at_once)
        if not claimed:
            return None
        deliveries = [(one, tx.events.get(one.merchant_id, one.event_id)) for one in claimed]
        return _Batch(held, self._secrets.valid(tx, held, now), deliveries)

    async def _send(self, batch: _Batch, delivery: WebhookDelivery, event: Event) -> bool:
        reply = await self._carry(batch.endpoint, batch.secrets, event)
        await self._store.transaction(lambda tx: self._write_down(tx, batch.endpoint, delivery, reply))
        return isinstance(reply, Answered) and reply.taken

    async def _carry(self, endpoint: WebhookEndpoint, secrets: Sequence[str], event: Event) -> Reply:
        body = self._wording.body(event)
        headers = signed_headers(prefixed("evt", event.id), self._clock.now(), body, secrets)
        return await self._courier.carry(endpoint.url, headers, body)

    def _write_down(self, tx: Transaction, endpoint: WebhookEndpoint, delivery: WebhookDelivery, reply: Reply) -> None:
        now = self._clock.now()
        if not tx.webhook_deliveries.settle(delivery.answered(reply, now, self._jitter)):
            return
        if isinstance(reply, Answered) and reply.taken:
            tx.webhook_endpoints.fails(endpoint, None)
            return
        tx.webhook_endpoints.fails(endpoint, now)
        if isinstance(reply, Answered) and reply.gone:
            self._disable(tx, endpoint, "the endpoint answered that it is gone (410)", now)
        elif endpoint.failing_since is not None and now - endpoint.failing_since >= DISABLED_AFTER:
            self._disable(tx, endpoint, f"nothing was taken for {DISABLED_AFTER.days} days", now)

    def _disable(self, tx: Transaction, endpoint: WebhookEndpoint, reason: str, now: datetime) -> None:
        try:
            stored = tx.webhook_endpoints.lock(endpoint.merchant_id, endpoint.id)
        except WebhookEndpointNotFound:
            return
        # One that was given another address meanwhile has not failed there.
        if not stored.enabled or stored.url != endpoint.url:
            return
        tx.webhook_endpoints.update(stored.disabled())
        tx.audit.append(
            AuditEntry(
                id=self._ids.new(),
                merchant_id=endpoint.merchant_id,
                actor=_SERVICE,
                action=AuditAction.WEBHOOK_ENDPOINT_DISABLED,
                object_type=AuditObject.WEBHOOK_ENDPOINT,
                object_id=str(endpoint.id),
                details={"url": endpoint.shown_url, "reason": reason},
                created_at=whole_seconds(now),
            )
        )

    def _test_event(self, call: Call, endpoint: WebhookEndpoint, now: datetime) -> Event:
        """Named by its operation, so that a call that is cut off and resumed sends no second one."""
        return Event(
            id=call.operation_id,
            merchant_id=endpoint.merchant_id,
            type=EventType.WEBHOOK_ENDPOINT_TEST,
            object_id=endpoint.id,
            sequence=1,
            payload=self._wording.endpoint(endpoint),
            created_at=whole_seconds(now),
        )


def _test_delivery(event: Event, endpoint: WebhookEndpoint, now: datetime) -> WebhookDelivery:
    return WebhookDelivery(
        id=event.id,
        merchant_id=endpoint.merchant_id,
        endpoint_id=endpoint.id,
        event_id=event.id,
        event_type=event.type.value,
        created_at=now,
        due_at=now,
    ).begun(now, now)
