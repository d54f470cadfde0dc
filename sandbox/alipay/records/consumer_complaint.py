"""A consumer complaint (消费者投诉): what a customer has against trades on their bill, and how the merchant has processed it."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal

from sandbox.alipay.records.record import Record

ConsumerStatus = Literal["WAIT_PROCESS", "PROCESSED", "DROP_COMPLAIN"]


@dataclass
class ConsumerComplaint(Record):
    """`id` are the digits of Alipay's own number for it, `task_id` is what people call it; `trade_nos` are what it is about, and `images` are keys."""

    KIND: ClassVar[str] = "alipay.consumer_complaint"

    task_id: str
    trade_nos: list[str]
    content: str
    overdue_at: int
    status: ConsumerStatus = "WAIT_PROCESS"
    processed_at: int | None = None
    process_code: str | None = None
    remark: str | None = None
    images: list[str] = field(default_factory=list)

    @property
    def waits(self) -> bool:
        return self.status == "WAIT_PROCESS"
