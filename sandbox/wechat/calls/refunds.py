"""Asking for refunds, finding them, and what becomes of them later."""

from dataclasses import dataclass, replace
from typing import assert_never
from uuid import uuid4

from sandbox.wechat.calls.orders import find
from sandbox.wechat.ids import new_refund_id
from sandbox.wechat.ledger import Ledger
from sandbox.wechat.records.notice import Notice
from sandbox.wechat.records.order import Api, Order
from sandbox.wechat.records.refund import Refund, RefundStatus
from sandbox.wechat.refusals import Reason, Refused

SETTLE_JOB = "settle"
_REFUNDABLE_SECONDS = 365 * 24 * 3600
_MOST_REFUNDS = 50
"""Of one order, and a year to ask for them. Source: pay.weixin.qq.com, API v3, refund request, notes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundWish:
    """`from_available` asks for the money to come from the available balance, not from what is not settled yet."""

    out_refund_no: str
    out_trade_no: str | None
    transaction_id: str | None
    api: Api
    refund: int
    total: int
    notify_url: str | None
    from_available: bool = False


def ask(ledger: Ledger, wish: RefundWish) -> Refund:
    """The refund of this number: a new one, or the same once more."""
    order = find(ledger, wish.out_trade_no, wish.transaction_id)
    known = ledger.refund(wish.out_refund_no)
    if known is not None:
        if (known.out_trade_no, known.refund, known.total) != (order.out_trade_no, wish.refund, wish.total):
            raise Refused(Reason.REFUND_MISMATCH)
        return known
    _check(ledger, order, wish)
    refund = Refund(
        mch_id=ledger.merchant.mch_id,
        out_refund_no=wish.out_refund_no,
        out_trade_no=order.out_trade_no,
        transaction_id=order.transaction_id or "",
        refund_id=new_refund_id(ledger.now),
        created=int(ledger.now),
        api=wish.api,
        refund=wish.refund,
        total=wish.total,
        notify_url=wish.notify_url,
    )
    ledger.save(refund)
    ledger.save(replace(order, state="REFUND", refunded=order.refunded + refund.refund))
    ledger.later(SETTLE_JOB, refund.out_refund_no, ledger.later_seconds)
    return refund


def need(ledger: Ledger, out_refund_no: str) -> Refund:
    refund = ledger.refund(out_refund_no)
    if refund is None:
        raise Refused(Reason.REFUND_NOT_EXIST)
    return refund


def end(ledger: Ledger, refund: Refund, status: RefundStatus) -> Refund:
    """How a refund that is being processed ends. A closed one gives its money back to the order; an abnormal one stays
    with the merchant to be sorted out. Source: pay.weixin.qq.com, API v3, refund request, `status`.
    """
    match status:
        case "SUCCESS" | "ABNORMAL":
            pass
        case "CLOSED":
            order = find(ledger, refund.out_trade_no, None)
            ledger.save(replace(order, refunded=order.refunded - refund.refund))
        case "PROCESSING":
            return refund
        case _:
            assert_never(status)
    ended = replace(refund, status=status, ended_at=int(ledger.now))
    ledger.save(ended)
    if ended.notify_url is not None:
        ledger.announce(Notice(id=str(uuid4()), created=int(ledger.now), about="refund", number=ended.out_refund_no))
    return ended


def _check(ledger: Ledger, order: Order, wish: RefundWish) -> None:
    if order.paid_at is None:
        raise Refused(Reason.TRADE_STATE_ERROR)
    if ledger.now - order.paid_at > _REFUNDABLE_SECONDS:
        raise Refused(Reason.TRADE_OVERDUE)
    if wish.total != order.total:
        raise Refused(Reason.REFUND_MISMATCH)
    if order.refundable == 0:
        raise Refused(Reason.REFUND_ALL_DONE)
    if wish.refund > order.refundable:
        raise Refused(Reason.REFUND_EXCEEDED)
    if wish.from_available:
        # What customers pay here is never settled, so the available balance is always empty.
        raise Refused(Reason.NOT_ENOUGH)
    if len(ledger.refunds_where("$.out_trade_no", order.out_trade_no)) >= _MOST_REFUNDS:
        raise Refused(Reason.INVALID_REQUEST, "每个支付订单的部分退款次数不能超过50次")
