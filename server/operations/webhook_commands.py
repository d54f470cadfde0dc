"""What callers ask of webhook endpoints and of events, checked for form and not yet for sense."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.domain.webhook import EndpointStatus


@dataclass(frozen=True, slots=True)
class CreateWebhookEndpoint:
    """Where to send webhooks, and of which types of events; `*` stands for all."""

    url: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UpdateWebhookEndpoint:
    """What to change of an endpoint: None, and no types, leave what is there."""

    id: UUID
    url: str | None = None
    events: tuple[str, ...] = ()
    status: EndpointStatus | None = None


@dataclass(frozen=True, slots=True)
class RedeliverEvents:
    """Which events to send again: bounds on times are exclusive, None does not filter. `failed_only` leaves out endpoints that have taken an event or are still to get it."""

    created_after: datetime
    created_before: datetime | None = None
    type: str | None = None
    endpoint_id: UUID | None = None
    failed_only: bool = False
