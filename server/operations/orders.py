"""The mall's orders: create, read, list, ship, complete. Paying and cancelling them have modules of their own."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from server.domain.access import Call, Caller
from server.domain.clock import Clock, whole_seconds
from server.domain.listing import OrderQuery, Page
from server.domain.money import Money
from server.domain.order import Order, OrderStatus, order_number
from server.domain.ports import Store, Transaction
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
            earlier = tx.orders.find(call.caller.merchant_id, call.operation_id) if call.resumed else None
            if earlier is not None:
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

        return await self._store.transaction(record)

    async def get(self, caller: Caller, order_id: int, user_id: str | None) -> Order:
        """One order. Raises OrderNotFound."""
        return await self._store.look_up(lambda tx: order_of(tx, caller, order_id, user_id))

    async def list(self, caller: Caller, query: OrderQuery) -> Page[Order]:
        """A page of the orders that the caller may see. Raises PermissionDenied, ValidationError."""
        owner = orders_of(caller, query.filter.user_id)
        wanted = replace(query, filter=replace(query.filter, user_id=owner))
        return await self._store.read(lambda tx: tx.orders.list(caller.merchant_id, wanted))

    async def ship(self, call: Call, order_id: int) -> Order:
        """Marks a paid order as shipped. Raises OrderNotFound, OrderStateRefused."""
        return await self._move(call, order_id, OrderStatus.SHIPPED, Order.ship)

    async def complete(self, call: Call, order_id: int) -> Order:
        """Marks a shipped order as completed. Raises OrderNotFound, OrderStateRefused."""
        return await self._move(call, order_id, OrderStatus.COMPLETED, Order.complete)

    async def _move(
        self, call: Call, order_id: int, to: OrderStatus, verb: Callable[[Order, datetime], Order]
    ) -> Order:
        def move(tx: Transaction) -> Order:
            order = tx.orders.lock(call.caller.merchant_id, order_id)
            if call.resumed and order.status is to:
                # An earlier execution of this call had moved it.
                return order
            moved = verb(order, whole_seconds(self._clock.now()))
            tx.orders.update(moved)
            return moved

        return await self._store.transaction(move)
