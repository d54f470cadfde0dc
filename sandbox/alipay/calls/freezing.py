"""The life of a pre-authorisation: ordered, opened by a customer, frozen, unfrozen, paid from, closed."""

from sandbox.alipay.books import Books
from sandbox.alipay.calls.announcements import announce_operation
from sandbox.alipay.errors import BusinessFailed
from sandbox.alipay.ids import new_auth_no, new_operation_id, new_page_key
from sandbox.alipay.records.authorisation import Authorisation, Operation, OperationType
from sandbox.alipay.request import Call
from sandbox.alipay.times import LONGEST_TIMEOUT_SECONDS, deadline
from sandbox.json_types import Resource

EXPIRE_JOB = "expire_authorisation"


def voucher_create(books: Books, call: Call) -> Resource:
    """A QR code; the authorisation begins when a customer scans it."""
    authorisation = _entered(books, call, opened=False)
    return {
        "out_order_no": authorisation.out_order_no,
        "out_request_no": authorisation.freeze.out_request_no,
        "code_type": "qrcode",
        "code_value": books.page_url(authorisation),
    }


def open_freeze(books: Books, call: Call) -> Authorisation:
    """The customer's Alipay receives the order that the shop's app has signed. Raises `BusinessFailed`."""
    authorisation = _entered(books, call, opened=True)
    open_authorisation(books, authorisation)
    return authorisation


def open_authorisation(books: Books, authorisation: Authorisation) -> None:
    """A customer sees the order. Raises `BusinessFailed` unless it waits for one."""
    waiting(books, authorisation)
    if not authorisation.opened:
        authorisation.opened = True
        books.save(authorisation)


def waiting(books: Books, authorisation: Authorisation) -> None:
    """Raises `BusinessFailed` unless the money can be frozen now."""
    lapse(books, authorisation)
    if authorisation.status == "CLOSED":
        raise already_closed()
    if authorisation.status != "INIT":
        raise BusinessFailed("ORDER_ALREADY_SUCCESS", "授权订单已经成功")


def freeze(books: Books, authorisation: Authorisation) -> None:
    """Raises `BusinessFailed` unless the authorisation waits for it."""
    waiting(books, authorisation)
    authorisation.status = "AUTHORIZED"
    operation = authorisation.freeze
    operation.status = "SUCCESS"
    operation.finished_at = books.now
    books.save(authorisation)
    announce_operation(books, authorisation, operation)


def unfreeze(books: Books, authorisation: Authorisation, out_request_no: str, amount: int, remark: str) -> Operation:
    """The caller has checked that so much is frozen."""
    operation = move(books, authorisation, "UNFREEZE", out_request_no, amount)
    operation.remark = remark
    books.save(authorisation)
    announce_operation(books, authorisation, operation)
    return operation


def move(
    books: Books, authorisation: Authorisation, type: OperationType, out_request_no: str, amount: int
) -> Operation:
    """Money leaves the frozen part; once nothing is left the authorisation is finished."""
    operation = Operation(
        new_operation_id(books.now), out_request_no, type, amount, "SUCCESS", books.now, finished_at=books.now
    )
    authorisation.operations.append(operation)
    if authorisation.rest == 0:
        authorisation.status = "FINISH"
    books.save(authorisation)
    return operation


def close(books: Books, authorisation: Authorisation) -> None:
    """An order that no customer has accepted is over."""
    authorisation.status = "CLOSED"
    authorisation.freeze.status = "CLOSED"
    authorisation.freeze.finished_at = books.now
    books.save(authorisation)


def lapse(books: Books, authorisation: Authorisation) -> None:
    """Closes an order whose time to be accepted is over."""
    if authorisation.status == "INIT" and books.now >= authorisation.expires_at:
        close(books, authorisation)


def expire(books: Books, auth_no: str) -> None:
    authorisation = books.find(Authorisation, auth_no)
    if authorisation is not None:
        lapse(books, authorisation)


def already_closed() -> BusinessFailed:
    return BusinessFailed("ORDER_ALREADY_CLOSED", "授权订单已经关闭，无法再进行资金操作")


def _entered(books: Books, call: Call, *, opened: bool) -> Authorisation:
    """The authorisation of this order, new unless the same order was placed before. Raises `BusinessFailed`."""
    ordered = _ordered(books, call, opened=opened)
    known = books.authorisation(ordered.out_order_no)
    if known is not None:
        lapse(books, known)
    if known is None or (known.status == "CLOSED" and not known.opened):
        books.save(ordered)
        books.later(EXPIRE_JOB, ordered, ordered.expires_at)
        return ordered
    if _terms(known) != _terms(ordered):
        raise BusinessFailed("UNIQUE_VIOLATION", "请求流水号重复，或同一订单的信息不一致")
    waiting(books, known)
    return known


def _terms(authorisation: Authorisation) -> tuple[str, int, str]:
    return authorisation.freeze.out_request_no, authorisation.amount, authorisation.title


def _ordered(books: Books, call: Call, *, opened: bool) -> Authorisation:
    biz = call.biz
    payee = biz.text("payee_user_id")
    if payee is not None and payee != books.merchant.seller_id:
        raise BusinessFailed("PAYEE_NOT_EXIST", "收款方不存在")
    timeout = biz.text("timeout_express") or biz.text("pay_timeout")
    amount = biz.fen("amount")
    operation = Operation(new_operation_id(books.now), biz.need("out_request_no"), "FREEZE", amount, "INIT", books.now)
    return Authorisation(
        id=new_auth_no(books.now),
        created=books.now,
        method=call.method,
        out_order_no=biz.need("out_order_no"),
        title=biz.need("order_title"),
        amount=amount,
        page_key=new_page_key(),
        expires_at=books.now + LONGEST_TIMEOUT_SECONDS if timeout is None else deadline(timeout, books.now),
        operations=[operation],
        opened=opened,
        extra_param=biz.text("extra_param"),
        notify_url=call.notify_url,
    )
