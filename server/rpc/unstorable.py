"""Finds the one character that text may hold and PostgreSQL cannot store."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_NUL = "\0"


def fields_with_nul(message: Message, path: str = "") -> Iterator[str]:
    """The paths of text that holds a NUL; of a map the map's own, as its keys are the caller's text."""
    for field, value in message.ListFields():
        below = f"{path}{field.name}"
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            if any(_NUL in text for pair in value.items() for text in pair if isinstance(text, str)):
                yield below
        elif field.is_repeated:
            for place, item in enumerate(value):
                yield from _of_one(field, item, f"{below}[{place}]")
        else:
            yield from _of_one(field, value, below)


def _of_one(field: FieldDescriptor, value: Any, path: str) -> Iterator[str]:
    if field.type == FieldDescriptor.TYPE_MESSAGE:
        yield from fields_with_nul(value, f"{path}.")
    elif field.type == FieldDescriptor.TYPE_STRING and _NUL in value:
        yield path
