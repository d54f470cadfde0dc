"""What notifications say of a trade and of an authorisation.

Source: the pages on asynchronous notifications, open/270/105902 (trades) and 064jhi (authorisations).
"""

from sandbox.alipay.books import Books
from sandbox.alipay.calls.buyer import BUYER_ID, BUYER_LOGON_ID
from sandbox.alipay.money import yuan
from sandbox.alipay.records.authorisation import Authorisation, Operation, OperationType
from sandbox.alipay.records.trade import Refund, Trade
from sandbox.alipay.times import written

_NOTIFY_TYPES: dict[OperationType, str] = {"FREEZE": "fund_auth_freeze", "UNFREEZE": "fund_auth_unfreeze"}


def announce_trade(books: Books, trade: Trade, refund: Refund | None = None) -> None:
    """The trade's status as it is now; a refund is announced under the status that it leaves."""
    fields = {
        "notify_type": "trade_status_sync",
        "trade_no": trade.id,
        "out_trade_no": trade.out_trade_no,
        "trade_status": trade.status,
        "subject": trade.subject,
        "total_amount": yuan(trade.total),
        "seller_id": books.merchant.seller_id,
        "buyer_id": BUYER_ID,
        "buyer_logon_id": BUYER_LOGON_ID,
        "gmt_create": written(trade.created),
    }
    if trade.body is not None:
        fields["body"] = trade.body
    if trade.passback_params is not None:
        fields["passback_params"] = trade.passback_params
    if trade.closed_at is not None:
        fields["gmt_close"] = written(trade.closed_at)
    if trade.paid_at is not None:
        paid = yuan(trade.total)
        fields |= {
            "gmt_payment": written(trade.paid_at),
            "receipt_amount": paid,
            "invoice_amount": paid,
            "buyer_pay_amount": paid,
            "point_amount": "0.00",
            "fund_bill_list": f'[{{"amount":"{paid}","fundChannel":"ALIPAYACCOUNT"}}]',
        }
    if refund is not None:
        fields |= {
            "out_biz_no": refund.out_request_no,
            "refund_fee": yuan(trade.refunded),
            "gmt_refund": f"{written(refund.made_at)}.000",
        }
    books.notify(trade.notify_url, fields)


def announce_operation(books: Books, authorisation: Authorisation, operation: Operation) -> None:
    """A freeze or an unfreeze that succeeded."""
    assert operation.finished_at is not None
    fields = {
        "notify_type": _NOTIFY_TYPES[operation.type],
        "auth_no": authorisation.id,
        "out_order_no": authorisation.out_order_no,
        "operation_id": operation.id,
        "out_request_no": operation.out_request_no,
        "operation_type": operation.type,
        "amount": yuan(operation.amount),
        "status": operation.status,
        "gmt_create": written(operation.created),
        "gmt_trans": written(operation.finished_at),
        "payer_user_id": BUYER_ID,
        "payer_logon_id": BUYER_LOGON_ID,
        "payee_user_id": books.merchant.seller_id,
        "total_freeze_amount": yuan(authorisation.frozen),
        "total_unfreeze_amount": yuan(authorisation.done("UNFREEZE")),
        "total_pay_amount": yuan(authorisation.done("PAY")),
        "rest_amount": yuan(authorisation.rest),
    }
    books.notify(authorisation.notify_url, fields)
