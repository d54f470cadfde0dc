"""Where endpoints of webhooks are kept, with what is on its way to them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from server.domain.listing import DeliveryQuery, Page
from server.domain.webhook import WebhookDelivery, WebhookEndpoint, WebhookStanding


class WebhookEndpoints(Protocol):
    """Where merchants' events are sent."""

    def insert(self, endpoint: WebhookEndpoint) -> None:
        """Stores a new endpoint. Its data key must be there."""
        ...

    def update(self, endpoint: WebhookEndpoint) -> None:
        """Stores a changed endpoint that this transaction has locked, but for since when it fails."""
        ...

    def delete(self, merchant_id: str, endpoint_id: UUID) -> bool:
        """Removes an endpoint with what is still to be sent to it; False when there is none."""
        ...

    def get(self, merchant_id: str, endpoint_id: UUID) -> WebhookEndpoint:
        """Raises WebhookEndpointNotFound."""
        ...

    def lock(self, merchant_id: str, endpoint_id: UUID) -> WebhookEndpoint:
        """Like `get`, and nobody else changes it before this transaction ends."""
        ...

    def list(self, merchant_id: str) -> Sequence[WebhookEndpoint]:
        """The merchant's endpoints, newest first."""
        ...

    def held(self, merchant_id: str) -> Sequence[WebhookEndpoint]:
        """Like `list`, and none of them is removed before this transaction ends."""
        ...

    def due(self, now: datetime) -> Sequence[WebhookEndpoint]:
        """Every merchant's endpoints to which something is to be sent now."""
        ...

    def standing(self) -> WebhookStanding:
        """How all merchants' webhooks stand."""
        ...

    def fails(self, endpoint: WebhookEndpoint, since: datetime | None) -> None:
        """Stores since when an endpoint fails, unless that is known already; None when it does not any more."""
        ...


class WebhookDeliveries(Protocol):
    """Events on their way to endpoints, and how that went."""

    def insert(self, deliveries: Sequence[WebhookDelivery]) -> None:
        """Stores deliveries; those whose ids are there already stay as they are."""
        ...

    def find(self, merchant_id: str, delivery_id: UUID) -> WebhookDelivery | None:
        """The delivery of that id, if there is one."""
        ...

    def claim(
        self, endpoint: WebhookEndpoint, now: datetime, lease: timedelta, limit: int
    ) -> Sequence[WebhookDelivery]:
        """Begins a try of deliveries that are due longest, each until `now + lease`; another claimer does not get them before."""
        ...

    def settle(self, delivery: WebhookDelivery) -> bool:
        """Stores how a try went; False when another try has begun since."""
        ...

    def under_way(self, merchant_id: str, event_id: UUID) -> Collection[UUID]:
        """The endpoints that have taken an event, or to which it is still to be sent."""
        ...

    def list(self, merchant_id: str, query: DeliveryQuery) -> Page[WebhookDelivery]:
        """A page of an endpoint's deliveries, newest first."""
        ...

    def forget(self, created_before: datetime, limit: int) -> int:
        """Removes old deliveries that are over; says how many."""
        ...
