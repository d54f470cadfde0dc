"""A stream of replies as newline-delimited JSON: one object a line, read no faster than the caller takes it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Final, TypeAlias

from aiohttp import web
from aiohttp.hdrs import CONTENT_TYPE
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc import aio

from http_bridge.calls.call import Call, Rpc
from http_bridge.calls.ending import ending
from http_bridge.calls.exchange import Exchange
from http_bridge.calls.wiring import Wiring
from http_bridge.failures.failure import Failed
from http_bridge.requests.binding import RequestBinder

_StreamCall: TypeAlias = aio.UnaryStreamCall[Message, Message]
# A reply, or gRPC's end of file.
_Read: TypeAlias = object

# How long the headers wait for a first reply or an error, which could then still be told by the HTTP status.
_FIRST_REPLY_SECONDS: Final = 0.5


class ServerStreamCall(Call):
    """An error after the first line is the last line, in the dialect's error shape."""

    def __init__(self, rpc: Rpc, binder: RequestBinder, wiring: Wiring) -> None:
        super().__init__(rpc, wiring)
        self._binder = binder
        self._call = wiring.channel.unary_stream(
            rpc.grpc_path,
            request_serializer=GetMessageClass(rpc.method.input_type).SerializeToString,
            response_deserializer=GetMessageClass(rpc.method.output_type).FromString,
        )

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        metadata = self.metadata(exchange)
        message = self._binder.message(exchange.variables, exchange.query, await self.json_body(exchange))
        call = self._call(message, timeout=self.wiring.stream_timeout_seconds, metadata=metadata)
        with self.wiring.open_streams.holding(call):
            first = asyncio.ensure_future(call.read())
            try:
                await asyncio.wait({first}, timeout=_FIRST_REPLY_SECONDS)
                if first.done():
                    await ending(first, has_side_effects=self.has_side_effects)
                return await self._stream(exchange, call, first)
            finally:
                first.cancel()

    async def _stream(self, exchange: Exchange, call: _StreamCall, first: Awaitable[_Read]) -> web.StreamResponse:
        response = web.StreamResponse(headers={**exchange.headers, CONTENT_TYPE: "application/x-ndjson"})
        await response.prepare(exchange.request)
        async for line in self._lines(exchange, call, first):
            await response.write(line + b"\n")
        await response.write_eof()
        return response

    async def _lines(self, exchange: Exchange, call: _StreamCall, first: Awaitable[_Read]) -> AsyncIterator[bytes]:
        reading = first
        try:
            while (reply := await ending(reading, has_side_effects=self.has_side_effects)) is not aio.EOF:
                assert isinstance(reply, Message)
                yield self.write(reply).body
                reading = call.read()
        except Failed as failed:
            if not self.wiring.open_streams.ended:
                yield self.dialect.failure(failed.failure, self.rest, exchange.request_id).body
