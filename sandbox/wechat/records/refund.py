"""A refund of all or a part of an order."""

from dataclasses import dataclass
from typing import Literal, Self

import orjson

from sandbox.wechat.records.order import Api

RefundStatus = Literal["PROCESSING", "SUCCESS", "CLOSED", "ABNORMAL"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Amounts are in fen. Without a `notify_url` nobody is told how it ended."""

    KIND = "wechat.refund"

    mch_id: str
    out_refund_no: str
    out_trade_no: str
    transaction_id: str
    refund_id: str
    created: int
    api: Api
    refund: int
    total: int
    notify_url: str | None = None
    status: RefundStatus = "PROCESSING"
    ended_at: int | None = None

    @property
    def id(self) -> str:
        return refund_document_id(self.mch_id, self.out_refund_no)

    def stored(self) -> str:
        return orjson.dumps(self).decode()

    @classmethod
    def load(cls, stored: str) -> Self:
        return cls(**orjson.loads(stored))


def refund_document_id(mch_id: str, out_refund_no: str) -> str:
    return f"wechat.refund/{mch_id}/{out_refund_no}"
