"""One call of a merchant, read and checked, and what it is answered."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson

from sandbox.json_types import Json, Resource

_CREATED = 201


@dataclass(frozen=True)
class Call:
    """`body` is the JSON document, or None when there was none; `id` is the one in the path."""

    id: str
    body: Json
    request_id: str | None
    whole: bool
    """Whether the caller prefers the whole representation."""

    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def fields(self) -> Mapping[str, Json]:
        return self.body if isinstance(self.body, dict) else {}

    def text(self, name: str) -> str | None:
        value = self.fields.get(name)
        return value if isinstance(value, str) else None


@dataclass(frozen=True)
class Reply:
    status: int
    body: bytes


def created(resource: Resource) -> Reply:
    return Reply(_CREATED, orjson.dumps(resource))


def shown(resource: Resource) -> Reply:
    return Reply(200, orjson.dumps(resource))


def no_content() -> Reply:
    return Reply(204, b"")
