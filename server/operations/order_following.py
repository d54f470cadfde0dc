"""Lets orders follow their payments, in the transaction in which the payment changes."""

from collections.abc import Callable, Collection
from uuid import UUID

from server.domain.audit import AuditAction, AuditEntry, AuditObject
from server.domain.events import EventType
from server.domain.ids import Ids
from server.domain.order import Order, OrderStatus
from server.domain.payment import Payment, PaymentStatus
from server.domain.ports import Transaction
from server.operations.policy import LatePayments, Policy

GiveBack = Callable[[Transaction, Payment, UUID], object]
"""Records a refund, under that id, of all that a payment has taken; the background sends it."""

_SERVICE = "service"
_PAID_FOR = (OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.COMPLETED)


class OrderFollowing:
    """Follows payments that are an order's checkout; all others are left alone."""

    def __init__(self, ids: Ids, policy: Policy, give_back: GiveBack) -> None:
        self._ids = ids
        self._policy = policy
        self._give_back = give_back

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
            self._too_late(tx, order, payment)

    def _refunded(self, tx: Transaction, payment: Payment) -> None:
        order = _order_of(tx, payment)
        if order.payment_id != payment.id:
            return
        if payment.status is PaymentStatus.REFUNDED and order.status in _PAID_FOR:
            tx.orders.update(order.refund(payment.updated_at))
        elif payment.status is PaymentStatus.SUCCEEDED and order.status is OrderStatus.REFUNDED:
            tx.orders.update(order.refund_failed(payment.updated_at))

    def _too_late(self, tx: Transaction, order: Order, payment: Payment) -> None:
        """The money is in the books as what it is; nobody ordered anything for it."""
        if self._policy.late_payments is LatePayments.REFUND:
            self._give_back(tx, payment, self._ids.new())
        entry = AuditEntry(
            id=self._ids.new(),
            merchant_id=payment.merchant_id,
            actor=_SERVICE,
            action=AuditAction.PAYMENT_LATE,
            object_type=AuditObject.PAYMENT,
            object_id=str(payment.id),
            details={
                "order_no": order.order_no,
                "order_status": order.status.value,
                "gateway": payment.gateway,
                "decision": self._policy.late_payments.value,
            },
            created_at=payment.updated_at,
        )
        tx.audit.append(entry)


def _order_of(tx: Transaction, payment: Payment) -> Order:
    assert payment.mall_order_id is not None
    return tx.orders.lock(payment.merchant_id, payment.mall_order_id)
