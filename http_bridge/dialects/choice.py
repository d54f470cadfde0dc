"""Which dialect a path speaks."""

from dataclasses import dataclass

from http_bridge.dialects.dialect import Dialect


@dataclass(frozen=True, slots=True)
class Dialects:
    """The mall's is everything under `/api/` but `/api/v1/`; v1's is the rest, paths that no API has included."""

    v1: Dialect
    mall: Dialect

    def of(self, path: str) -> Dialect:
        return (
            self.mall if path.startswith("/api/") and not path.startswith("/api/v1/") and path != "/api/v1" else self.v1
        )
