"""What Alipay says of a trade, a pre-authorisation or a refund: the fields that decide something, checked. An answer about another number than ours is no answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from gateways.alipay.amounts import from_alipay
from gateways.alipay.times import from_alipay as time_from_alipay


@dataclass(frozen=True, slots=True)
class Trade:
    """Source: alipay.trade.query. `paid_at` where it was paid."""

    trade_no: str
    status: str
    amount_minor: int
    paid_at: datetime | None

    @classmethod
    def read(cls, fields: Mapping[str, object], out_trade_no: str) -> Self:
        """Raises ValueError for an answer that is not about that trade."""
        _check_number(fields, "out_trade_no", out_trade_no)
        return cls(
            trade_no=_text(fields, "trade_no"),
            status=_text(fields, "trade_status"),
            amount_minor=from_alipay(fields.get("total_amount")),
            paid_at=_optional_time(fields, "send_pay_date"),
        )

    @classmethod
    def read_paid(cls, fields: Mapping[str, object], out_trade_no: str) -> Self:
        """The answer to alipay.trade.pay, which names no status: it is given once the money is taken. Raises ValueError."""
        _check_number(fields, "out_trade_no", out_trade_no)
        return cls(
            trade_no=_text(fields, "trade_no"),
            status="TRADE_SUCCESS",
            amount_minor=from_alipay(fields.get("total_amount")),
            paid_at=_optional_time(fields, "gmt_payment"),
        )


@dataclass(frozen=True, slots=True)
class Authorisation:
    """Source: alipay.fund.auth.operation.detail.query. `rest_minor` is frozen now, `paid_minor` was paid out of it; the payer by either of Alipay's numbers for customers."""

    auth_no: str
    status: str
    frozen_minor: int
    rest_minor: int
    paid_minor: int
    payer_user_id: str | None
    payer_open_id: str | None

    @classmethod
    def read(cls, fields: Mapping[str, object], out_order_no: str) -> Self:
        """Raises ValueError for an answer that is not about that order."""
        _check_number(fields, "out_order_no", out_order_no)
        return cls(
            auth_no=_text(fields, "auth_no"),
            status=_text(fields, "order_status"),
            frozen_minor=_sum(fields, "total_freeze_amount"),
            rest_minor=_sum(fields, "rest_amount"),
            paid_minor=_sum(fields, "total_pay_amount"),
            payer_user_id=_optional_text(fields, "payer_user_id"),
            payer_open_id=_optional_text(fields, "payer_open_id"),
        )


@dataclass(frozen=True, slots=True)
class Code:
    """What a customer scans. Source: alipay.fund.auth.order.voucher.create."""

    value: str

    @classmethod
    def read(cls, fields: Mapping[str, object], out_order_no: str) -> Self:
        """Raises ValueError."""
        _check_number(fields, "out_order_no", out_order_no)
        return cls(_text(fields, "code_value"))


@dataclass(frozen=True, slots=True)
class Closed:
    """That an order of that number was ended, and what Alipay calls it. Source: alipay.trade.close, alipay.fund.auth.operation.cancel."""

    number: str

    @classmethod
    def read(cls, fields: Mapping[str, object], ours: str, out_number: str, number: str) -> Self:
        """`ours` stands in the field `out_number`, Alipay's in `number`. Raises ValueError."""
        _check_number(fields, out_number, ours)
        return cls(_text(fields, number))


@dataclass(frozen=True, slots=True)
class RefundReply:
    """Whether money has gone back under a refund's number; `amount_minor` where the answer names this very refund's amount.

    Source: alipay.trade.refund, where `fund_change` N says that this call moved nothing, and alipay.trade.fastpay.refund.query.
    """

    done: bool
    amount_minor: int | None = None

    @classmethod
    def read_made(cls, fields: Mapping[str, object], out_trade_no: str) -> Self:
        """Raises ValueError."""
        _check_number(fields, "out_trade_no", out_trade_no)
        return cls(done=_text(fields, "fund_change") == "Y")

    @classmethod
    def read_found(cls, fields: Mapping[str, object], out_trade_no: str, out_request_no: str) -> Self:
        """Nothing but the trade's numbers means that no such refund has happened. Raises ValueError."""
        if fields.get("refund_status") != "REFUND_SUCCESS":
            return cls(done=False)
        _check_number(fields, "out_trade_no", out_trade_no)
        _check_number(fields, "out_request_no", out_request_no)
        return cls(done=True, amount_minor=from_alipay(fields.get("refund_amount")))


def _check_number(fields: Mapping[str, object], name: str, ours: str) -> None:
    if fields.get(name) != ours:
        raise ValueError(f"{name} is not ours")


def _text(fields: Mapping[str, object], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is no text")
    return value


def _optional_text(fields: Mapping[str, object], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) and value else None


def _optional_time(fields: Mapping[str, object], name: str) -> datetime | None:
    return time_from_alipay(fields[name]) if fields.get(name) else None


def _sum(fields: Mapping[str, object], name: str) -> int:
    """A running total, which Alipay leaves out while it is nothing."""
    value = fields.get(name)
    return from_alipay(value, least_minor=0) if value is not None else 0
