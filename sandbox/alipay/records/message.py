"""A message of the open platform's, which an application is sent until it answers `success`."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.alipay.records.record import Record


@dataclass
class Message(Record):
    """`id` is the `notify_id`, the same at every try; `content` is the `biz_content`."""

    KIND: ClassVar[str] = "alipay.message"

    url: str
    method: str
    content: str
