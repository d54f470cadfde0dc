"""What all of Stripe's resources have in common: an id, a time of creation and a stored form."""

from dataclasses import dataclass
from typing import ClassVar, Self

import orjson

from sandbox.json_types import Json, Resource


@dataclass
class Record:
    """A resource as it is kept. `resource()` is what the API shows of it; the other fields never leave the sandbox."""

    KIND: ClassVar[str]
    """The resource's `object` name."""
    NOUN: ClassVar[str]
    """How Stripe's messages call it."""
    EXPANDABLE: ClassVar[frozenset[str]] = frozenset()

    id: str
    created: int

    def resource(self) -> Resource:
        raise NotImplementedError

    def shown_at(self, now: int) -> Resource:
        """The resource as the API shows it at a time, for the few whose look depends on it."""
        return self.resource()

    def stored(self) -> str:
        return orjson.dumps(self).decode()

    @classmethod
    def load(cls, stored: str) -> Self:
        return cls(**orjson.loads(stored))


def listing(resources: list[Resource], url: str, has_more: bool = False) -> Resource:
    """Stripe's list object."""
    data: Json = resources
    return {"object": "list", "data": data, "has_more": has_more, "url": url}
