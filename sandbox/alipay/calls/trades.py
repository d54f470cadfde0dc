"""Calls on a trade that exists: query, close and cancel."""

from sandbox.alipay.books import Books
from sandbox.alipay.calls.buyer import BUYER_ID, BUYER_LOGON_ID, BUYER_OPEN_ID
from sandbox.alipay.calls.lifecycle import close as close_trade
from sandbox.alipay.calls.lifecycle import find_known, refund
from sandbox.alipay.errors import BusinessFailed
from sandbox.alipay.money import yuan
from sandbox.alipay.records.trade import Refund, Trade
from sandbox.alipay.request import Call
from sandbox.alipay.times import written
from sandbox.json_types import Resource

_CANCEL_SECONDS = 86400
"""A paid trade can be cancelled for a day. Source: alipay.trade.cancel."""


def query(books: Books, call: Call) -> Resource:
    trade = find_known(books, call.biz.text("trade_no"), call.biz.text("out_trade_no"))
    received = yuan(trade.received)
    shown: Resource = {
        "trade_no": trade.id,
        "out_trade_no": trade.out_trade_no,
        "trade_status": trade.status,
        "total_amount": yuan(trade.total),
        "receipt_amount": received,
        "buyer_pay_amount": received,
        "invoice_amount": received,
        "point_amount": "0.00",
        "buyer_user_id": BUYER_ID,
        "buyer_open_id": BUYER_OPEN_ID,
        "buyer_logon_id": BUYER_LOGON_ID,
    }
    if trade.paid_at is not None:
        shown["send_pay_date"] = written(trade.paid_at)
        if "fund_bill_list" in call.biz.options("query_options"):
            shown["fund_bill_list"] = [{"amount": received, "fund_channel": "ALIPAYACCOUNT"}]
    return shown


def close(books: Books, call: Call) -> Resource:
    """Only what waits for its payment can be closed."""
    trade = find_known(books, call.biz.text("trade_no"), call.biz.text("out_trade_no"))
    close_trade(books, trade)
    return {"trade_no": trade.id, "out_trade_no": trade.out_trade_no}


def cancel(books: Books, call: Call) -> Resource:
    """Closes what is unpaid and refunds what is paid. A trade that nobody knows is no error; no `action` says so."""
    trade = _known_or_ordered(books, call)
    if trade is None or not trade.opened:
        if trade is not None and trade.status == "WAIT_BUYER_PAY":
            close_trade(books, trade)
        named = ((name, call.biz.text(name)) for name in ("trade_no", "out_trade_no"))
        return {**{name: value for name, value in named if value is not None}, "retry_flag": "N"}
    action = "close"
    if trade.status == "WAIT_BUYER_PAY":
        close_trade(books, trade)
    elif trade.paid_at is not None:
        action = "refund"
        _refund_rest(books, trade, trade.paid_at)
    return {"trade_no": trade.id, "out_trade_no": trade.out_trade_no, "retry_flag": "N", "action": action}


def _known_or_ordered(books: Books, call: Call) -> Trade | None:
    trade_no, out_trade_no = call.biz.text("trade_no"), call.biz.text("out_trade_no")
    try:
        return find_known(books, trade_no, out_trade_no)
    except BusinessFailed as refused:
        if refused.sub_code != "ACQ.TRADE_NOT_EXIST":
            raise
    return books.trade(out_trade_no) if out_trade_no is not None else None


def _refund_rest(books: Books, trade: Trade, paid_at: int) -> None:
    if trade.status == "TRADE_FINISHED":
        raise BusinessFailed("ACQ.TRADE_HAS_FINISHED", "交易已经完结")
    if trade.status == "TRADE_CLOSED":
        return
    if books.now - paid_at > _CANCEL_SECONDS:
        raise BusinessFailed("ACQ.TRADE_CANCEL_TIME_OUT", "超过撤销时间范围")
    refund(books, trade, Refund(trade.out_trade_no, trade.total - trade.refunded, None, books.now))
