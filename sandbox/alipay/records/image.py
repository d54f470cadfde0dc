"""An image that a merchant has uploaded to go with an answer to a complaint."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.alipay.records.record import Record


@dataclass
class Image(Record):
    """`sha256` is of its bytes, which are not kept."""

    KIND: ClassVar[str] = "alipay.image"

    image_type: str
    sha256: str
    size: int
