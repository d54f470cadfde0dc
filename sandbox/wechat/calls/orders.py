"""Placing, finding and closing orders."""

from dataclasses import dataclass, replace

from sandbox.wechat.ids import new_code, new_prepay_id
from sandbox.wechat.ledger import Ledger
from sandbox.wechat.records.order import Api, Order, TradeType
from sandbox.wechat.refusals import Reason, Refused

EXPIRE_JOB = "expire"
_OPEN_SECONDS = 7 * 24 * 3600
_LEAST_OPEN_SECONDS = 60
"""Of `time_expire`: "the shortest interval must be more than a minute". Source: pay.weixin.qq.com, unified order, `time_expire`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A merchant's order in the words of neither API. `expires_at` is None when the merchant does not say."""

    app_id: str
    out_trade_no: str
    api: Api
    trade_type: TradeType
    total: int
    notify_url: str
    terms: str
    expires_at: float | None
    sign_type: str = "MD5"
    openid: str | None = None
    attach: str | None = None
    device: str | None = None


def place(ledger: Ledger, wish: Wish) -> Order:
    """The order of this number: a new one, or the same once more if nothing else is asked for than the first time."""
    if wish.app_id != ledger.merchant.app_id:
        raise Refused(Reason.APPID_MCHID_NOT_MATCH)
    known = ledger.order(wish.out_trade_no)
    if known is not None:
        return _repeated(known, wish)
    expires_at = _expiry(ledger, wish)
    order = Order(
        mch_id=ledger.merchant.mch_id,
        app_id=wish.app_id,
        out_trade_no=wish.out_trade_no,
        created=int(ledger.now),
        api=wish.api,
        trade_type=wish.trade_type,
        total=wish.total,
        notify_url=wish.notify_url,
        terms=wish.terms,
        expires_at=expires_at,
        prepay_id=new_prepay_id(ledger.now),
        code=new_code(),
        sign_type=wish.sign_type,
        openid=wish.openid,
        attach=wish.attach,
        device=wish.device,
    )
    ledger.save(order)
    ledger.later(EXPIRE_JOB, order.out_trade_no, expires_at - ledger.now)
    return order


def find(ledger: Ledger, out_trade_no: str | None, transaction_id: str | None) -> Order:
    """By one of both numbers; when both are given they must name the same order."""
    by_ours = None if transaction_id is None else ledger.order_where("$.transaction_id", transaction_id)
    by_theirs = None if out_trade_no is None else ledger.order(out_trade_no)
    order = by_ours or by_theirs
    if order is None or (transaction_id is not None and by_ours is None):
        raise Refused(Reason.ORDER_NOT_EXIST)
    if out_trade_no is not None and order.out_trade_no != out_trade_no:
        raise Refused(Reason.INVALID_REQUEST, "transaction_id与out_trade_no不一致")
    return order


def close(ledger: Ledger, out_trade_no: str) -> Order:
    """After this nobody can pay the order."""
    order = find(ledger, out_trade_no, None)
    if order.is_paid:
        raise Refused(Reason.ORDER_PAID)
    if order.state == "CLOSED":
        raise Refused(Reason.ORDER_CLOSED)
    closed = replace(order, state="CLOSED")
    ledger.save(closed)
    return closed


def expire(ledger: Ledger, out_trade_no: str) -> None:
    """Closes the order at the end of its time, unless it is paid."""
    order = ledger.order(out_trade_no)
    if order is not None and order.state in ("NOTPAY", "PAYERROR"):
        ledger.save(replace(order, state="CLOSED"))


def _repeated(known: Order, wish: Wish) -> Order:
    if known.is_paid:
        raise Refused(Reason.ORDER_PAID)
    if known.state == "CLOSED":
        raise Refused(Reason.ORDER_CLOSED)
    if known.api != wish.api or known.state == "PAYERROR":
        raise Refused(Reason.OUT_TRADE_NO_USED)
    if known.terms != wish.terms:
        raise Refused(Reason.INVALID_REQUEST, "请求重入时，参数与首次请求时不一致，商户订单号重复")
    return known


def _expiry(ledger: Ledger, wish: Wish) -> float:
    if wish.expires_at is None:
        return ledger.now + _OPEN_SECONDS
    if wish.expires_at - ledger.now < _LEAST_OPEN_SECONDS:
        raise Refused(Reason.PARAM_ERROR, "time_expire必须在一分钟之后", "/time_expire")
    return wish.expires_at
