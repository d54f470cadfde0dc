"""Bytes of any type, passed on untouched with the HTTP headers; the method says status, headers and body of the answer."""

from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web
from aiohttp.hdrs import CONTENT_TYPE
from google.api.httpbody_pb2 import HttpBody
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from http_bridge.calls.call import Call, Rpc
from http_bridge.calls.ending import ending
from http_bridge.calls.exchange import Exchange
from http_bridge.calls.wiring import Wiring

_BYTES: Final = "application/octet-stream"
# Credentials of ours, and what belongs to the connection alone.
_NOT_PASSED_ON: Final = frozenset(
    {
        "authorization",
        "connection",
        "cookie",
        "expect",
        "keep-alive",
        "proxy-authorization",
        "te",
        "transfer-encoding",
        "upgrade",
    }
)
# The bridge's own to say.
_NOT_TAKEN_OVER: Final = frozenset(
    {"connection", "content-length", "content-type", "date", "keep-alive", "transfer-encoding", "x-request-id"}
)


class RawCall(Call):
    """The request has an HttpBody where the route has its body, and a map `headers`; the reply has `status`, `headers`, and an HttpBody or the documented answer.

    A query says nothing here: a callback's URL is the merchant's to choose.
    """

    def __init__(self, rpc: Rpc, body_field: str, wiring: Wiring) -> None:
        super().__init__(rpc, wiring)
        self._body_field = body_field
        self._answer_field = _http_body_field(rpc.method.output_type)
        self._request_class: type[Message] = GetMessageClass(rpc.method.input_type)
        self._call = wiring.channel.unary_unary(
            rpc.grpc_path,
            request_serializer=self._request_class.SerializeToString,
            response_deserializer=GetMessageClass(rpc.method.output_type).FromString,
        )

    async def serve(self, exchange: Exchange) -> web.StreamResponse:
        metadata = self.metadata(exchange)
        body = HttpBody(
            content_type=_text(exchange.request.headers.get(CONTENT_TYPE, "")),
            data=await self.wiring.bodies.read(exchange.request),
        )
        fields: dict[str, Any] = {**exchange.variables, self._body_field: body, "headers": _headers(exchange.request)}
        call = self._call(self._request_class(**fields), timeout=self.wiring.call_timeout_seconds, metadata=metadata)
        return self._respond(exchange, await ending(call, has_side_effects=self.has_side_effects))

    def _respond(self, exchange: Exchange, reply: Any) -> web.Response:
        further = {name: value for name, value in reply.headers.items() if name.lower() not in _NOT_TAKEN_OVER}
        if not reply.HasField(self._answer_field):
            return exchange.respond(self.write(reply), further)
        body: HttpBody = getattr(reply, self._answer_field)
        headers = {**exchange.headers, **further}
        if body.data:
            headers[CONTENT_TYPE] = body.content_type or _BYTES
        return web.Response(status=reply.status or 200, body=body.data or None, headers=headers)


def _http_body_field(reply: Descriptor) -> str:
    for field in reply.fields:
        if field.message_type is not None and field.message_type.full_name == HttpBody.DESCRIPTOR.full_name:
            return field.name
    raise ValueError(f"{reply.full_name} has no google.api.HttpBody to answer with")


def _headers(request: web.BaseRequest) -> Mapping[str, str]:
    """Names in lower case; several lines of one name are one value, as HTTP defines it."""
    names = {name.lower() for name in request.headers} - _NOT_PASSED_ON
    return {name: ", ".join(_text(value) for value in request.headers.getall(name)) for name in names}


def _text(value: str) -> str:
    """What was no UTF-8 becomes U+FFFD: protobuf strings hold nothing else."""
    return value.encode(errors="surrogateescape").decode(errors="replace")
