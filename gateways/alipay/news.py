"""What a notification says once it is believed."""

from collections.abc import Mapping

from gateways.alipay.amounts import CURRENCY, from_alipay
from gateways.alipay.notification import Notification
from gateways.alipay.times import from_alipay as time_from_alipay
from server.domain.callback import News, NoNews, PaymentNews, RefundNews
from server.domain.money import Money
from server.domain.outcomes import Approved, Canceled, Refunded

_LONGEST_DETAIL = 40


def news_of(notification: Notification) -> News:
    """Raises ValueError for a notification without what its kind must have: amounts and times are read strictly."""
    fields = notification.fields
    if "auth_no" in fields and "trade_status" not in fields:
        return _of_authorisation(fields)
    if _needed(fields, "trade_status") in ("TRADE_SUCCESS", "TRADE_FINISHED", "TRADE_CLOSED") and _is_refund(fields):
        return _of_refund(fields)
    return _of_trade(fields)


def gateway_number(notification: Notification) -> str | None:
    """Alipay's number for the payment."""
    fields = notification.fields
    return fields.get("trade_no") or fields.get("auth_no") or None


def _of_trade(fields: Mapping[str, str]) -> News:
    """Source: the notification parameters of alipay.trade.page.pay (open/270/105902)."""
    status, trade_no = fields["trade_status"], _needed(fields, "trade_no")
    match status:
        case "TRADE_SUCCESS" | "TRADE_FINISHED":
            amount_minor = from_alipay(fields.get("total_amount"))
            paid_at = time_from_alipay(fields["gmt_payment"]) if fields.get("gmt_payment") else None
            approved = Approved(trade_no, amount_minor, captured=True, paid_at=paid_at)
            return PaymentNews(approved, Money(amount_minor, CURRENCY))
        case "TRADE_CLOSED" if fields.get("gmt_payment"):
            return NoNews("The trade was closed after it had been paid; refunds are told of by themselves.")
        case "TRADE_CLOSED":
            return PaymentNews(Canceled(trade_no))
        case "WAIT_BUYER_PAY":
            return NoNews("The customer has opened the page and not paid yet.")
        case _:
            return NoNews(f"The trade is {status[:_LONGEST_DETAIL]}, which changes nothing.")


def _is_refund(fields: Mapping[str, str]) -> bool:
    """A trade's status stays what it was when a part of it is returned: these fields alone tell."""
    return bool(fields.get("gmt_refund") or fields.get("out_biz_no"))


def _of_refund(fields: Mapping[str, str]) -> News:
    """`refund_fee` is all that was returned of the trade so far: of this one refund the notification names no amount."""
    from_alipay(fields.get("refund_fee"))
    number = fields.get("out_biz_no")
    if not number:
        return NoNews("Money was returned under no number of ours.")
    return RefundNews(Refunded(number), reference=number, gateway_refund_id=number)


def _of_authorisation(fields: Mapping[str, str]) -> News:
    """Source: the notification parameters of alipay.fund.auth.order.voucher.create and alipay.fund.auth.order.unfreeze."""
    auth_no, kind, status = _needed(fields, "auth_no"), fields.get("operation_type"), fields.get("status")
    if status != "SUCCESS":
        return NoNews("The operation on the pre-authorisation has not succeeded.")
    if kind == "FREEZE":
        amount_minor = from_alipay(fields.get("amount"))
        return PaymentNews(Approved(auth_no, amount_minor, captured=False), Money(amount_minor, CURRENCY))
    left = [fields.get(name) for name in ("rest_amount", "total_pay_amount")]
    if kind == "UNFREEZE" and all(left) and not any(from_alipay(amount, least_minor=0) for amount in left):
        return PaymentNews(Canceled(auth_no))
    return NoNews("A part of what was frozen was released or paid; the answer to our own call told of it.")


def _needed(fields: Mapping[str, str], name: str) -> str:
    value = fields.get(name)
    if not value:
        raise ValueError(f"{name} is missing")
    return value
