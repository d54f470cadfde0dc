"""alipay.trade.pay out of a pre-authorisation."""

from sandbox.alipay.books import Books
from sandbox.alipay.calls import freezing
from sandbox.alipay.calls.buyer import BUYER_ID, BUYER_LOGON_ID, BUYER_OPEN_ID
from sandbox.alipay.calls.lifecycle import enter, pay, same_order
from sandbox.alipay.calls.ordering import expiry
from sandbox.alipay.errors import BusinessFailed, context_inconsistent
from sandbox.alipay.ids import new_page_key, new_trade_no
from sandbox.alipay.money import yuan
from sandbox.alipay.records.authorisation import Authorisation
from sandbox.alipay.records.trade import Trade
from sandbox.alipay.request import Call
from sandbox.alipay.times import written
from sandbox.json_types import Resource


def trade_pay(books: Books, call: Call) -> Resource:
    """With `auth_confirm_mode` COMPLETE what is left frozen goes back to the customer."""
    biz = call.biz
    auth_no = biz.text("auth_no")
    if auth_no is None or biz.text("auth_code") is not None:
        raise BusinessFailed("ACQ.ACCESS_FORBIDDEN", "The sandbox simulates no payment codes: name an auth_no.")
    _check_terms(books, call)
    trade = _ordered(books, call, auth_no)
    if same_order(books, trade) is not None:
        raise context_inconsistent()
    authorisation = books.find(Authorisation, auth_no)
    if authorisation is None or authorisation.status != "AUTHORIZED":
        raise BusinessFailed("ACQ.AUTH_NO_ERROR", "预授权号错误或状态不对")
    if trade.total > authorisation.rest:
        raise BusinessFailed("ACQ.AUTH_AMOUNT_NOT_ENOUGH", "授权金额不足")
    enter(books, trade)
    pay(books, trade)
    freezing.move(books, authorisation, "PAY", trade.out_trade_no, trade.total)
    if biz.text("auth_confirm_mode") == "COMPLETE" and authorisation.rest:
        number = f"{trade.out_trade_no}_rest"
        freezing.unfreeze(books, authorisation, number, authorisation.rest, "转交易完成后解冻剩余冻结金额")
    return _paid(trade)


def _paid(trade: Trade) -> Resource:
    assert trade.paid_at is not None
    paid = yuan(trade.total)
    return {
        "trade_no": trade.id,
        "out_trade_no": trade.out_trade_no,
        "buyer_user_id": BUYER_ID,
        "buyer_open_id": BUYER_OPEN_ID,
        "buyer_logon_id": BUYER_LOGON_ID,
        "total_amount": paid,
        "receipt_amount": paid,
        "buyer_pay_amount": paid,
        "invoice_amount": paid,
        "point_amount": "0.00",
        "gmt_payment": written(trade.paid_at),
        "fund_bill_list": [{"amount": paid, "fund_channel": "ALIPAYACCOUNT"}],
    }


def _ordered(books: Books, call: Call, auth_no: str) -> Trade:
    biz = call.biz
    return Trade(
        id=new_trade_no(books.now),
        created=books.now,
        method=call.method,
        out_trade_no=biz.need("out_trade_no"),
        subject=biz.need("subject"),
        total=biz.fen("total_amount"),
        page_key=new_page_key(),
        expires_at=expiry(biz, books.now, None),
        body=biz.text("body"),
        passback_params=biz.text("passback_params"),
        notify_url=call.notify_url,
        auth_no=auth_no,
    )


def _check_terms(books: Books, call: Call) -> None:
    expected = {
        "product_code": ("PREAUTH_PAY", "PRE_AUTH", "PRE_AUTH_ONLINE"),
        "seller_id": (books.merchant.seller_id, None),
        "buyer_id": (BUYER_ID, None),
    }
    for name, values in expected.items():
        if call.biz.text(name) not in values:
            raise BusinessFailed("ACQ.INVALID_PARAMETER", f"参数有误：{name}")
