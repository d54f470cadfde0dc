"""What all of the simulated Alipay's records have in common: a number, a time of creation and a stored form."""

from dataclasses import dataclass
from typing import ClassVar, Self

import orjson


@dataclass
class Record:
    KIND: ClassVar[str]

    id: str
    created: int

    def stored(self) -> str:
        return orjson.dumps(self).decode()

    @classmethod
    def load(cls, stored: str) -> Self:
        return cls(**orjson.loads(stored))
