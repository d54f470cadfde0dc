"""Figures of webhooks, for Prometheus: how their tries end, what waits how long, and which endpoints are off. Never by address or merchant: the labels are bounded."""

from collections.abc import Mapping
from datetime import datetime
from typing import assert_never

from prometheus_client import CollectorRegistry, Counter, Gauge

from server.domain.clock import Clock
from server.domain.courier import Courier
from server.domain.webhook import Answered, EndpointStatus, NoAnswer, Reply, WebhookStanding

_OUTCOMES = ("taken", "refused", "gone", "no_answer")


class WebhookMetrics:
    """What this process has tried since it started, and how webhooks stood when that was last looked at."""

    def __init__(self, registry: CollectorRegistry, clock: Clock) -> None:
        self._clock = clock
        self._oldest: datetime | None = None
        self._tries = Counter(
            "sycee_webhook_tries", "Tries of webhooks, by how they ended.", ("outcome",), registry=registry
        )
        self._endpoints = Gauge(
            "sycee_webhook_endpoints", "Webhook endpoints, by status.", ("status",), registry=registry
        )
        self._pending = Gauge(
            "sycee_webhook_pending", "Webhooks that enabled endpoints have not taken yet.", registry=registry
        )
        oldest = Gauge(
            "sycee_webhook_oldest_pending_seconds", "How long the oldest of those has been pending.", registry=registry
        )
        oldest.set_function(self._oldest_seconds)
        for outcome in _OUTCOMES:
            self._tries.labels(outcome)

    def tried(self, reply: Reply) -> None:
        """Counts a try."""
        self._tries.labels(_outcome(reply)).inc()

    def show(self, standing: WebhookStanding) -> None:
        """What is shown until the next look; ages go on."""
        self._oldest = standing.oldest_pending
        self._pending.set(standing.pending)
        for status in EndpointStatus:
            self._endpoints.labels(status.value).set(standing.endpoints.get(status, 0))

    def _oldest_seconds(self) -> float:
        oldest = self._oldest
        return 0.0 if oldest is None else max(0.0, (self._clock.now() - oldest).total_seconds())


class CountedCourier:
    """A courier whose tries are counted."""

    def __init__(self, courier: Courier, metrics: WebhookMetrics) -> None:
        self._courier = courier
        self._metrics = metrics

    async def carry(self, url: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Sends one request and tells what came of it, as the courier does."""
        reply = await self._courier.carry(url, headers, body)
        self._metrics.tried(reply)
        return reply


def _outcome(reply: Reply) -> str:
    match reply:
        case Answered(taken=True):
            return "taken"
        case Answered(gone=True):
            return "gone"
        case Answered():
            return "refused"
        case NoAnswer():
            return "no_answer"
    assert_never(reply)
