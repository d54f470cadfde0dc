"""One dialect's codec: bytes of JSON to a message or to what is wrong with them, and a message to bytes of JSON."""

from typing import TypeVar

import orjson
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from codec.decoder import MessageDecoder
from codec.encoder import MessageEncoder, Write
from codec.facts import descriptor_of
from codec.json_text import read_object
from codec.problem import Problems, Refused
from codec.scalars import Read
from codec.times import Times

AnyMessage = TypeVar("AnyMessage", bound=Message)


class JsonCodec:
    """Made once per dialect, at start-up; what it compiles it keeps."""

    def __init__(self, times: Times) -> None:
        self.times = times
        self._encoder = MessageEncoder(times)
        self._decoder = MessageDecoder(times)

    def writer(self, message: Descriptor) -> Write:
        """From a message of this type to what `orjson` writes."""
        return self._encoder.writer(message)

    def field_writer(self, message: Descriptor, field_name: str) -> Write:
        """From a message of this type to what `orjson` writes for one field of it."""
        return self._encoder.field_writer(message, field_name)

    def reader(self, message: Descriptor, without: frozenset[str] = frozenset()) -> Read:
        """From parsed JSON to the arguments that make a message of this type; `without`: dotted paths that it may not carry."""
        return self._decoder.reader(message, without)

    def encode(self, message: Message) -> bytes:
        return orjson.dumps(self.writer(descriptor_of(message))(message))

    def decode(self, message_class: type[AnyMessage], raw: bytes) -> AnyMessage | Refused:
        parsed = read_object(raw)
        if isinstance(parsed, Refused):
            return parsed
        problems = Problems()
        tree = self.reader(descriptor_of(message_class))(parsed, "", problems)
        return problems.refused() if problems else make_message(message_class, tree)


def make_message(message_class: type[AnyMessage], tree: object) -> AnyMessage:
    """The message of a tree that a reader made without problems."""
    assert isinstance(tree, dict)
    return message_class(**tree)
