"""Calls on a pre-authorisation that exists: query, unfreeze, cancel, and payment out of it."""

from typing import get_args

from sandbox.alipay.books import Books
from sandbox.alipay.calls import freezing
from sandbox.alipay.calls.buyer import BUYER_ID, BUYER_LOGON_ID, BUYER_OPEN_ID
from sandbox.alipay.calls.lifecycle import enter, pay, same_order
from sandbox.alipay.calls.ordering import expiry
from sandbox.alipay.errors import BusinessFailed, context_inconsistent
from sandbox.alipay.ids import new_page_key, new_trade_no
from sandbox.alipay.money import yuan
from sandbox.alipay.records.authorisation import Authorisation, Operation, OperationType
from sandbox.alipay.records.trade import Trade
from sandbox.alipay.request import Call
from sandbox.alipay.times import written
from sandbox.json_types import Resource


def query(books: Books, call: Call) -> Resource:
    authorisation = _known(books, call)
    operation = _operation(authorisation, call)
    shown: Resource = {
        "auth_no": authorisation.id,
        "out_order_no": authorisation.out_order_no,
        "order_status": authorisation.status,
        "total_freeze_amount": yuan(authorisation.frozen),
        "rest_amount": yuan(authorisation.rest),
        "total_pay_amount": yuan(authorisation.done("PAY")),
        "order_title": authorisation.title,
        "payer_logon_id": BUYER_LOGON_ID,
        "payer_user_id": BUYER_ID,
        "payer_open_id": BUYER_OPEN_ID,
        "operation_id": operation.id,
        "out_request_no": operation.out_request_no,
        "amount": yuan(operation.amount),
        "operation_type": operation.type,
        "status": operation.status,
        "gmt_create": written(operation.created),
    }
    if operation.finished_at is not None:
        shown["gmt_trans"] = written(operation.finished_at)
    if operation.remark is not None:
        shown["remark"] = operation.remark
    if authorisation.extra_param is not None:
        shown["extra_param"] = authorisation.extra_param
    return shown


def unfreeze(books: Books, call: Call) -> Resource:
    """A repeat under the same `out_request_no` gives nothing back and answers the same."""
    authorisation = _known(books, call)
    number, amount = call.biz.need("out_request_no"), call.biz.fen("amount")
    operation = authorisation.operation(None, number, "UNFREEZE")
    if operation is None:
        if number == authorisation.freeze.out_request_no:
            raise _repeated_number()
        _check_open(authorisation)
        if amount > authorisation.rest:
            raise BusinessFailed("REQUEST_AMOUNT_EXCEED", "请求解冻金额超限")
        operation = freezing.unfreeze(books, authorisation, number, amount, call.biz.need("remark"))
    elif operation.amount != amount:
        raise _repeated_number()
    assert operation.finished_at is not None
    return {
        "auth_no": authorisation.id,
        "out_order_no": authorisation.out_order_no,
        "operation_id": operation.id,
        "out_request_no": operation.out_request_no,
        "amount": yuan(operation.amount),
        "status": operation.status,
        "gmt_trans": written(operation.finished_at),
    }


def cancel(books: Books, call: Call) -> Resource:
    """Takes a freeze back: closes an order that nobody accepted, unfreezes one that nothing was paid from."""
    authorisation = _known_or_ordered(books, call)
    operation = _operation(authorisation, call)
    if operation.type != "FREEZE":
        raise BusinessFailed("ORDER_CANNOT_CANCEL", "只能撤销冻结操作")
    if authorisation.done("PAY"):
        raise BusinessFailed("ORDER_CANNOT_CANCEL", "授权订单已经转支付，不能撤销")
    action = "close"
    if authorisation.status == "INIT":
        freezing.close(books, authorisation)
    elif authorisation.frozen:
        action = "unfreeze"
        if authorisation.rest:
            number = f"{operation.out_request_no}_cancel"
            freezing.unfreeze(books, authorisation, number, authorisation.rest, call.biz.need("remark"))
            authorisation.status = "CLOSED"
            books.save(authorisation)
    return {
        "auth_no": authorisation.id,
        "out_order_no": authorisation.out_order_no,
        "operation_id": operation.id,
        "out_request_no": operation.out_request_no,
        "action": action,
    }


def trade_pay(books: Books, call: Call) -> Resource:
    """alipay.trade.pay out of a pre-authorisation. With COMPLETE what is left frozen goes back to the customer."""
    biz = call.biz
    auth_no = biz.text("auth_no")
    if auth_no is None or biz.text("auth_code") is not None:
        raise BusinessFailed("ACQ.ACCESS_FORBIDDEN", "The sandbox simulates no payment codes: name an auth_no.")
    if biz.text("product_code") not in ("PREAUTH_PAY", "PRE_AUTH", "PRE_AUTH_ONLINE"):
        raise BusinessFailed("ACQ.INVALID_PARAMETER", "参数有误：product_code")
    if (biz.text("seller_id") or books.merchant.seller_id) != books.merchant.seller_id:
        raise BusinessFailed("ACQ.INVALID_PARAMETER", "参数有误：seller_id")
    if (biz.text("buyer_id") or BUYER_ID) != BUYER_ID:
        raise BusinessFailed("ACQ.INVALID_PARAMETER", "参数有误：buyer_id")
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


def _known(books: Books, call: Call) -> Authorisation:
    authorisation = _known_or_ordered(books, call)
    if not authorisation.opened:
        raise _no_such_order()
    return authorisation


def _known_or_ordered(books: Books, call: Call) -> Authorisation:
    """By Alipay's number, or else by the merchant's; also one that only waits to be scanned. Raises `BusinessFailed`."""
    auth_no, out_order_no = call.biz.text("auth_no"), call.biz.text("out_order_no")
    if auth_no is None and out_order_no is None:
        raise BusinessFailed("ILLEGAL_ARGUMENT", "参数有误：auth_no 和 out_order_no 不能同时为空")
    found = books.find(Authorisation, auth_no) if auth_no is not None else books.authorisation(out_order_no or "")
    if found is None:
        raise _no_such_order()
    freezing.lapse(books, found)
    return found


def _operation(authorisation: Authorisation, call: Call) -> Operation:
    operation_id, out_request_no = call.biz.text("operation_id"), call.biz.text("out_request_no")
    if operation_id is None and out_request_no is None:
        raise BusinessFailed("ILLEGAL_ARGUMENT", "参数有误：operation_id 和 out_request_no 不能同时为空")
    wanted = call.biz.text("operation_type")
    type = next((each for each in get_args(OperationType) if each == wanted), None)
    operation = authorisation.operation(operation_id, out_request_no, type)
    if operation is None:
        raise _no_such_operation()
    return operation


def _check_open(authorisation: Authorisation) -> None:
    if authorisation.status == "CLOSED":
        raise freezing.already_closed()
    if authorisation.status == "FINISH":
        raise BusinessFailed("ORDER_ALREADY_FINISH", "授权订单已经完结，无法再进行资金操作")


def _repeated_number() -> BusinessFailed:
    return BusinessFailed("UNIQUE_VIOLATION", "请求流水号重复")


def _no_such_order() -> BusinessFailed:
    return BusinessFailed("AUTH_ORDER_NOT_EXIST", "支付宝资金授权订单不存在")


def _no_such_operation() -> BusinessFailed:
    return BusinessFailed("AUTH_OPERATION_NOT_EXIST", "支付宝资金操作流水不存在")
