"""HTTP as bytes on a socket, for what a well-behaved client would not send."""

import asyncio
from collections.abc import Iterable
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


async def exchange(port: int, *parts: bytes) -> list[RawResponse]:
    """Sends the parts one after the other and reads until the bridge closes the connection or falls silent."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
        received = bytearray()
        while chunk := await _read(reader):
            received += chunk
        return list(_responses(bytes(received)))
    finally:
        writer.close()


async def _read(reader: asyncio.StreamReader) -> bytes:
    try:
        async with asyncio.timeout(0.5):
            return await reader.read(65536)
    except TimeoutError:
        return b""


def _responses(received: bytes) -> Iterable[RawResponse]:
    while received:
        head, _, received = received.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        yield RawResponse(int(first.split()[1]), headers, received[:length])
        received = received[length:]
