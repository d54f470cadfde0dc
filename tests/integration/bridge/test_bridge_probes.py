"""What machines ask of the bridge itself."""

from collections.abc import AsyncIterator

import pytest_asyncio
from aiohttp import ClientSession, web
from grpc_health.v1.health_pb2 import HealthCheckResponse

from http_bridge.serving import running
from http_bridge.settings import BridgeSettings
from sycee.v1.payment_service_pb2 import Payment
from tests.integration.bridge.scripted_server import ScriptedServer


async def test_a_living_bridge_is_healthy(http: ClientSession) -> None:
    """Whatever its server does."""
    async with http.get("/healthz") as response:
        assert (response.status, await response.json()) == (200, {"status": "ok"})


async def test_a_bridge_is_ready_when_its_server_is(server: ScriptedServer, http: ClientSession) -> None:
    """By the standard health service."""
    async with http.get("/readyz") as response:
        assert (response.status, await response.json()) == (200, {"status": "ready"})
    await server.health.set("", HealthCheckResponse.NOT_SERVING)
    async with http.get("/readyz") as response:
        assert (response.status, await response.json()) == (503, {"status": "not_ready"})
    await server.health.set("", HealthCheckResponse.SERVING)


async def test_requests_are_counted_by_rpc_and_never_by_path(server: ScriptedServer, http: ClientSession) -> None:
    """A caller cannot make new labels."""
    server.answers("GetPayment", Payment())
    for path in ("/api/v1/payments/canary-1", "/canary-2", "/api/v1/payments?canary-3=1"):
        async with http.get(path) as response:
            await response.read()
    async with http.get("/metrics") as response:
        assert response.headers["Content-Type"].startswith("text/plain")
        text = await response.text()
    assert 'sycee_bridge_requests_total{rpc="PaymentService.GetPayment",status="200"}' in text
    assert 'sycee_bridge_requests_total{rpc="PaymentService.ListPayments",status="400"}' in text
    assert 'sycee_bridge_requests_total{rpc="none",status="404"}' in text
    assert 'sycee_bridge_request_seconds_count{rpc="PaymentService.GetPayment"}' in text
    assert "sycee_bridge_requests_in_progress 1.0" in text
    assert "canary" not in text


@pytest_asyncio.fixture
async def server_metrics() -> AsyncIterator[str]:
    async def show(_request: web.BaseRequest) -> web.Response:
        return web.Response(text="sycee_server_calls_total 7\n")

    runner = web.ServerRunner(web.Server(show))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/metrics"
    await runner.cleanup()


async def test_the_servers_metrics_are_shown_with_the_bridges(
    scripted: tuple[ScriptedServer, str], server_metrics: str
) -> None:
    """One scrape sees both processes; a server that does not answer costs nothing of the bridge's own."""
    for url, expected in ((server_metrics, True), ("http://127.0.0.1:9/metrics", False)):
        settings = BridgeSettings(grpc_target=scripted[1], port=0, server_metrics_url=url)
        async with (
            running(settings) as port,
            ClientSession() as http,
            http.get(f"http://127.0.0.1:{port}/metrics") as response,
        ):
            text = await response.text()
        assert response.status == 200
        assert ("sycee_server_calls_total 7" in text) is expected
        assert "sycee_bridge_requests_in_progress" in text
