"""Reads requests and holds them to the rules that the contract states."""

from collections.abc import AsyncIterator

from google.protobuf.message import DecodeError, Message
from protovalidate import Validator, Violation

from server.rpc.contract import Rpc
from server.rpc.exchange import Exchange, Handler
from server.rpc.failures import InvalidRequest
from server.rpc.reasons import reason_name
from server.rpc.unstorable import fields_with_nul
from sycee.v1 import options_pb2


class Validation:
    """Parses and validates. Requests come as bytes, as gRPC would answer unreadable ones with the parser's own text."""

    def __init__(self) -> None:
        self._validator = Validator()

    def around(self, rpc: Rpc, inner: Handler) -> Handler:
        message_class = rpc.request_class
        # Compiles the rules now: a rule that does not compile stops the start, and the first call is as fast as the others.
        self._validator.collect_violations(message_class())

        async def one(exchange: Exchange, request: bytes) -> bytes:
            return await inner(exchange, self._read(message_class, request))

        async def each(exchange: Exchange, request: AsyncIterator[bytes]) -> bytes:
            return await inner(exchange, self._read_all(message_class, request))

        return each if rpc.request_streaming else one

    async def _read_all(self, message_class: type[Message], stream: AsyncIterator[bytes]) -> AsyncIterator[Message]:
        async for request in stream:
            yield self._read(message_class, request)

    def _read(self, message_class: type[Message], request: bytes) -> Message:
        try:
            message = message_class.FromString(request)
        except DecodeError:
            raise InvalidRequest("VALIDATION_ERROR", [("", f"is not a {message_class.DESCRIPTOR.full_name}")]) from None
        # Most requests hold no such byte at all, which is found out in no time.
        if b"\0" in request and (paths := list(fields_with_nul(message))):
            raise InvalidRequest("VALIDATION_ERROR", [(path, "must not hold a NUL character") for path in paths])
        if violations := self._validator.collect_violations(message):
            raise _refusal(message, violations)
        return message


def _refusal(message: Message, violations: list[Violation]) -> InvalidRequest:
    """All violations, under the reason of the first: fields stand in the order of their importance."""
    described = [_described(message, violation) for violation in violations]
    return InvalidRequest(described[0][0], [(path, text) for _, path, text in described])


def _described(message: Message, violation: Violation) -> tuple[str, str, str]:
    """The reason that the field states, the field's path such as `payment_method.card.number`, and what is wrong with it."""
    here, path, reason = message.DESCRIPTOR, "", 0
    for element in violation.proto.field.elements if violation.proto.field else ():
        field = here.fields_by_number[element.field_number]
        path += f".{field.name}" if path else field.name
        # A list's place is told; a map's key is not, as it is the caller's own text.
        if element.subscript is not None and element.subscript.field == "index":
            path += f"[{element.subscript.value}]"
        reason = field.GetOptions().Extensions[options_pb2.field].violation
        below = field.message_type
        if below is not None and below.GetOptions().map_entry:
            below = below.fields_by_name["value"].message_type
        here = below or here
    return reason_name(reason), path, violation.proto.message
