"""What a dialect decides: how values are written, what success looks like, and what failure looks like."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from codec.codec import JsonCodec
from http_bridge.failures.failure import Failure
from sycee.v1.options_pb2 import Rest


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body of JSON; the body is empty where HTTP allows none."""

    status: int
    body: bytes


WriteAnswer: TypeAlias = Callable[[Message], Answer]


class Dialect(Protocol):
    """Made once, at start-up."""

    @property
    def codec(self) -> JsonCodec: ...

    def success(self, reply: Descriptor, rest: Rest) -> WriteAnswer:
        """The function that writes a method's replies, compiled."""

    def failure(self, failure: Failure, rest: Rest, request_id: str) -> Answer:
        """`rest`: the called method's, an empty one when no method was found."""
