"""Sends events again, one or a range of them, under their own ids."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from server.domain.access import Call
from server.domain.audit import AuditAction, AuditEntry, AuditObject
from server.domain.clock import Clock, whole_seconds
from server.domain.errors import ValidationError
from server.domain.events import Event
from server.domain.ids import prefixed
from server.domain.listing import EventFilter, EventQuery
from server.domain.ports import Store, Transaction
from server.domain.webhook import WebhookDelivery, WebhookEndpoint
from server.operations.bell import Bell
from server.operations.event_sequencing import Sequencing
from server.operations.webhook_commands import RedeliverEvents

_AT_ONCE = 200
_MOST_EVENTS = 50_000

# Holds the time in a UUIDv7, by which lists sort.
_TIME_BITS = 80


class Redelivering:
    """Makes out deliveries anew. Their ids derive from the operation's, so that a resumed call makes out none twice."""

    def __init__(self, store: Store, sequencing: Sequencing, clock: Clock, bell: Bell) -> None:
        self._store = store
        self._sequencing = sequencing
        self._clock = clock
        self._bell = bell

    async def one(self, call: Call, event_id: UUID, endpoint_id: UUID | None) -> int:
        """One event to the endpoints that take its type; says how many. Raises EventNotFound, WebhookEndpointNotFound."""
        merchant_id = call.caller.merchant_id

        def record(tx: Transaction) -> int:
            if (made_out := _made_out(tx, call)) is not None:
                return made_out
            event = tx.events.get(merchant_id, event_id)
            count = self._again(tx, call, [event], _endpoints(tx, merchant_id, endpoint_id))
            self._write_down(tx, call, count, {"event_id": prefixed("evt", event_id)}, str(event_id))
            return count

        count = await self._store.transaction(record)
        self._bell.ring()
        return count

    async def range(self, call: Call, command: RedeliverEvents) -> int:
        """Every event of a range of time, oldest first; says how many deliveries were made out. Raises WebhookEndpointNotFound, ValidationError."""
        merchant_id, now = call.caller.merchant_id, self._clock.now()
        before = command.created_before or now
        if before <= command.created_after:
            raise ValidationError("created_before", "must be later than created_after")
        wanted = EventFilter(command.type, None, command.created_after, before)
        await self._sequencing.number_of(merchant_id)

        def begun(tx: Transaction) -> tuple[int | None, int]:
            _endpoints(tx, merchant_id, command.endpoint_id)
            return _made_out(tx, call), tx.events.list(merchant_id, EventQuery(wanted, per_page=1)).total or 0

        made_out, events = await self._store.read(begun)
        if made_out is not None:
            return made_out
        if events > _MOST_EVENTS:
            raise ValidationError("created_after", f"the range holds more than {_MOST_EVENTS} events")
        return await self._all_of(call, command, wanted)

    async def _all_of(self, call: Call, command: RedeliverEvents, wanted: EventFilter) -> int:
        merchant_id, count, position = call.caller.merchant_id, 0, 0

        def some(tx: Transaction) -> tuple[int, int | None]:
            events = tx.events.behind(merchant_id, position, wanted, _AT_ONCE)
            endpoints = _endpoints(tx, merchant_id, command.endpoint_id)
            made_out = self._again(tx, call, events, endpoints, failed_only=command.failed_only)
            return made_out, events[-1].position if events else None

        while True:
            more, last = await self._store.transaction(some)
            if last is None:
                break
            count, position = count + more, last
            self._bell.ring()
        details = {"after": command.created_after.isoformat(), "type": command.type or ""}
        await self._store.transaction(lambda tx: self._write_down(tx, call, count, details, None))
        return count

    def _again(
        self,
        tx: Transaction,
        call: Call,
        events: Sequence[Event],
        endpoints: Sequence[WebhookEndpoint],
        *,
        failed_only: bool = False,
    ) -> int:
        now, again = self._clock.now(), list[WebhookDelivery]()
        for event in events:
            taken = tx.webhook_deliveries.under_way(event.merchant_id, event.id) if failed_only else ()
            for each in endpoints:
                if each.enabled and each.takes(event.type.value) and each.id not in taken:
                    # A microsecond apart, so that the oldest is due first.
                    again.append(_delivery(call, event, each, now + timedelta(microseconds=len(again))))
        tx.webhook_deliveries.insert(again)
        return len(again)

    def _write_down(
        self, tx: Transaction, call: Call, count: int, details: dict[str, str], object_id: str | None
    ) -> None:
        tx.audit.append(
            AuditEntry(
                id=call.operation_id,
                merchant_id=call.caller.merchant_id,
                actor=call.caller.credential,
                action=AuditAction.EVENTS_REDELIVERED,
                object_type=AuditObject.EVENT,
                object_id=object_id,
                details={**details, "deliveries": str(count)},
                created_at=whole_seconds(self._clock.now()),
                request_id=call.request_id or None,
            )
        )


def _made_out(tx: Transaction, call: Call) -> int | None:
    """What an earlier execution of this very call has made out, if it came to its end."""
    entry = tx.audit.find(call.caller.merchant_id, call.operation_id)
    return None if entry is None else int(entry.details["deliveries"])


def _endpoints(tx: Transaction, merchant_id: str, only: UUID | None) -> Sequence[WebhookEndpoint]:
    """Raises WebhookEndpointNotFound."""
    return tx.webhook_endpoints.list(merchant_id) if only is None else [tx.webhook_endpoints.get(merchant_id, only)]


def _delivery(call: Call, event: Event, endpoint: WebhookEndpoint, due_at: datetime) -> WebhookDelivery:
    named = hashlib.sha256(call.operation_id.bytes + event.id.bytes + endpoint.id.bytes).digest()
    random = int.from_bytes(named) & ((1 << 62) - 1)
    time = call.operation_id.int >> _TIME_BITS << _TIME_BITS
    return WebhookDelivery(
        id=UUID(int=time | 7 << 76 | 0b10 << 62 | random),
        merchant_id=event.merchant_id,
        endpoint_id=endpoint.id,
        event_id=event.id,
        event_type=event.type.value,
        created_at=due_at,
        due_at=due_at,
    )
