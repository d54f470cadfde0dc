"""The mall's orders: create, read, list, ship, complete. Paying and cancelling them have modules of their own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from server.domain.access import Call, Caller
from server.domain.clock import Clock, whole_seconds
from server.domain.errors import OrderStateRefused
from server.domain.listing import OrderQuery, Page
from server.domain.money import Money
from server.domain.order import Order, OrderStatus, order_number
from server.domain.ports import Store, Transaction, UniqueViolation
from server.operations.commands import CreateOrder
from server.operations.owners import new_owner, order_of, orders_of
from server.operations.policy import Policy


class OrderOperations:
    """What callers do with orders."""

    def __init__(self, store: Store, clock: Clock, policy: Policy) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy

    async def create(self, call: Call, command: CreateOrder) -> Order:
        """A new order, `pending`. Raises InvalidAmount, InvalidCurrency, ValidationError, PermissionDenied."""
        owner = new_owner(call.caller, command.user_id)
        total = Money.parse(command.total_amount, command.currency, "total_amount")
        now = self._clock.now()

        def record(tx: Transaction) -> Order:
            if call.resumed and (earlier := tx.orders.find(call.caller.merchant_id, call.operation_id)) is not None:
                return earlier
            order_id = tx.orders.next_id(call.caller.merchant_id)
            order = Order(
                id=order_id,
                uuid=call.operation_id,
                merchant_id=call.caller.merchant_id,
                order_no=order_number(order_id, now.astimezone(self._policy.mall_zone)),
                user_id=owner,
                total=total,
                created_at=whole_seconds(now),
                updated_at=whole_seconds(now),
                subject=command.subject,
            )
            tx.orders.insert(order)
            return order

        try:
            return await self._store.transaction(record)
        except UniqueViolation:
            # Another execution of this call was quicker.
            others = await self._store.look_up(lambda tx: tx.orders.find(call.caller.merchant_id, call.operation_id))
            if others is None:
                raise
            return others

    async def get(self, caller: Caller, order_id: int, user_id: str | None) -> Order:
        """One order. Raises OrderNotFound."""
        return await self._store.look_up(lambda tx: order_of(tx, caller, order_id, user_id))

    async def list(self, caller: Caller, query: OrderQuery) -> Page[Order]:
        """A page of the orders that the caller may see. Raises PermissionDenied, ValidationError."""
        owner = orders_of(caller, query.filter.user_id)
        wanted = replace(query, filter=replace(query.filter, user_id=owner))
        return await self._store.read(lambda tx: tx.orders.list(caller.merchant_id, wanted))

    async def ship(self, call: Call, order_id: int) -> Order:
        """Marks a paid order as shipped. Raises OrderNotFound, OrderStateRefused: also while its money is on its way back."""

        def move(tx: Transaction) -> Order:
            # Payments are locked before their orders, here as where they settle.
            seen = tx.orders.get(call.caller.merchant_id, order_id)
            payment = seen.payment_id and tx.payments.lock(seen.merchant_id, seen.payment_id)
            order = tx.orders.lock(seen.merchant_id, seen.id)
            if order.status is OrderStatus.PAID and payment and not payment.refundable_minor:
                raise OrderStateRefused(order.id, "an order whose money is on its way back cannot be shipped")
            return self._moved(tx, call, order, OrderStatus.SHIPPED, Order.ship)

        return await self._store.transaction(move)

    async def complete(self, call: Call, order_id: int) -> Order:
        """Marks a shipped order as completed. Raises OrderNotFound, OrderStateRefused."""

        def move(tx: Transaction) -> Order:
            order = tx.orders.lock(call.caller.merchant_id, order_id)
            return self._moved(tx, call, order, OrderStatus.COMPLETED, Order.complete)

        return await self._store.transaction(move)

    def _moved(
        self, tx: Transaction, call: Call, order: Order, to: OrderStatus, verb: Callable[[Order, datetime], Order]
    ) -> Order:
        if call.resumed and order.status is to:
            # An earlier execution of this call had moved it.
            return order
        moved = verb(order, whole_seconds(self._clock.now()))
        tx.orders.update(moved)
        return moved
