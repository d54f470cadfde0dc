"""A gRPC server that knows every RPC from its descriptor: it remembers what it was asked and answers with a full reply."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import grpc
import grpc.aio
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from tests.contract.samples import filled
from tests.contract.sources import methods, short_name


@dataclass
class Echo:
    """Where the server listens, and the calls that reached it since somebody last took them."""

    address: str = ""
    _calls: list[tuple[str, Message]] = field(default_factory=list)

    def remember(self, rpc: MethodDescriptor, request: Message) -> None:
        self._calls.append((short_name(rpc), request))

    def take(self) -> list[tuple[str, Message]]:
        """RPC and request of each call; they are forgotten."""
        calls, self._calls = self._calls, []
        return calls


@asynccontextmanager
async def running_echo() -> AsyncIterator[Echo]:
    """The server on a free port of the loopback interface."""
    echo = Echo()
    server = grpc.aio.server()
    for service in {method.containing_service.full_name for method in methods()}:
        handlers = {m.name: _handler(echo, m) for m in methods() if m.containing_service.full_name == service}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, handlers),))
    echo.address = f"127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}"
    await server.start()
    try:
        yield echo
    finally:
        await server.stop(grace=None)


def _handler(echo: Echo, rpc: MethodDescriptor) -> "grpc.RpcMethodHandler[Message, Message]":
    reply = filled(rpc.output_type)
    read = GetMessageClass(rpc.input_type).FromString

    async def one_to_one(request: Message, _: object) -> Message:
        echo.remember(rpc, request)
        return reply

    async def one_to_many(request: Message, _: object) -> AsyncIterator[Message]:
        echo.remember(rpc, request)
        yield reply

    async def many_to_one(requests: AsyncIterator[Message], _: object) -> Message:
        async for request in requests:
            echo.remember(rpc, request)
        return reply

    if rpc.client_streaming:
        return grpc.stream_unary_rpc_method_handler(many_to_one, read, type(reply).SerializeToString)
    if rpc.server_streaming:
        return grpc.unary_stream_rpc_method_handler(one_to_many, read, type(reply).SerializeToString)
    return grpc.unary_unary_rpc_method_handler(one_to_one, read, type(reply).SerializeToString)
