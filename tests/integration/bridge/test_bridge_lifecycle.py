"""A bridge from its start to its stop: without its server, with a server that goes away, with callers that stay."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from aiohttp import ClientConnectionError, ClientSession

from http_bridge.serving import running, serve
from http_bridge.settings import BridgeSettings
from server.commands.ports import free_ports
from sycee.v1.payment_service_pb2 import Payment
from sycee.v1.webhook_service_pb2 import Event
from tests.integration.bridge.raw_http import exchange
from tests.integration.bridge.scripted_server import ScriptedServer


@asynccontextmanager
async def _bridge(target: str, **settings: float) -> AsyncIterator[tuple[ClientSession, int]]:
    options = {"drain_timeout_seconds": 2.0, **settings}
    async with (
        running(BridgeSettings(grpc_target=target, port=0, **options)) as port,  # type: ignore[arg-type]
        ClientSession(f"http://127.0.0.1:{port}") as http,
    ):
        yield http, port


async def test_without_a_server_nothing_was_sent(tmp_path: Path) -> None:
    """The one case in which a call that changes something may be called unavailable: it never left."""
    async with _bridge(f"unix:{tmp_path / 'none.sock'}") as (http, _):
        async with http.post("/api/v1/payments", json={}) as response:
            error = (await response.json())["error"]
        assert (response.status, error["code"], error["outcome"], error["retry_safe"]) == (
            503,
            "GATEWAY_UNAVAILABLE",
            "not_sent",
            True,
        )
        async with http.get("/readyz") as response:
            assert response.status == 503
        async with http.get("/healthz") as response:
            assert response.status == 200


async def test_a_server_that_dies_during_a_call_leaves_the_outcome_unknown(tmp_path: Path) -> None:
    """It may have charged before it died."""
    script, target = ScriptedServer(), f"unix:{tmp_path / 's.sock'}"
    begun = asyncio.Event()

    async def wait(_request: object, _context: object) -> Payment:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    script.replies["CreatePayment"] = wait
    server = await script.start(target)
    async with _bridge(target) as (http, _):
        call = asyncio.create_task(http.post("/api/v1/payments", json={}))
        await asyncio.wait_for(begun.wait(), 5)
        await server.stop(None)
        async with await call as response:
            error = (await response.json())["error"]
        assert (response.status, error["code"], error["outcome"], error["retry_safe"]) == (
            500,
            "INTERNAL",
            "unknown",
            False,
        )


async def test_a_server_that_comes_back_is_found_again(tmp_path: Path) -> None:
    """Within a second or so, without a restart of the bridge."""
    script, target = ScriptedServer(), f"unix:{tmp_path / 's.sock'}"
    script.answers("GetPayment", Payment())
    async with _bridge(target) as (http, _):
        async with http.get("/api/v1/payments/p") as response:
            assert response.status == 503
        server = await script.start(target)
        async with asyncio.timeout(5):
            while (await http.get("/api/v1/payments/p")).status != 200:
                pass
        await server.stop(None)


async def test_calls_that_run_are_finished_before_a_stop(tmp_path: Path) -> None:
    """Their answers arrive; nobody new is let in; streams end without an error."""
    script, target = ScriptedServer(), f"unix:{tmp_path / 's.sock'}"
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(_request: object, _context: object) -> Payment:
        begun.set()
        await go_on.wait()
        return Payment(id="p")

    async def watch(_request: object, _context: object) -> AsyncIterator[Event]:
        yield Event(id="evt_1")
        await asyncio.Event().wait()

    script.replies["CreatePayment"] = slow
    script.streams["WatchEvents"] = watch
    server = await script.start(target)
    ready = asyncio.Event()
    (port,) = free_ports(1)
    bridge = asyncio.create_task(serve(BridgeSettings(grpc_target=target, port=port), ready.set))
    await asyncio.wait_for(ready.wait(), 5)
    async with ClientSession(f"http://127.0.0.1:{port}") as http:
        call = asyncio.create_task(http.post("/api/v1/payments", json={}))
        stream = await http.get("/api/v1/events:watch")
        first_line = await stream.content.readline()
        await asyncio.wait_for(begun.wait(), 5)
        bridge.cancel()
        assert await asyncio.wait_for(stream.content.read(), 5) == b""
        assert b"evt_1" in first_line
        with pytest.raises(ClientConnectionError):
            await http.get("/healthz")
        go_on.set()
        async with await call as response:
            assert (response.status, (await response.json())["id"]) == (201, "p")
    with suppress(asyncio.CancelledError):
        await bridge
    await server.stop(None)


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-A"])
async def test_a_connection_that_sends_no_whole_request_is_closed(tmp_path: Path, sent: bytes) -> None:
    """However slowly its headers trickle in."""
    async with _bridge(f"unix:{tmp_path / 's.sock'}", keepalive_timeout_seconds=0.2) as (_, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(sent)
        assert await asyncio.wait_for(reader.read(), 3) == b""
        writer.close()


async def test_a_body_that_does_not_come_is_given_up(tmp_path: Path) -> None:
    """Nobody holds a request open for ever by sending nothing."""
    head = b"POST /api/v1/payments HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n"
    async with _bridge(f"unix:{tmp_path / 's.sock'}", body_timeout_seconds=0.2) as (_, port):
        [response] = await exchange(port, head, b"{", expected=1)
    assert (response.status, response.json["error"]["message"]) == (400, "body: it did not arrive in time")


async def test_a_call_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    """Its outcome is not known, and the server is told to stop."""
    script, target = ScriptedServer(), f"unix:{tmp_path / 's.sock'}"

    async def wait(_request: object, _context: object) -> Payment:
        await asyncio.Event().wait()
        raise AssertionError

    script.replies["CreatePayment"] = wait
    server = await script.start(target)
    async with (
        _bridge(target, call_timeout_seconds=0.2) as (http, _),
        http.post("/api/v1/payments", json={}) as response,
    ):
        error = (await response.json())["error"]
    assert (response.status, error["code"], error["outcome"]) == (504, "TIMEOUT", "unknown")
    await server.stop(None)
