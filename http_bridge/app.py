"""Puts a bridge together from its settings and a channel to the server: the only place that knows all parts."""

import asyncio
import secrets
import time
from zoneinfo import ZoneInfo

from aiohttp.hdrs import METH_GET, METH_HEAD
from grpc import aio

from http_bridge.calls.call import Rpc
from http_bridge.calls.choice import endpoint_of
from http_bridge.calls.exchange import Endpoint
from http_bridge.calls.streams import OpenStreams
from http_bridge.calls.wiring import Wiring
from http_bridge.contract import SERVICES
from http_bridge.dialects.choice import Dialects
from http_bridge.dialects.mall import MallDialect
from http_bridge.dialects.v1 import V1Dialect
from http_bridge.probes.endpoints import Metrics, Probe, Ready, live
from http_bridge.probes.metrics import BridgeMetrics
from http_bridge.probes.readiness import Readiness
from http_bridge.probes.server_metrics import ServerMetrics
from http_bridge.requests.body import BodyReader
from http_bridge.requests.metadata import MetadataReader
from http_bridge.routing.router import Router
from http_bridge.routing.routes import routes_of
from http_bridge.routing.template import parse_template
from http_bridge.settings import BridgeSettings
from http_bridge.web.bridge import Bridge
from http_bridge.web.cors import Cors
from http_bridge.web.server import BridgeServer


def create_app(settings: BridgeSettings, channel: aio.Channel, open_streams: OpenStreams) -> BridgeServer:
    """To be made inside the event loop that serves. Raises ValueError when the contract has a route that cannot be served."""
    dialects = Dialects(V1Dialect(), MallDialect(ZoneInfo(settings.mall_time_zone)))
    wiring = Wiring(
        channel=channel,
        bodies=BodyReader(settings.max_body_bytes, settings.body_timeout_seconds),
        files=BodyReader(settings.max_file_bytes, settings.file_timeout_seconds),
        uploads=asyncio.Semaphore(settings.max_uploads),
        metadata=MetadataReader(settings.trusted_proxies),
        open_streams=open_streams,
        call_timeout_seconds=settings.call_timeout_seconds,
        stream_timeout_seconds=settings.stream_timeout_seconds,
    )
    metrics = BridgeMetrics()
    router: Router[Endpoint] = Router()
    _add_contract(router, dialects, wiring)
    _add_probes(router, settings, channel, metrics)
    bridge = Bridge(
        router=router,
        dialects=dialects,
        cors=Cors(settings.cors_origins),
        metrics=metrics,
        new_request_id=lambda: secrets.token_hex(16),
        clock=time.perf_counter,
    )
    return BridgeServer(bridge, settings)


def _add_contract(router: Router[Endpoint], dialects: Dialects, wiring: Wiring) -> None:
    for route in routes_of(SERVICES):
        rpc = Rpc(route.method, dialects.of(route.path))
        endpoint = endpoint_of(rpc, route.rule, route.template, wiring)
        router.add(route.http_method, route.template, endpoint)
        # A stream has no end that a HEAD could tell of.
        if route.http_method == METH_GET and not route.method.server_streaming:
            router.add(METH_HEAD, route.template, endpoint)


def _add_probes(
    router: Router[Endpoint], settings: BridgeSettings, channel: aio.Channel, metrics: BridgeMetrics
) -> None:
    server = ServerMetrics(settings.server_metrics_url) if settings.server_metrics_url else None
    probes = {
        "/healthz": Probe("healthz", live),
        "/readyz": Probe("readyz", Ready(Readiness(channel))),
        "/metrics": Probe("metrics", Metrics(metrics, server)),
    }
    for path, probe in probes.items():
        for http_method in (METH_GET, METH_HEAD):
            router.add(http_method, parse_template(path), probe)
