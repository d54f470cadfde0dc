"""A notification that a merchant is sent until it answers `success`."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.alipay.records.record import Record


@dataclass
class Notification(Record):
    """`id` is the `notify_id`, the same at every try; `fields` are what was true when it happened."""

    KIND: ClassVar[str] = "alipay.notification"

    url: str
    fields: dict[str, str]
