"""A gRPC server that serves every method of the contract as a test scripts it, and remembers what it was asked."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import grpc
from google.protobuf.any_pb2 import Any as Packed
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc import aio
from grpc_health.v1 import health, health_pb2_grpc
from grpc_status import rpc_status

from http_bridge.contract import SERVICES

Context: TypeAlias = aio.ServicerContext[Any, Any]
Reply: TypeAlias = Callable[[Any, Context], Awaitable[Message]]
Stream: TypeAlias = Callable[[Any, Context], AsyncIterator[Message]]


@dataclass
class Asked:
    """One call as the server saw it; `request` is the list of all messages where the client streams."""

    method: str
    request: Any
    metadata: dict[str, str]
    seconds_left: float


@dataclass
class ScriptedServer:
    """Scripts by method name, such as `GetPayment`; a method without one is UNIMPLEMENTED."""

    replies: dict[str, Reply] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    health: Any = field(default_factory=health.aio.HealthServicer)

    def answers(self, method: str, reply: Message) -> None:
        async def answer(_request: Any, _context: Context) -> Message:
            return reply

        self.replies[method] = answer

    def fails(self, method: str, code: grpc.StatusCode, message: str = "", *details: Message) -> None:
        """With details as the server packs them, or as gRPC itself fails without any."""

        async def fail(_request: Any, context: Context) -> Message:
            if details:
                packed = [Packed() for _ in details]
                for into, detail in zip(packed, details, strict=True):
                    into.Pack(detail)
                status = rpc_status.to_status(Status(code=code.value[0], message=message, details=packed))
                await context.abort(code, message, status.trailing_metadata)
            await context.abort(code, message)
            raise AssertionError

        self.replies[method] = fail

    def refuses(
        self, method: str, code: grpc.StatusCode, reason: str, message: str = "", *details: Message, **facts: str
    ) -> None:
        """With one of our reasons."""
        self.fails(method, code, message, ErrorInfo(reason=reason, domain="sycee", metadata=facts), *details)

    def reset(self) -> None:
        self.replies.clear()
        self.streams.clear()
        self.asked.clear()

    async def start(self, address: str) -> aio.Server:
        server = aio.server()
        health_pb2_grpc.add_HealthServicer_to_server(self.health, server)
        for service in SERVICES:
            handlers = {method.name: self._handler(method) for method in service.methods}
            server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service.full_name, handlers),))
        server.add_insecure_port(address)
        await server.start()
        return server

    def _handler(self, method: MethodDescriptor) -> "grpc.RpcMethodHandler[Any, Any]":
        deserialize = GetMessageClass(method.input_type).FromString
        serialize = GetMessageClass(method.output_type).SerializeToString
        if method.server_streaming:
            return grpc.unary_stream_rpc_method_handler(self._stream(method.name), deserialize, serialize)
        make = grpc.stream_unary_rpc_method_handler if method.client_streaming else grpc.unary_unary_rpc_method_handler
        return make(self._reply(method.name), deserialize, serialize)

    def _reply(self, name: str) -> Any:
        async def reply(request: Any, context: Context) -> Message:
            if hasattr(request, "__aiter__"):
                request = [message async for message in request]
            self._note(name, request, context)
            if name not in self.replies:
                await context.abort(grpc.StatusCode.UNIMPLEMENTED, "not yet")
            return await self.replies[name](request, context)

        return reply

    def _stream(self, name: str) -> Any:
        async def stream(request: Any, context: Context) -> AsyncIterator[Message]:
            self._note(name, request, context)
            async for message in self.streams[name](request, context):
                yield message

        return stream

    def _note(self, name: str, request: Any, context: Context) -> None:
        metadata = {key: str(value) for key, value in context.invocation_metadata() or ()}
        self.asked.append(Asked(name, request, metadata, context.time_remaining()))
