"""A fault of the bridge's own."""

import logging
from unittest.mock import Mock
from zoneinfo import ZoneInfo

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from http_bridge.calls.exchange import Endpoint, Exchange
from http_bridge.dialects.choice import Dialects
from http_bridge.dialects.mall import MallDialect
from http_bridge.dialects.v1 import V1Dialect
from http_bridge.probes.endpoints import Probe
from http_bridge.probes.metrics import BridgeMetrics
from http_bridge.routing.router import Router
from http_bridge.routing.template import parse_template
from http_bridge.web.bridge import Bridge
from http_bridge.web.cors import Cors


async def test_a_fault_is_told_and_logged_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    """It may quote the request, and the request may hold a card."""

    async def fail(_exchange: Exchange) -> web.Response:
        raise ValueError("4242424242424242")

    router: Router[Endpoint] = Router()
    router.add("GET", parse_template("/api/v1/fault"), Probe("fault", fail))
    bridge = Bridge(
        router=router,
        dialects=Dialects(V1Dialect(), MallDialect(ZoneInfo("Asia/Shanghai"))),
        cors=Cors(()),
        metrics=BridgeMetrics(),
        new_request_id=lambda: "r-1",
        clock=lambda: 0.0,
    )
    with caplog.at_level(logging.DEBUG):
        response = await bridge.handle(make_mocked_request("GET", "/api/v1/fault", writer=Mock(output_size=0)))
    assert isinstance(response, web.Response)
    assert response.status == 500
    assert isinstance(response.body, bytes)
    [record] = caplog.records
    told = response.body.decode() + str(vars(record))
    assert "INTERNAL" in told
    assert "r-1" in told
    assert "4242" not in told
