"""A picture that a merchant has uploaded to go with an answer."""

from dataclasses import dataclass
from typing import Self

import orjson


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """`sha256` is of its bytes, which are not kept."""

    KIND = "wechat.picture"

    id: str
    created: int
    filename: str
    sha256: str
    size: int

    def stored(self) -> str:
        return orjson.dumps(self).decode()

    @classmethod
    def load(cls, stored: str) -> Self:
        return cls(**orjson.loads(stored))
