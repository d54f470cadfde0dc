"""One call on its way through the interceptors, and the shape that they all have."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol
from uuid import UUID

import grpc

from server.domain.access import Call
from server.domain.errors import ValidationError
from server.rpc.contract import Rpc

Metadata = tuple[tuple[str, str | bytes], ...]
Context = grpc.aio.ServicerContext[Any, Any]

AUTHORIZATION = "authorization"
IDEMPOTENCY_KEY = "idempotency-key"
REQUEST_ID = "x-request-id"
REPLAYED = "idempotent-replayed"
STATUS_DETAILS = "grpc-status-details-bin"


class Exchange:
    """A call. `id` names it, and the operation that it stands for unless an idempotency key names an earlier one; `call` is set once the caller is known."""

    __slots__ = ("_metadata", "call", "code", "context", "id", "request_id", "rpc", "trailing")

    def __init__(self, rpc: Rpc, context: Context, id: UUID) -> None:
        self.rpc = rpc
        self.context = context
        self.id = id
        self.request_id = ""
        self.call: Call | None = None
        self.code = grpc.StatusCode.OK
        self.trailing: Metadata = ()
        self._metadata: Metadata = tuple(context.invocation_metadata() or ())

    def values(self, name: str) -> list[str]:
        """What the caller sent under a name, such as `authorization`."""
        return [str(value) for key, value in self._metadata if key == name]

    def only_value(self, name: str) -> str | None:
        """The same where only one value makes sense. Raises ValidationError when there are more, as nobody could say which one counts."""
        values = self.values(name)
        if len(values) > 1:
            raise ValidationError(name, "must be sent once")
        return values[0] if values else None

    def send_at_the_end(self, *metadata: tuple[str, str]) -> None:
        """Adds trailing metadata, to a reply as to an error."""
        self.trailing += metadata
        self.context.set_trailing_metadata(self.trailing)


def seconds_left(context: Context) -> float | None:
    """How long the caller still waits; None without a deadline, which the library's types deny."""
    return context.time_remaining()


# What goes in differs along the way (bytes, then a message, or a stream of either); what comes out is always the reply's bytes, empty for a stream, whose
# messages are written to the context.
Handler = Callable[[Exchange, Any], Awaitable[bytes]]


class Interceptor(Protocol):
    """One concern of every call."""

    def around(self, rpc: Rpc, inner: Handler) -> Handler:
        """The handler of an RPC with this concern around it. Called once when the server is built, so that a call looks nothing up that its RPC decides."""
        ...
