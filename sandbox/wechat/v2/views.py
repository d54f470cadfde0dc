"""How API v2 shows orders and refunds: flat lists of texts."""

from collections.abc import Mapping, Sequence

from sandbox.wechat.records.order import STATE_DESCRIPTIONS, Order
from sandbox.wechat.records.refund import Refund, RefundStatus
from sandbox.wechat.times import second, spaced

BANK = "OTHERS"
ACCOUNT = "支付用户零钱"
UNSETTLED = "REFUND_SOURCE_UNSETTLED_FUNDS"
REFUND_STATUSES: Mapping[RefundStatus, str] = {
    "PROCESSING": "PROCESSING",
    "SUCCESS": "SUCCESS",
    "CLOSED": "REFUNDCLOSE",
    "ABNORMAL": "CHANGE",
}


def placed_order(order: Order, mweb_url: str) -> dict[str, str]:
    """Source: pay.weixin.qq.com, API v2, unified order."""
    shown = {**_device(order), "trade_type": order.trade_type, "prepay_id": order.prepay_id}
    if order.trade_type == "NATIVE":
        shown["code_url"] = order.code_url
    if order.trade_type == "MWEB":
        shown["mweb_url"] = mweb_url
    return shown


def shown_order(order: Order) -> dict[str, str]:
    """As a query answers. Source: pay.weixin.qq.com, API v2, order query."""
    shown = _device(order) | {
        "trade_state": order.state,
        "trade_state_desc": STATE_DESCRIPTIONS[order.state],
        "out_trade_no": order.out_trade_no,
        "total_fee": str(order.total),
        "fee_type": "CNY",
    }
    return shown | _payment(order) if order.is_paid else shown | _attach(order)


def told_payment(order: Order) -> dict[str, str]:
    """As the notification of the payment says it. Source: pay.weixin.qq.com, API v2, payment notification."""
    return {
        **_device(order),
        "out_trade_no": order.out_trade_no,
        "total_fee": str(order.total),
        "fee_type": "CNY",
        **_payment(order),
    }


def accepted_refund(refund: Refund) -> dict[str, str]:
    """Source: pay.weixin.qq.com, API v2, refund request."""
    return {
        "transaction_id": refund.transaction_id,
        "out_trade_no": refund.out_trade_no,
        "out_refund_no": refund.out_refund_no,
        "refund_id": refund.refund_id,
        "refund_fee": str(refund.refund),
        "coupon_refund_fee": "0",
        "total_fee": str(refund.total),
        "fee_type": "CNY",
        "cash_fee": str(refund.total),
        "cash_refund_fee": str(refund.refund),
        "coupon_refund_count": "0",
    }


def shown_refunds(order: Order, refunds: Sequence[Refund], total_count: int) -> dict[str, str]:
    """The refunds are numbered from 0. Source: pay.weixin.qq.com, API v2, refund query."""
    shown = {
        "transaction_id": order.transaction_id or "",
        "out_trade_no": order.out_trade_no,
        "total_fee": str(order.total),
        "fee_type": "CNY",
        "cash_fee": str(order.total),
        "total_refund_count": str(total_count),
        "refund_count": str(len(refunds)),
    }
    for number, refund in enumerate(refunds):
        shown |= {
            f"out_refund_no_{number}": refund.out_refund_no,
            f"refund_id_{number}": refund.refund_id,
            f"refund_channel_{number}": "ORIGINAL",
            f"refund_fee_{number}": str(refund.refund),
            f"refund_status_{number}": REFUND_STATUSES[refund.status],
            f"refund_account_{number}": UNSETTLED,
            f"refund_recv_accout_{number}": ACCOUNT,
        }
        if refund.status == "SUCCESS" and refund.ended_at is not None:
            shown[f"refund_success_time_{number}"] = spaced(refund.ended_at)
    return shown


def told_refund(refund: Refund) -> dict[str, str]:
    """What `req_info` hides in the notification of its end. Source: pay.weixin.qq.com, API v2, refund notification."""
    told = {
        "transaction_id": refund.transaction_id,
        "out_trade_no": refund.out_trade_no,
        "refund_id": refund.refund_id,
        "out_refund_no": refund.out_refund_no,
        "total_fee": str(refund.total),
        "refund_fee": str(refund.refund),
        "settlement_refund_fee": str(refund.refund),
        "refund_status": REFUND_STATUSES[refund.status],
        "refund_recv_accout": ACCOUNT,
        "refund_account": UNSETTLED,
        "refund_request_source": "API",
    }
    if refund.status == "SUCCESS" and refund.ended_at is not None:
        told["success_time"] = spaced(refund.ended_at)
    return told


def _payment(order: Order) -> dict[str, str]:
    return {
        "openid": order.openid or "",
        "is_subscribe": "N",
        "trade_type": order.trade_type,
        "bank_type": BANK,
        "cash_fee": str(order.total),
        "cash_fee_type": "CNY",
        "transaction_id": order.transaction_id or "",
        "time_end": second(order.paid_at or 0),
        **_attach(order),
    }


def _attach(order: Order) -> dict[str, str]:
    return {"attach": order.attach} if order.attach else {}


def _device(order: Order) -> dict[str, str]:
    return {"device_info": order.device} if order.device else {}
