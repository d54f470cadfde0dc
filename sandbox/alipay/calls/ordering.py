"""Orders that customers pay in a browser: alipay.trade.page.pay, alipay.trade.wap.pay and alipay.trade.precreate."""

from sandbox.alipay.biz_content import BizContent
from sandbox.alipay.books import Books
from sandbox.alipay.calls.lifecycle import enter, open_trade, same_order
from sandbox.alipay.errors import BusinessFailed
from sandbox.alipay.ids import new_page_key, new_trade_no
from sandbox.alipay.records.trade import Trade
from sandbox.alipay.request import Call
from sandbox.alipay.times import LONGEST_TIMEOUT_SECONDS, deadline, read
from sandbox.json_types import Resource

_PRECREATED = "2h"
"""How long a QR code can be scanned when nothing is said. Source: alipay.trade.precreate, `qr_code_timeout_express`."""


def open_order(books: Books, call: Call) -> Trade:
    """The customer opens the address that the shop has signed: only now is there a trade. Raises `BusinessFailed`."""
    ordered = _ordered(books, call, opened=True, default_timeout=None)
    trade = same_order(books, ordered)
    if trade is None:
        trade = ordered
        enter(books, trade)
    else:
        # The address opened last says where this customer returns to.
        trade.return_url = ordered.return_url
        books.save(trade)
        open_trade(books, trade)
    return trade


def precreate(books: Books, call: Call) -> Resource:
    """A QR code; the trade begins when a customer scans it."""
    ordered = _ordered(books, call, opened=False, default_timeout=_PRECREATED)
    trade = same_order(books, ordered)
    if trade is None:
        trade = ordered
        enter(books, trade)
    return {"out_trade_no": trade.out_trade_no, "qr_code": books.page_url(trade)}


def _ordered(books: Books, call: Call, *, opened: bool, default_timeout: str | None) -> Trade:
    biz = call.biz
    return Trade(
        id=new_trade_no(books.now),
        created=books.now,
        method=call.method,
        out_trade_no=biz.need("out_trade_no"),
        subject=biz.need("subject"),
        total=biz.fen("total_amount"),
        page_key=new_page_key(),
        expires_at=expiry(biz, books.now, default_timeout),
        opened=opened,
        body=biz.text("body"),
        passback_params=biz.text("passback_params"),
        notify_url=call.notify_url,
        return_url=call.return_url,
        quit_url=biz.text("quit_url"),
    )


def expiry(biz: BizContent, now: int, default_timeout: str | None) -> int:
    """When the order can no longer be paid. Raises `BusinessFailed` when that is already over.

    An absolute time goes before a relative one, which runs from when the trade begins.
    """
    absolute = biz.text("time_expire")
    relative = biz.text("timeout_express") or biz.text("qr_code_timeout_express") or default_timeout
    if absolute is not None:
        ends = read(absolute)
    elif relative is not None:
        ends = deadline(relative, now)
    else:
        ends = now + LONGEST_TIMEOUT_SECONDS
    if ends <= now:
        raise BusinessFailed("ACQ.NOW_TIME_AFTER_EXPIRE_TIME_ERROR", "当前时间已超过允许支付的时间")
    return ends
