"""alipay.trade.refund and alipay.trade.fastpay.refund.query."""

from sandbox.alipay.books import Books
from sandbox.alipay.calls.buyer import BUYER_ID, BUYER_LOGON_ID, BUYER_OPEN_ID
from sandbox.alipay.calls.lifecycle import find_known
from sandbox.alipay.calls.lifecycle import refund as make_refund
from sandbox.alipay.errors import BusinessFailed, trade_has_close, trade_status_error
from sandbox.alipay.money import yuan
from sandbox.alipay.records.trade import Refund, Trade
from sandbox.alipay.request import Call
from sandbox.alipay.times import written
from sandbox.json_types import Json, Resource

_NOTHING: dict[str, Json] = {"refund_fee": "0.00", "send_back_fee": "0.00"}
"""Fields that a refused refund answers, too."""


def refund(books: Books, call: Call) -> Resource:
    """A repeat under the same `out_request_no` moves no money and answers `fund_change` N."""
    trade = find_known(books, call.biz.text("trade_no"), call.biz.text("out_trade_no"))
    amount = call.biz.fen("refund_amount")
    number = call.biz.text("out_request_no")
    if number is None and amount != trade.total:
        raise _refused("ACQ.INVALID_PARAMETER", "参数有误：部分退款必须传入 out_request_no")
    # A refund of the whole without a number of its own has the trade's.
    number = number or trade.out_trade_no
    earlier = trade.refund(number)
    if earlier is None:
        _check(trade, amount)
        made = Refund(number, amount, call.biz.text("refund_reason"), books.now)
        make_refund(books, trade, made)
        return _answer(trade, made, "Y")
    if earlier.amount != amount:
        raise _refused("ACQ.DISCORDANT_REPEAT_REQUEST", "请求信息不一致")
    return _answer(trade, earlier, "N")


def query(books: Books, call: Call) -> Resource:
    """A refund that was never made is no error; without `refund_status` it has not happened."""
    trade = find_known(books, call.biz.text("trade_no"), call.biz.text("out_trade_no"))
    shown: Resource = {"trade_no": trade.id, "out_trade_no": trade.out_trade_no}
    made = trade.refund(call.biz.need("out_request_no"))
    if made is None:
        return shown
    shown |= {
        "out_request_no": made.out_request_no,
        "total_amount": yuan(trade.total),
        "refund_amount": yuan(made.amount),
        "send_back_fee": yuan(made.amount),
        "refund_status": "REFUND_SUCCESS",
    }
    if made.reason is not None:
        shown["refund_reason"] = made.reason
    if "gmt_refund_pay" in call.biz.options("query_options"):
        shown["gmt_refund_pay"] = written(made.made_at)
    return shown


def _check(trade: Trade, amount: int) -> None:
    if trade.paid_at is None:
        raise trade_has_close() if trade.status == "TRADE_CLOSED" else trade_status_error()
    if trade.status == "TRADE_FINISHED":
        raise _refused("ACQ.TRADE_HAS_FINISHED", "交易已完结")
    if amount > trade.total - trade.refunded:
        raise _refused("ACQ.REFUND_AMT_NOT_EQUAL_TOTAL", "退款金额超限")


def _refused(sub_code: str, sub_msg: str) -> BusinessFailed:
    return BusinessFailed(sub_code, sub_msg, _NOTHING)


def _answer(trade: Trade, made: Refund, fund_change: str) -> Resource:
    return {
        "trade_no": trade.id,
        "out_trade_no": trade.out_trade_no,
        "buyer_user_id": BUYER_ID,
        "buyer_open_id": BUYER_OPEN_ID,
        "buyer_logon_id": BUYER_LOGON_ID,
        "fund_change": fund_change,
        # All that was refunded of the trade so far, not this refund alone.
        "refund_fee": yuan(trade.refunded),
        "send_back_fee": yuan(made.amount) if fund_change == "Y" else "0.00",
        "gmt_refund_pay": written(made.made_at),
    }
