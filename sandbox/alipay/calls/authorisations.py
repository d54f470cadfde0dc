"""Calls on a pre-authorisation that exists: query, unfreeze and cancel."""

from typing import get_args

from sandbox.alipay.books import Books
from sandbox.alipay.calls import freezing
from sandbox.alipay.calls.buyer import BUYER_ID, BUYER_LOGON_ID, BUYER_OPEN_ID
from sandbox.alipay.errors import BusinessFailed
from sandbox.alipay.money import yuan
from sandbox.alipay.records.authorisation import Authorisation, Operation, OperationType
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
