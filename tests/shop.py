"""A merchant's whole service in memory: operations and background work over one store and one gateway, which a test can kill and start again."""

from datetime import timedelta

from server.composition import Choices, Configuring, compose
from server.domain.attempt import Attempt, AttemptKind
from server.domain.payment import Payment
from server.domain.ports import Store
from server.operations.commands import CapturePayment
from server.operations.policy import Policy
from tests import laws
from tests.builders import a_call, a_vault, a_wish_to_be_paid
from tests.clock_and_ids import CountedIds, StoppedClock
from tests.crashing import CrashingStore, Fuse
from tests.fake_gateway import FakeGateway, FakeGateways
from tests.gateway_truth import Standing
from tests.memory import MemoryStore, Tables
from tests.passing_time import pass_time


class Shop:
    """Storage, gateway, clock and ids outlive a restart; everything else is made anew. Its storage is in memory unless a test brings a database."""

    def __init__(self, store: Store | None = None) -> None:
        self.fuse = Fuse()
        self.clock = StoppedClock()
        self.gateway = FakeGateway(self.fuse)
        self.policy = Policy()
        self._memory = MemoryStore()
        self._durable = store or self._memory
        self._ids = CountedIds()
        self.start()

    def start(self) -> None:
        """A new process over what is durable."""
        gateways = FakeGateways(self.gateway)
        self.store = store = CrashingStore(self._durable, self.fuse)
        operations = compose(
            store,
            gateways,
            self.clock,
            self._ids,
            configuring=Configuring(a_vault()),
            choices=Choices(
                policy=self.policy,
                payment_snapshot=lambda payment: payment.status.encode(),
                refund_snapshot=lambda refund: refund.status.encode(),
                dispute_snapshot=lambda dispute: dispute.status.encode(),
                payout_snapshot=lambda payout: payout.status.encode(),
            ),
        )
        self.settling, self.payments = operations.settling, operations.payments
        self.refund_settling, self.refunds = operations.refund_settling, operations.refunds
        self.disputes, self.files = operations.disputes, operations.files
        self.payouts, self.payout_following = operations.payouts, operations.payout_following
        self.dispute_following = operations.dispute_following
        self.refund_recording = operations.refund_recording
        self.orders, self.checkout, self.cancelling = operations.orders, operations.checkout, operations.cancelling
        self.intents = operations.intents
        self.saved_methods = operations.saved_methods
        self.callbacks = operations.callbacks
        self.balances, self.balance_settling = operations.balances, operations.balance_settling
        self.verifying = operations.verifying
        self.handlers, self.worker = operations.handlers, operations.worker

    @property
    def tables(self) -> Tables:
        return self._memory.tables

    def payment(self) -> Payment:
        """The only payment."""
        (payment,) = self.tables.payments.values()
        return payment

    def held(self) -> Standing | None:
        """Where the only payment stands at the gateway; None when the gateway has never heard of it."""
        found = self.gateway.of_reference(self.payment().reference)
        return found.standing if found else None

    def attempt_of(self, kind: AttemptKind) -> Attempt:
        """The only payment's last attempt of a kind."""
        return max((row for row in self.tables.attempts.values() if row.kind is kind), key=lambda row: row.id)

    async def authorised(self, operation: int = 1, amount: str = "59.49") -> Payment:
        """A payment whose money is reserved."""
        return await self.payments.create(a_call(operation), a_wish_to_be_paid(amount, manual=True))

    async def captured(self, amount: str = "59.49") -> Payment:
        """A payment whose money is taken."""
        return await self.payments.create(a_call(1), a_wish_to_be_paid(amount))

    async def capture(self, amount: str | None = None, operation: int = 2) -> Payment:
        """Captures the only payment."""
        return await self.payments.capture(a_call(operation), CapturePayment(self.payment().id, amount))

    async def pass_time(self, time: timedelta) -> None:
        """Time passes, and what falls due is done when it does."""
        await pass_time(self, time)

    def assert_nothing_is_forgotten(self) -> None:
        laws.assert_nothing_is_forgotten(self.tables)

    def assert_truth_is_told(self) -> None:
        laws.assert_truth_is_told(self.tables, self.gateway)
