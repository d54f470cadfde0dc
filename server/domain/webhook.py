"""Webhooks: where a merchant's events are sent, and each event on its way to one endpoint."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias, assert_never
from uuid import UUID

from server.domain.webhook_schedule import Jitter, next_try_in

EVERY_TYPE = "*"
"""Stands for all types of events."""

DISABLED_AFTER = timedelta(days=5)
"""An endpoint that has taken nothing for so long is sent nothing any more."""

_GONE = 410


class EndpointStatus(StrEnum):
    """Whether anything is sent to an endpoint."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class DeliveryStatus(StrEnum):
    """Where a delivery stands."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Sealed:
    """An endpoint's secrets, encrypted under a data key."""

    data_key_id: UUID
    text: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class WebhookEndpoint:
    """Where webhooks are sent. `failing_since` is when its first try failed after which none has succeeded."""

    id: UUID
    merchant_id: str
    url: str
    events: tuple[str, ...]
    sealed: Sealed
    created_at: datetime
    status: EndpointStatus = EndpointStatus.ENABLED
    failing_since: datetime | None = None

    @property
    def enabled(self) -> bool:
        return self.status is EndpointStatus.ENABLED

    @property
    def shown_url(self) -> str:
        """Its address as far as anybody may read it for ever: what stands in a query may be a secret."""
        return self.url.partition("?")[0]

    def takes(self, event_type: str) -> bool:
        """Whether events of a type are sent here."""
        return EVERY_TYPE in self.events or event_type in self.events

    def changed(self, url: str | None, events: Sequence[str], status: EndpointStatus | None) -> "WebhookEndpoint":
        """With what is given in place of what was. One that is switched on again or has moved has its days of failure before it, not behind it."""
        switched_on = status is EndpointStatus.ENABLED and not self.enabled
        moved = url is not None and url != self.url
        return replace(
            self,
            url=url if url is not None else self.url,
            events=tuple(events) or self.events,
            status=status or self.status,
            failing_since=None if switched_on or moved else self.failing_since,
        )

    def with_secrets(self, sealed: Sealed) -> "WebhookEndpoint":
        """Signed for with other secrets from now on."""
        return replace(self, sealed=sealed)

    def disabled(self) -> "WebhookEndpoint":
        """Nothing is sent any more."""
        return replace(self, status=EndpointStatus.DISABLED)


@dataclass(frozen=True, slots=True)
class WebhookStanding:
    """How all merchants' webhooks stand: how many endpoints there are of each status, and what those that are enabled have not taken yet."""

    endpoints: Mapping[EndpointStatus, int]
    pending: int
    oldest_pending: datetime | None
    """Since when the oldest one waits; None where nothing does."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The endpoint answered: with an HTTP status, and perhaps with when to come back."""

    status: int
    retry_after: timedelta | None = None

    @property
    def taken(self) -> bool:
        """Only 2xx is a yes: a redirect is followed by nobody."""
        return 200 <= self.status < 300

    @property
    def gone(self) -> bool:
        """The endpoint wants nothing any more."""
        return self.status == _GONE


@dataclass(frozen=True, slots=True)
class NoAnswer:
    """The endpoint did not answer, or may not be called: why, in words that tell nothing of our network."""

    reason: str


Reply: TypeAlias = Answered | NoAnswer
"""What came of one try."""


@dataclass(frozen=True, slots=True)
class WebhookDelivery:
    """One event on its way to one endpoint. `due_at` is schedule and lease at once: a claimed delivery is due again when its lease ends; `attempts` fences what is said of a try."""

    id: UUID
    merchant_id: str
    endpoint_id: UUID
    event_id: UUID
    event_type: str
    created_at: datetime
    due_at: datetime
    status: DeliveryStatus = DeliveryStatus.PENDING
    attempts: int = 0
    response_status: int | None = None
    failure_reason: str | None = None
    attempted_at: datetime | None = None

    def begun(self, at: datetime, until: datetime) -> "WebhookDelivery":
        """A try begins; whoever began it has until then to say how it went."""
        return replace(self, attempts=self.attempts + 1, attempted_at=at, due_at=until)

    def answered(self, reply: Reply, at: datetime, jitter: Jitter) -> "WebhookDelivery":
        """What the last try makes of it: taken, tried again later, or given up."""
        if isinstance(reply, Answered) and reply.taken:
            return replace(self, status=DeliveryStatus.SUCCEEDED, response_status=reply.status, failure_reason=None)
        failed, delay = self._failed(reply), next_try_in(self.attempts, jitter)
        if delay is None or (isinstance(reply, Answered) and reply.gone):
            return replace(failed, status=DeliveryStatus.FAILED)
        patience = reply.retry_after if isinstance(reply, Answered) else None
        return replace(failed, due_at=at + max(delay, patience or timedelta()))

    def _failed(self, reply: Reply) -> "WebhookDelivery":
        match reply:
            case Answered(status=status):
                return replace(self, response_status=status, failure_reason=f"the endpoint answered {status}")
            case NoAnswer(reason=reason):
                return replace(self, response_status=None, failure_reason=reason)
            case _:
                assert_never(reply)

    def given_up(self) -> "WebhookDelivery":
        """Tried once and not again."""
        return self if self.status is DeliveryStatus.SUCCEEDED else replace(self, status=DeliveryStatus.FAILED)
