"""A trade complaint (交易投诉): what a customer has against a trade, and what was said about it since."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, Self

import orjson

from sandbox.alipay.records.record import Record

ComplaintStatus = Literal[
    "MERCHANT_PROCESSING", "MERCHANT_FEEDBACKED", "PLATFORM_PROCESSING", "PLATFORM_FINISH", "FINISHED", "CANCELLED"
]
ENDED: tuple[ComplaintStatus, ...] = ("PLATFORM_FINISH", "FINISHED", "CANCELLED")
Role = Literal["USER", "MERCHANT", "SYSTEM", "AUDITOR"]


@dataclass(frozen=True)
class Said:
    """One record of the conversation; `images` are their numbers. `call` is what the merchant's own was said by."""

    role: Role
    content: str
    at: int
    images: tuple[str, ...] = ()
    call: str | None = None
    feedback_code: str | None = None


@dataclass
class Complaint(Record):
    """`id` is the `complain_event_id`; `total` is the trade's, in fen."""

    KIND: ClassVar[str] = "alipay.complaint"

    trade_no: str
    out_trade_no: str
    total: int
    reason: str
    content: str
    modified: int
    status: ComplaintStatus = "MERCHANT_PROCESSING"
    finished: int | None = None
    said: list[Said] = field(default_factory=list)

    @classmethod
    def load(cls, stored: str) -> Self:
        fields = orjson.loads(stored)
        said = [Said(**{**each, "images": tuple(each["images"])}) for each in fields["said"]]
        return cls(**{**fields, "said": said})
