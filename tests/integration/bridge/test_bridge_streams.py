"""Events as newline-delimited JSON: lines as they happen, errors as the last line, nothing after the caller is gone."""

import asyncio
import json
from collections.abc import AsyncIterator

import grpc
import pytest
from aiohttp import ClientSession

from sycee.v1.payment_service_pb2 import Payment
from sycee.v1.webhook_service_pb2 import Event, EventData, WatchEventsRequest
from tests.integration.bridge.scripted_server import Context, ScriptedServer

WATCH = "/api/v1/events:watch"


def _event(number: int) -> Event:
    return Event(id=f"evt_{number}", sequence=number, data=EventData(payment=Payment(id="p")))


async def test_events_are_lines_as_they_happen(server: ScriptedServer, http: ClientSession) -> None:
    """A line is there before the next event happened; the query says where to start."""
    seen = asyncio.Event()

    async def two(_request: object, _context: Context) -> AsyncIterator[Event]:
        yield _event(1)
        await asyncio.wait_for(seen.wait(), 5)
        yield _event(2)

    server.streams["WatchEvents"] = two
    async with http.get(f"{WATCH}?cursor=evt_0&types=a&types=b") as response:
        assert (response.status, response.content_type) == (200, "application/x-ndjson")
        first = json.loads(await response.content.readline())
        seen.set()
        second = json.loads(await response.content.readline())
        assert await response.content.read() == b""
    assert (first["id"], second["id"], first["data"]["object"]["id"]) == ("evt_1", "evt_2", "p")
    assert server.asked[0].request == WatchEventsRequest(cursor="evt_0", types=["a", "b"])


async def test_an_error_before_the_first_event_has_its_status(server: ScriptedServer, http: ClientSession) -> None:
    """A cursor that is not kept any more is an ordinary 404."""

    async def refuse(_request: object, context: Context) -> AsyncIterator[Event]:
        await server.replies["refuse"](_request, context)
        yield _event(0)

    server.refuses("refuse", grpc.StatusCode.NOT_FOUND, "EVENT_NOT_FOUND", "No such event.")
    server.streams["WatchEvents"] = refuse
    async with http.get(WATCH) as response:
        assert (response.status, (await response.json())["error"]["code"]) == (404, "EVENT_NOT_FOUND")


async def test_an_error_after_an_event_is_the_last_line(server: ScriptedServer, http: ClientSession) -> None:
    """The status was told already."""

    async def break_off(_request: object, context: Context) -> AsyncIterator[Event]:
        yield _event(1)
        await context.abort(grpc.StatusCode.INTERNAL, "secret")

    server.streams["WatchEvents"] = break_off
    async with http.get(WATCH, headers={"X-Request-Id": "r"}) as response:
        lines = (await response.read()).splitlines()
    assert response.status == 200
    assert len(lines) == 2
    error = json.loads(lines[1])["error"]
    assert (error["code"], error["request_id"], "secret" in error["message"]) == ("INTERNAL", "r", False)


async def test_a_silent_stream_begins_all_the_same(server: ScriptedServer, http: ClientSession) -> None:
    """A watcher knows that it watches before anything happens, and the server learns that it left."""
    ended = asyncio.Event()

    async def silent(_request: object, _context: Context) -> AsyncIterator[Event]:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()
        yield _event(0)

    server.streams["WatchEvents"] = silent
    async with http.get(WATCH) as response:
        assert response.status == 200
    response.close()
    await asyncio.wait_for(ended.wait(), 5)


async def test_a_slow_reader_slows_the_stream_down(server: ScriptedServer, bridge_port: int) -> None:
    """The bridge holds no more than a few buffers of what the caller does not take."""
    all_sent = asyncio.Event()

    async def flood(_request: object, _context: Context) -> AsyncIterator[Event]:
        for _ in range(1500):
            yield Event(id="e" * 16_384)
        all_sent.set()

    server.streams["WatchEvents"] = flood
    reader, writer = await asyncio.open_connection("127.0.0.1", bridge_port, limit=1024)
    writer.write(b"GET " + WATCH.encode() + b" HTTP/1.1\r\nHost: x\r\n\r\n")
    assert (await reader.read(12)) == b"HTTP/1.1 200"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(all_sent.wait(), 1.0)
    while not all_sent.is_set():
        await reader.read(1 << 20)
    writer.close()
