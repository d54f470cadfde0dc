"""Cancels orders: one that waits is closed at its gateway, one that is paid is refunded."""

from functools import partial

from server.domain.access import Call
from server.domain.clock import Clock, whole_seconds
from server.domain.errors import GatewayUnavailable, OrderStateRefused
from server.domain.order import Order, OrderStatus
from server.domain.outcomes import NotSent, Waiting
from server.domain.payment import Payment, PaymentStatus
from server.domain.ports import Store, Transaction
from server.operations.closing import Closing
from server.operations.commands import CreateRefund
from server.operations.owners import order_of
from server.operations.refunds import RefundOperations

# How often an order is looked at anew because its customer pays at this very moment.
_ROUNDS = 3


class _Overtaken(Exception):
    """The order was shipped, or its money is on its way back, since it was looked at."""


class OrderCancelling:
    """The way out of an order."""

    def __init__(self, store: Store, closing: Closing, refunds: RefundOperations, clock: Clock) -> None:
        self._store = store
        self._closing = closing
        self._refunds = refunds
        self._clock = clock

    async def cancel(self, call: Call, order_id: int, user_id: str | None) -> Order:
        """The order as it then is: `cancelled`, or `refunded` once its gateway has returned the money. A resumed call goes on where it was cut off.

        Raises OrderNotFound, OrderStateRefused, GatewayError, GatewayUnavailable when nothing was sent.
        """
        for _ in range(_ROUNDS):
            order, payment = await self._look(call, order_id, user_id)
            if order.status is OrderStatus.PAID and payment is not None:
                try:
                    return await self._refund(call, order, payment)
                except _Overtaken:
                    continue
            if order.status is not OrderStatus.PENDING:
                if call.resumed and order.status in (OrderStatus.CANCELLED, OrderStatus.REFUNDED):
                    return order
                raise OrderStateRefused(order.id, f"an order that is {order.status.value} cannot be cancelled")
            if payment is not None and payment.open:
                # What cannot be closed now, or nobody knows of, is closed in the background; money that still arrives goes back.
                closed, outcome = await self._closing.close(payment)
                if isinstance(outcome, NotSent):
                    raise GatewayUnavailable(outcome.message)
                if isinstance(outcome, Waiting) and closed.status is PaymentStatus.PENDING:
                    # Its creation had been cut off; now there is something to close.
                    continue
            cancelled = await self._store.transaction(partial(self._end, seen=order))
            if cancelled is not None:
                return cancelled
        raise OrderStateRefused(order_id, "the order is changing at this moment; repeat later")

    async def _look(self, call: Call, order_id: int, user_id: str | None) -> tuple[Order, Payment | None]:
        def look(tx: Transaction) -> tuple[Order, Payment | None]:
            order = order_of(tx, call.caller, order_id, user_id)
            payment = None if order.payment_id is None else tx.payments.get(order.merchant_id, order.payment_id)
            return order, payment

        return await self._store.look_up(look)

    async def _refund(self, call: Call, order: Order, payment: Payment) -> Order:
        """Returns the money; another call's refund of all of it that is under way is left to end. Raises _Overtaken when either changed meanwhile."""

        def check(tx: Transaction, locked: Payment) -> None:
            if (
                tx.orders.lock(order.merchant_id, order.id).status is not OrderStatus.PAID
                or not locked.refundable_minor
            ):
                raise _Overtaken

        if payment.refundable_minor or payment.refund(call.operation_id) is not None:
            await self._refunds.create(call, CreateRefund(payment_id=payment.id, metadata={}), check)
        return await self._store.look_up(lambda tx: tx.orders.get(order.merchant_id, order.id))

    def _end(self, tx: Transaction, seen: Order) -> Order | None:
        """The cancelled order; None when it was paid or checked out anew meanwhile."""
        order = tx.orders.lock(seen.merchant_id, seen.id)
        if order.status is not OrderStatus.PENDING or order.payment_id != seen.payment_id:
            return None
        cancelled = order.cancel(whole_seconds(self._clock.now()))
        tx.orders.update(cancelled)
        return cancelled
