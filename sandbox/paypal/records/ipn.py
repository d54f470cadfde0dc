"""One Instant Payment Notification, byte for byte as it is sent: the post-back is compared with it."""

from dataclasses import dataclass
from typing import ClassVar

from sandbox.paypal.records.record import Record


@dataclass
class Ipn(Record):
    """`body` is ASCII: values are percent-encoded in the charset that the notification names; `digest` finds it."""

    KIND: ClassVar[str] = "ipn"

    body: str
    digest: str
