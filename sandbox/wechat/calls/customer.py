"""The customer who pays an order, or whose bank declines."""

from dataclasses import replace
from uuid import uuid4

from sandbox.wechat.ids import new_transaction_id
from sandbox.wechat.ledger import Ledger
from sandbox.wechat.records.notice import Notice
from sandbox.wechat.records.order import Order

CUSTOMER = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"
"""The openid of the customer who scans a code or opens an H5 page."""


def can_pay(ledger: Ledger, order: Order) -> bool:
    return order.state == "NOTPAY" and ledger.now < order.expires_at


def pay(ledger: Ledger, order: Order) -> Order:
    """The money arrives, and the merchant is told of it. Only for an order that `can_pay`."""
    paid = replace(
        order,
        state="SUCCESS",
        transaction_id=new_transaction_id(ledger.now),
        paid_at=int(ledger.now),
        openid=order.openid or CUSTOMER,
    )
    ledger.save(paid)
    ledger.announce(payment_notice(ledger, paid))
    return paid


def decline(ledger: Ledger, order: Order) -> Order:
    """The bank declines: the order cannot be paid any more, and nobody is told. Only for an order that `can_pay`."""
    declined = replace(order, state="PAYERROR")
    ledger.save(declined)
    return declined


def payment_notice(ledger: Ledger, order: Order, *, probe: bool = False) -> Notice:
    return Notice(id=str(uuid4()), created=int(ledger.now), about="payment", number=order.out_trade_no, probe=probe)
