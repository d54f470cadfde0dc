"""WeChat Pay's answers, whichever of its APIs gave them: read, and checked to be about what was asked."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class TradeState(StrEnum):
    """Where an order stands. Source: pay.weixin.qq.com, query order, trade_state."""

    SUCCESS = "SUCCESS"
    REFUND = "REFUND"
    """Paid, and some or all of it returned since."""

    NOTPAY = "NOTPAY"
    CLOSED = "CLOSED"
    REVOKED = "REVOKED"
    USERPAYING = "USERPAYING"
    PAYERROR = "PAYERROR"
    ACCEPT = "ACCEPT"
    """Taken in; the money is still to be debited."""


class RefundState(StrEnum):
    """Where a refund stands. Source: pay.weixin.qq.com, query refund: `status` in API v3; API v2 says REFUNDCLOSE and CHANGE for the last two."""

    SUCCESS = "SUCCESS"
    PROCESSING = "PROCESSING"
    CLOSED = "CLOSED"
    ABNORMAL = "ABNORMAL"
    """The customer's account took no money: a person can return it by another way, under the same number."""


@dataclass(frozen=True, slots=True)
class Prepaid:
    """An order that the customer can pay now: by a QR code, a page, or WeChat's own SDK."""

    code_url: str | None = None
    h5_url: str | None = None
    prepay_id: str | None = None


@dataclass(frozen=True, slots=True)
class Trade:
    """An order as a query finds it. A paid one has a number, an amount in fen and, nearly always, a time."""

    state: TradeState
    transaction_id: str | None = None
    fen: int | None = None
    paid_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RefundReply:
    """A refund as WeChat Pay has taken it in or finds it."""

    state: RefundState
    refund_id: str
    fen: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The order was closed."""
