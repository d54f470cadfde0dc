"""Numbers events once they are committed, and makes out with each number what is to be sent: an event is numbered once, so each endpoint gets it once."""

from collections.abc import Sequence

from server.domain.clock import Clock
from server.domain.events import Event
from server.domain.ids import Ids
from server.domain.ports import Store, Transaction
from server.domain.webhook import WebhookDelivery, WebhookEndpoint
from server.operations.bell import Bell

_AT_ONCE = 200


class Sequencing:
    """Runs in every replica, each after the others; nothing of it weighs on the transactions that write events."""

    def __init__(self, store: Store, clock: Clock, ids: Ids, bells: Sequence[Bell]) -> None:
        """`bells` ring when there is something new: for those who watch, and for those who send."""
        self._store = store
        self._clock = clock
        self._ids = ids
        self._bells = bells

    async def number(self) -> int:
        """Numbers every merchant's events that wait for it, in small transactions; says how many."""
        numbered = 0
        for merchant_id in await self._store.look_up(lambda tx: tx.events.unnumbered()):
            numbered += await self._number(merchant_id)
        return numbered

    async def number_of(self, merchant_id: str) -> None:
        """Numbers a merchant's events, for a reader who is to find what was answered before."""
        if merchant_id in await self._store.look_up(lambda tx: tx.events.unnumbered()):
            await self._number(merchant_id)

    async def _number(self, merchant_id: str) -> int:
        numbered = 0
        while some := await self._store.transaction(lambda tx: self._some(tx, merchant_id)):
            numbered += some
            for bell in self._bells:
                bell.ring()
        return numbered

    def _some(self, tx: Transaction, merchant_id: str) -> int:
        events = tx.events.number(merchant_id, _AT_ONCE)
        if events:
            endpoints = [endpoint for endpoint in tx.webhook_endpoints.held(merchant_id) if endpoint.enabled]
            tx.webhook_deliveries.insert(
                [self._made_out(event, each) for event in events for each in endpoints if each.takes(event.type.value)]
            )
        return len(events)

    def _made_out(self, event: Event, endpoint: WebhookEndpoint) -> WebhookDelivery:
        now = self._clock.now()
        return WebhookDelivery(
            id=self._ids.new(),
            merchant_id=event.merchant_id,
            endpoint_id=endpoint.id,
            event_id=event.id,
            event_type=event.type.value,
            created_at=now,
            due_at=now,
        )
