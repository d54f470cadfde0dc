"""Lets orders follow their payments, in the transaction in which the payment changes."""

from collections.abc import Collection

from server.domain.events import EventType
from server.domain.order import Order, OrderStatus
from server.domain.payment import Payment, PaymentStatus
from server.domain.ports import Transaction
from server.operations.late_money import LateMoney

_PAID_FOR = (OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.COMPLETED)


class OrderFollowing:
    """Follows payments that are an order's checkout; all others are left alone."""

    def __init__(self, late: LateMoney) -> None:
        self._late = late

    def follow(self, tx: Transaction, payment: Payment, events: Collection[EventType]) -> None:
        """Moves the order on with its payment; money that arrives for an order which wants it no more goes back, or is flagged."""
        if payment.mall_order_id is None:
            return
        if EventType.PAYMENT_SUCCEEDED in events:
            self._paid(tx, payment)
        elif payment.refunded_minor > 0 or payment.refunds:
            self._refunded(tx, payment)

    def _paid(self, tx: Transaction, payment: Payment) -> None:
        order = _order_of(tx, payment)
        if order.status is OrderStatus.PENDING and order.payment_id == payment.id:
            tx.orders.update(order.pay(payment))
        else:
            self._late.arrived(tx, payment, {"order_no": order.order_no, "order_status": order.status.value})

    def _refunded(self, tx: Transaction, payment: Payment) -> None:
        order = _order_of(tx, payment)
        if order.payment_id != payment.id:
            return
        if payment.status is PaymentStatus.REFUNDED and order.status in _PAID_FOR:
            tx.orders.update(order.refund(payment.updated_at))
        elif payment.status is PaymentStatus.SUCCEEDED and order.status is OrderStatus.REFUNDED:
            tx.orders.update(order.refund_failed(payment.updated_at))


def _order_of(tx: Transaction, payment: Payment) -> Order:
    assert payment.mall_order_id is not None
    return tx.orders.lock(payment.merchant_id, payment.mall_order_id)
