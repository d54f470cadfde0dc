"""Outermost: how long calls take and how they end, as metrics and as one line of log each; nothing of what they carry."""

import asyncio
import time
from typing import Any

import grpc
from prometheus_client import CollectorRegistry, Gauge, Histogram

from server.rpc.call_log import CallLog
from server.rpc.contract import Rpc
from server.rpc.exchange import Context, Exchange, Handler, seconds_left

# Seconds. From what a read costs up to what a slow gateway takes.
_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

# A caller's deadline passes before ours does, by the time that its call was on its way.
_ON_ITS_WAY_SECONDS = 0.1


class Telemetry:
    """Measures every call."""

    def __init__(self, metrics: CollectorRegistry, log: CallLog) -> None:
        self._seconds = Histogram(
            "sycee_rpc_seconds", "How long calls took.", ("method", "code"), buckets=_BUCKETS, registry=metrics
        )
        self._running = Gauge("sycee_rpc_running", "Calls in progress.", ("method",), registry=metrics)
        self._log = log

    def around(self, rpc: Rpc, inner: Handler) -> Handler:
        running = self._running.labels(rpc.method)
        ended: dict[grpc.StatusCode, Histogram] = {}

        async def measured(exchange: Exchange, request: Any) -> bytes:
            started = time.perf_counter()
            running.inc()
            try:
                return await inner(exchange, request)
            except asyncio.CancelledError:
                exchange.code = _why_cancelled(exchange.context)
                raise
            finally:
                seconds = time.perf_counter() - started
                running.dec()
                code = exchange.code
                if code not in ended:
                    ended[code] = self._seconds.labels(rpc.method, code.name)
                ended[code].observe(seconds)
                if self._log.wanted:
                    self._log.add(_fields(exchange, seconds))

        return measured


def _fields(exchange: Exchange, seconds: float) -> dict[str, object]:
    return {
        "request_id": exchange.request_id,
        "method": exchange.rpc.method,
        "code": exchange.code.name,
        "ms": round(seconds * 1000, 2),
        "credential": exchange.call.caller.credential if exchange.call else None,
    }


def _why_cancelled(context: Context) -> grpc.StatusCode:
    """A call is cancelled in the same way whether its caller hung up or its deadline passed."""
    left = seconds_left(context)
    hung_up = left is None or left > _ON_ITS_WAY_SECONDS
    return grpc.StatusCode.CANCELLED if hung_up else grpc.StatusCode.DEADLINE_EXCEEDED
