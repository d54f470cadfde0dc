"""The life of a trade: ordered, opened by a customer, paid, refunded, closed, finished."""

from sandbox.alipay.books import Books
from sandbox.alipay.calls.announcements import announce_trade
from sandbox.alipay.errors import (
    BusinessFailed,
    context_inconsistent,
    no_such_trade,
    trade_has_close,
    trade_has_success,
    trade_status_error,
)
from sandbox.alipay.records.trade import Refund, Trade

EXPIRE_JOB = "expire_trade"
FINISH_JOB = "finish_trade"
_REFUNDABLE_SECONDS = 365 * 86400
"""How long a trade can be refunded. Source: alipay.trade.refund."""


def enter(books: Books, trade: Trade) -> None:
    """The trade is on Alipay's books from now on, until it expires at the latest."""
    books.save(trade)
    books.later(EXPIRE_JOB, trade, trade.expires_at)


def find_known(books: Books, trade_no: str | None, out_trade_no: str | None) -> Trade:
    """The trade of either number; Alipay's own goes first. Raises `BusinessFailed`."""
    if trade_no is None and out_trade_no is None:
        raise BusinessFailed("ACQ.INVALID_PARAMETER", "参数有误：out_trade_no 和 trade_no 不能同时为空")
    trade = books.find(Trade, trade_no) if trade_no is not None else books.trade(out_trade_no or "")
    if trade is None or not trade.opened:
        raise no_such_trade()
    lapse(books, trade)
    return trade


def same_order(books: Books, ordered: Trade) -> Trade | None:
    """The trade that already has the order's number, if it still waits for this very payment. Raises `BusinessFailed`."""
    trade = books.trade(ordered.out_trade_no)
    if trade is None:
        return None
    lapse(books, trade)
    if trade.status == "TRADE_CLOSED" and not trade.opened:
        return None
    if trade.status == "TRADE_CLOSED":
        raise trade_has_close()
    if trade.paid_at is not None:
        raise trade_has_success()
    if (trade.total, trade.subject) != (ordered.total, ordered.subject):
        raise context_inconsistent()
    return trade


def lapse(books: Books, trade: Trade) -> None:
    """Closes a trade whose time to be paid is over."""
    if trade.status == "WAIT_BUYER_PAY" and books.now >= trade.expires_at:
        close(books, trade)


def waiting(books: Books, trade: Trade) -> None:
    """Raises `BusinessFailed` unless the trade can be paid now."""
    lapse(books, trade)
    if trade.status == "TRADE_CLOSED":
        raise trade_has_close()
    if trade.status != "WAIT_BUYER_PAY":
        raise trade_has_success()


def open_trade(books: Books, trade: Trade) -> None:
    """A customer sees the trade for the first time. Raises `BusinessFailed` unless it can be paid."""
    waiting(books, trade)
    if not trade.opened:
        trade.opened = True
        books.save(trade)


def pay(books: Books, trade: Trade) -> None:
    """Raises `BusinessFailed` unless the trade waits for its payment."""
    waiting(books, trade)
    trade.status = "TRADE_SUCCESS"
    trade.paid_at = books.now
    books.save(trade)
    books.later(FINISH_JOB, trade, books.now + _REFUNDABLE_SECONDS)
    announce_trade(books, trade)


def close(books: Books, trade: Trade) -> None:
    """Raises `BusinessFailed` unless the trade waits for its payment."""
    if trade.status != "WAIT_BUYER_PAY":
        raise trade_status_error()
    trade.status = "TRADE_CLOSED"
    trade.closed_at = books.now
    books.save(trade)
    if trade.opened:
        announce_trade(books, trade)


def refund(books: Books, trade: Trade, made: Refund) -> None:
    """The caller has checked that the refund is allowed."""
    trade.refunds.append(made)
    if trade.refunded == trade.total:
        trade.status = "TRADE_CLOSED"
        trade.closed_at = books.now
    books.save(trade)
    announce_trade(books, trade, made)


def expire(books: Books, trade_no: str) -> None:
    trade = books.find(Trade, trade_no)
    if trade is not None:
        lapse(books, trade)


def finish(books: Books, trade_no: str) -> None:
    """A paid trade that can no longer be refunded."""
    trade = books.find(Trade, trade_no)
    if trade is not None and trade.status == "TRADE_SUCCESS":
        trade.status = "TRADE_FINISHED"
        books.save(trade)
        announce_trade(books, trade)
