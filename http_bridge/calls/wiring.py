"""What every kind of call shares: the channel to the server, the readers of bodies and headers, the limits."""

import asyncio
from dataclasses import dataclass

from grpc import aio

from http_bridge.calls.streams import OpenStreams
from http_bridge.requests.body import BodyReader
from http_bridge.requests.metadata import MetadataReader


@dataclass(frozen=True, slots=True)
class Wiring:
    """`uploads`: how many bodies of files may be in memory at a time."""

    channel: aio.Channel
    bodies: BodyReader
    files: BodyReader
    uploads: asyncio.Semaphore
    metadata: MetadataReader
    open_streams: OpenStreams
    call_timeout_seconds: float
    stream_timeout_seconds: float
