"""HTTP as bytes on a socket, for what a well-behaved client would not send."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson


@dataclass(frozen=True)
class RawResponse:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)


async def exchange(port: int, *parts: bytes, expected: int | None = None) -> list[RawResponse]:
    """Sends the parts one after the other; reads until so many responses are whole, or else until the bridge closes the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received: list[RawResponse] = []
    try:
        for part in parts:
            writer.write(part)
        async with asyncio.timeout(10):
            async for response in _responses(reader):
                received.append(response)
                if len(received) == expected:
                    break
        return received
    finally:
        writer.close()


async def _responses(reader: asyncio.StreamReader) -> AsyncIterator[RawResponse]:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            first, *lines = head.decode().rstrip().split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            yield RawResponse(int(first.split()[1]), headers, body)
    except (asyncio.IncompleteReadError, ConnectionResetError):
        return
