"""How API v3 shows orders and refunds."""

from sandbox.json_types import Resource
from sandbox.wechat.records.order import STATE_DESCRIPTIONS, Order
from sandbox.wechat.records.refund import Refund
from sandbox.wechat.times import rfc3339

BANK = "OTHERS"
ACCOUNT = "支付用户零钱"


def shown_order(order: Order) -> Resource:
    """As a query answers. Source: pay.weixin.qq.com/doc/v3/merchant/4013070356."""
    shown: Resource = {
        "appid": order.app_id,
        "mchid": order.mch_id,
        "out_trade_no": order.out_trade_no,
        "trade_state": order.state,
        "trade_state_desc": STATE_DESCRIPTIONS[order.state],
        "amount": {"total": order.total, "currency": "CNY"},
    }
    if order.attach:
        shown["attach"] = order.attach
    if order.paid_at is not None:
        shown |= {
            "transaction_id": order.transaction_id,
            "trade_type": order.trade_type,
            "bank_type": BANK,
            "success_time": rfc3339(order.paid_at),
            "payer": {"openid": order.openid},
            "amount": {
                "total": order.total,
                "payer_total": order.total,
                "currency": "CNY",
                "payer_currency": "CNY",
            },
        }
    return shown


def told_payment(order: Order) -> Resource:
    """As the notification of the payment says it, whatever has happened since. Source: pay.weixin.qq.com/doc/v3/merchant/4012791861."""
    return shown_order(order) | {"trade_state": "SUCCESS", "trade_state_desc": STATE_DESCRIPTIONS["SUCCESS"]}


def shown_refund(refund: Refund) -> Resource:
    """Source: pay.weixin.qq.com, API v3, refund query."""
    shown: Resource = {
        "refund_id": refund.refund_id,
        "out_refund_no": refund.out_refund_no,
        "transaction_id": refund.transaction_id,
        "out_trade_no": refund.out_trade_no,
        "channel": "ORIGINAL",
        "user_received_account": ACCOUNT,
        "create_time": rfc3339(refund.created),
        "status": refund.status,
        "funds_account": "UNSETTLED",
        "amount": {
            "total": refund.total,
            "refund": refund.refund,
            "from": [],
            "payer_total": refund.total,
            "payer_refund": refund.refund,
            "settlement_refund": refund.refund,
            "settlement_total": refund.total,
            "discount_refund": 0,
            "currency": "CNY",
            "refund_fee": 0,
        },
        "promotion_detail": [],
    }
    if refund.status == "SUCCESS" and refund.ended_at is not None:
        shown["success_time"] = rfc3339(refund.ended_at)
    return shown


def told_refund(refund: Refund) -> Resource:
    """As the notification of its end says it. Source: pay.weixin.qq.com, API v3, refund notification."""
    told: Resource = {
        "mchid": refund.mch_id,
        "out_trade_no": refund.out_trade_no,
        "transaction_id": refund.transaction_id,
        "out_refund_no": refund.out_refund_no,
        "refund_id": refund.refund_id,
        "refund_status": refund.status,
        "user_received_account": ACCOUNT,
        "amount": {
            "total": refund.total,
            "refund": refund.refund,
            "payer_total": refund.total,
            "payer_refund": refund.refund,
        },
    }
    if refund.status == "SUCCESS" and refund.ended_at is not None:
        told["success_time"] = rfc3339(refund.ended_at)
    return told
