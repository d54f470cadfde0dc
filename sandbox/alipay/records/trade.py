"""A trade (交易): what a customer pays or has paid, and its refunds."""

from dataclasses import dataclass, field
from typing import ClassVar, Literal, Self

import orjson

from sandbox.alipay.records.record import Record

TradeStatus = Literal["WAIT_BUYER_PAY", "TRADE_SUCCESS", "TRADE_CLOSED", "TRADE_FINISHED"]


@dataclass(frozen=True)
class Refund:
    """`amount` in fen."""

    out_request_no: str
    amount: int
    reason: str | None
    made_at: int


@dataclass
class Trade(Record):
    """`id` is the trade number, `total` is in fen.

    Until a customer has opened it, a trade that was only ordered is `opened=False`, and Alipay knows nothing of it.
    `auth_no` names the authorisation that it was paid from.
    """

    KIND: ClassVar[str] = "alipay.trade"

    method: str
    out_trade_no: str
    subject: str
    total: int
    page_key: str
    expires_at: int
    opened: bool = True
    status: TradeStatus = "WAIT_BUYER_PAY"
    body: str | None = None
    passback_params: str | None = None
    notify_url: str | None = None
    return_url: str | None = None
    quit_url: str | None = None
    auth_no: str | None = None
    paid_at: int | None = None
    closed_at: int | None = None
    refunds: list[Refund] = field(default_factory=list)

    @property
    def refunded(self) -> int:
        return sum(refund.amount for refund in self.refunds)

    @property
    def received(self) -> int:
        """What the customer has paid."""
        return self.total if self.paid_at is not None else 0

    def refund(self, out_request_no: str) -> Refund | None:
        return next((each for each in self.refunds if each.out_request_no == out_request_no), None)

    @classmethod
    def load(cls, stored: str) -> Self:
        fields = orjson.loads(stored)
        return cls(**{**fields, "refunds": [Refund(**refund) for refund in fields["refunds"]]})
