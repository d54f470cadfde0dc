"""Counts and times of what the bridge served, by RPC and status and never by path: the labels are bounded."""

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class BridgeMetrics:
    """A registry of its own, so that two bridges in one process do not meet."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "sycee_bridge_requests", "HTTP requests served.", ("rpc", "status"), registry=self._registry
        )
        self._seconds = Histogram(
            "sycee_bridge_request_seconds",
            "Time to the end of the response.",
            ("rpc",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self.in_progress: Final = Gauge(
            "sycee_bridge_requests_in_progress", "HTTP requests that run now.", registry=self._registry
        )

    def count(self, rpc: str, status: int, seconds: float) -> None:
        self._requests.labels(rpc, str(status)).inc()
        self._seconds.labels(rpc).observe(seconds)

    def exposition(self) -> bytes:
        """Prometheus' text format."""
        return generate_latest(self._registry)
