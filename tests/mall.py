"""A mall's whole service: orders, checkouts and callbacks over one store, in memory unless a test brings another, and two gateways with pages."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from server.composition import Choices, Configuring, compose
from server.domain.access import DEFAULT_MERCHANT, Call, Caller, Role
from server.domain.inbox import ReceivedCallback
from server.domain.order import Order
from server.domain.payment import Payment
from server.domain.ports import Store
from server.operations.callback_forms import Post
from server.operations.callbacks import CallbackAnswer
from server.operations.commands import CheckoutOrder, CreateOrder
from server.operations.policy import LatePayments, Policy
from tests import laws
from tests.builders import a_vault, an_id
from tests.clock_and_ids import CountedIds, StoppedClock
from tests.crashing import CrashingStore, Fuse
from tests.memory import MemoryStore, Tables
from tests.page_gateway import PageDialect, PageGateway, PageGateways, native
from tests.passing_time import pass_time

A_USER = Caller(DEFAULT_MERCHANT, "user:1001", Role.USER, "1001")
ANOTHER_USER = Caller(DEFAULT_MERCHANT, "user:1002", Role.USER, "1002")
AN_ADMIN = Caller(DEFAULT_MERCHANT, "admin:1", Role.ADMIN, "1")
A_KEY = Caller(DEFAULT_MERCHANT, "key:1")


class Mall:
    """`alipay` closes a payment when asked; `wechat` too, unless a test says otherwise."""

    def __init__(self, late: LatePayments = LatePayments.REFUND, store: Store | None = None) -> None:
        self.fuse = Fuse()
        self.clock = StoppedClock()
        self.alipay = PageGateway("alipay", self.clock, fuse=self.fuse)
        self.wechat = PageGateway("wechat", self.clock, fuse=self.fuse)
        self.gateways = PageGateways(self.alipay, self.wechat)
        self._memory = MemoryStore()
        self._durable = store or self._memory
        self._ids = CountedIds()
        self._late = late
        self._calls = 0
        self.start()

    def start(self) -> None:
        """A new process over what is durable: storage, gateways, clock and ids."""
        self.store = CrashingStore(self._durable, self.fuse)
        operations = compose(
            self.store,
            self.gateways,
            self.clock,
            self._ids,
            configuring=Configuring(a_vault()),
            choices=Choices(
                policy=Policy(late_payments=self._late),
                dialects={"alipay": PageDialect("alipay"), "wechat": PageDialect("wechat")},
                payment_snapshot=lambda payment: payment.status.encode(),
                refund_snapshot=lambda refund: refund.status.encode(),
            ),
        )
        self.orders, self.checkouts = operations.orders, operations.checkout
        self.cancelling, self.callbacks = operations.cancelling, operations.callbacks
        self.payments, self.refunds = operations.payments, operations.refunds
        self.refund_settling = operations.refund_settling
        self.intents = operations.intents
        self.worker = operations.worker

    @property
    def tables(self) -> Tables:
        """What is in memory; on a database there is nothing here."""
        return self._memory.tables

    def call(self, caller: Caller = A_USER) -> Call:
        """A new call."""
        self._calls += 1
        return Call(caller, an_id(self._calls))

    async def order(self, amount: str = "100.00", caller: Caller = A_USER) -> Order:
        """A new order."""
        return await self.orders.create(self.call(caller), CreateOrder(total_amount=amount, currency="CNY"))

    async def check_out(self, order: Order, gateway: str = "alipay", call: Call | None = None, **more: Any) -> Payment:
        """The payment that pays an order at a gateway."""
        command = CheckoutOrder(order_id=order.id, gateway=gateway, **more)
        return (await self.checkouts.check_out(call or self.call(), command))[1]

    def now(self, order: Order) -> Order:
        """The order as it is stored."""
        return self.tables.orders[order.id]

    def payments_of(self, order: Order) -> list[Payment]:
        """Every payment of an order, oldest first."""
        mine = [row for row in self.tables.payments.values() if row.mall_order_id == order.id]
        return sorted(mine, key=lambda row: row.id)

    def gateway_of(self, payment: Payment) -> PageGateway:
        return {"alipay": self.alipay, "wechat": self.wechat}[payment.gateway]

    def current(self, payment: Payment) -> Payment:
        """The payment as it is stored, with its refunds."""
        refunds = [row for row in self.tables.refunds.values() if row.payment_id == payment.id]
        stored = self.tables.payments[payment.id]
        for refund in refunds:
            stored = stored.with_refund(refund)
        return stored

    async def pay(self, payment: Payment) -> bool:
        """The customer pays on the page; nobody has told us yet."""
        return self.gateway_of(payment).customer_pays(payment.reference)

    async def tell(self, payment: Payment, **changes: Any) -> CallbackAnswer:
        """The gateway's own notification about a payment as it stands there, with what a test changes in it."""
        gateway = self.gateway_of(payment)
        return await self.post(gateway.told(payment.reference, **changes), native(gateway.name))

    async def post(
        self, fields: Mapping[str, Any] | bytes, headers: Mapping[str, str] | None = None, path: str = ""
    ) -> CallbackAnswer:
        """Anything at all at the callback's address."""
        body = fields if isinstance(fields, bytes) else json.dumps(dict(fields)).encode()
        return await self.callbacks.receive(Post(path, "application/json", dict(headers or {}), body))

    def inbox(self) -> list[ReceivedCallback]:
        """Every callback that was kept, oldest first."""
        return [self.tables.callbacks[key] for key in sorted(self.tables.callbacks)]

    async def pass_time(self, time: timedelta) -> None:
        """Time passes, and what falls due is done when it does."""
        await pass_time(self, time)

    async def settle_down(self) -> None:
        """Whatever is under way comes to its end."""
        await self.pass_time(timedelta(hours=2))

    def assert_nothing_is_forgotten(self) -> None:
        laws.assert_nothing_is_forgotten(self.tables)
