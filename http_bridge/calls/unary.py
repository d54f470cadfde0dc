"""JSON in, JSON out: one request message, one reply."""

from aiohttp import web
from google.protobuf.message_factory import GetMessageClass

from http_bridge.calls.call import Call, Rpc
from http_bridge.calls.ending import ending, replay_headers
from http_bridge.calls.exchange import Exchange
from http_bridge.calls.wiring import Wiring
from http_bridge.requests.binding import RequestBinder


class UnaryCall(Call):
    def __init__(self, rpc: Rpc, binder: RequestBinder, wiring: Wiring) -> None:
        super().__init__(rpc, wiring)
        self._binder = binder
        self._call = wiring.channel.unary_unary(
            rpc.grpc_path,
            request_serializer=GetMessageClass(rpc.method.input_type).SerializeToString,
            response_deserializer=GetMessageClass(rpc.method.output_type).FromString,
        )

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        metadata = self.metadata(exchange)
        message = self._binder.message(exchange.variables, exchange.query, await self.json_body(exchange))
        call = self._call(message, timeout=self.wiring.call_timeout_seconds, metadata=metadata)
        reply = await ending(call, has_side_effects=self.has_side_effects)
        return exchange.respond(self.write(reply), await replay_headers(call) if self.has_side_effects else None)
