"""Webhooks over storage in memory, with a courier that a test holds in its hands."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from prometheus_client import CollectorRegistry

from server.composition import Choices, Configuring, compose
from server.domain.access import DEFAULT_MERCHANT
from server.domain.events import Event, EventType
from server.domain.webhook import Answered, Reply, WebhookDelivery, WebhookEndpoint
from server.operations.webhook_commands import CreateWebhookEndpoint
from server.operations.webhook_endpoints import ShownOnce
from server.rpc.convert import payments
from tests.builders import a_call, a_payment, a_vault, an_id
from tests.clock_and_ids import CountedIds, StoppedClock
from tests.crashing import Fuse
from tests.fake_gateway import FakeGateway, FakeGateways
from tests.memory import MemoryStore, Tables

HOOK = "https://shop.example/hook"


@dataclass(frozen=True)
class Carried:
    """One request to an endpoint."""

    url: str
    headers: Mapping[str, str]
    body: bytes


class HeldCourier:
    """Answers for endpoints: 200, or what a test has said for an address."""

    def __init__(self) -> None:
        self.carried: list[Carried] = []
        self.replies: dict[str, Reply] = defaultdict(lambda: Answered(200))

    async def carry(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        self.carried.append(Carried(url, headers, body))
        return self.replies[url]


class Post:
    """A merchant's events and endpoints."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.clock = StoppedClock()
        self.ids = CountedIds()
        self.courier = HeldCourier()
        self.metrics = CollectorRegistry()
        operations = compose(
            self.store,
            FakeGateways(FakeGateway(Fuse())),
            self.clock,
            self.ids,
            configuring=Configuring(a_vault()),
            choices=Choices(courier=self.courier, webhook_hosts=frozenset({"127.0.0.1"}), metrics=self.metrics),
        )
        self.endpoints, self.sending = operations.webhooks.endpoints, operations.webhooks.sending
        self.events, self.redelivering = operations.webhooks.events, operations.webhooks.redelivering
        self.watching, self.lanes = operations.webhooks.watching, operations.webhook_lanes
        self.watch = operations.webhook_watch
        self._calls = 1_000

    @property
    def tables(self) -> Tables:
        return self.store.tables

    def deliveries(self) -> list[WebhookDelivery]:
        """All of them, oldest first."""
        return sorted(self.tables.webhook_deliveries.values(), key=lambda one: one.id)

    def stored(self, endpoint: WebhookEndpoint) -> WebhookEndpoint:
        return self.tables.webhook_endpoints[endpoint.id]

    async def open(self, url: str = HOOK, *events: str) -> ShownOnce:
        """A new endpoint, of all events unless some are named."""
        self._calls += 1
        return await self.endpoints.create(a_call(self._calls), CreateWebhookEndpoint(url, events or ("*",)))

    async def happens(
        self, kind: EventType = EventType.PAYMENT_CREATED, number: int = 1, sequence: int = 1, id: UUID | None = None
    ) -> Event:
        """Something happens to the payment of that number."""
        event = Event(
            id=id or self.ids.new(),
            merchant_id=DEFAULT_MERCHANT,
            type=kind,
            object_id=an_id(number),
            sequence=sequence,
            payload=payments.snapshot(a_payment(id=an_id(number))),
            created_at=self.clock.now(),
        )
        await self.store.transaction(lambda tx: tx.events.append(event))
        return event

    async def send(self) -> int:
        """Sends everything that is due now; says how many requests that were."""
        before = len(self.courier.carried)
        await self.events._sequencing.number()
        while waiting := await self.sending.waiting():
            for endpoint in waiting:
                await self.sending.send_some(endpoint, 8)
        return len(self.courier.carried) - before

    async def pass_time(self, time: timedelta) -> None:
        """Time passes, and what falls due is sent when it does."""
        end = self.clock.now() + time
        while True:
            await self.send()
            due = min((one.due_at for one in self.deliveries() if one.status.value == "pending"), default=end)
            if due >= end or not any(endpoint.enabled for endpoint in self.tables.webhook_endpoints.values()):
                self.clock.move_to(end)
                return
            self.clock.move_to(due)
