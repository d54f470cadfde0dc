"""A merchant's whole service in memory: operations and background work over one store and one gateway, which a test can kill and start again."""

from datetime import timedelta

from server.domain.attempt import Attempt, AttemptKind, AttemptStatus
from server.domain.jobs import JobKind
from server.domain.ledger import Account, PostingKind
from server.domain.payment import Payment
from server.operations.journal import Journal
from server.operations.payments import PaymentOperations
from server.operations.settling import Settling
from server.work.handlers import handlers
from server.work.worker import Worker
from tests.builders import a_call, a_wish_to_be_paid
from tests.clock_and_ids import CountedIds, StoppedClock
from tests.crashing import CrashingStore, Fuse
from tests.fake_gateway import FakeGateway, FakeGateways, Standing
from tests.memory import MemoryStore, Tables

_MOST_ROUNDS = 400


class Shop:
    """Storage, gateway, clock and ids outlive a restart; everything else is made anew."""

    def __init__(self) -> None:
        self.fuse = Fuse()
        self.clock = StoppedClock()
        self.gateway = FakeGateway(self.fuse)
        self._store = MemoryStore()
        self._ids = CountedIds()
        self.start()

    def start(self) -> None:
        """A new process over what is durable."""
        gateways = FakeGateways(self.gateway)
        self.store = store = CrashingStore(self._store, self.fuse)
        journal = Journal(self._ids, lambda payment: payment.status.encode())
        self.settling = Settling(store, gateways, journal, self.clock)
        self.payments = PaymentOperations(
            store=store, gateways=gateways, settling=self.settling, journal=journal, clock=self.clock, ids=self._ids
        )
        self.handlers = handlers(store, self.settling, self.payments)
        self.worker = Worker(store, self.handlers, self.clock, timedelta(seconds=1))

    @property
    def tables(self) -> Tables:
        return self._store.tables

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

    async def pass_time(self, time: timedelta) -> None:
        """Time passes, and what falls due is done when it does."""
        end = self.clock.now() + time
        for _ in range(_MOST_ROUNDS):
            due = min((job.due_at for job in self.tables.jobs.values()), default=end)
            if due >= end:
                self.clock.move_to(end)
                return
            self.clock.move_to(due)
            await self.worker.run_due()
        raise AssertionError("the background does not come to rest")

    def assert_nothing_is_forgotten(self) -> None:
        """Whoever waits has somebody who comes back: no payment stands still for ever, and nobody works for nothing."""
        tables = self.tables
        asked = {job.id for job in tables.jobs.values() if job.kind is JobKind.SETTLE_ATTEMPT}
        closing = {job.id for job in tables.jobs.values() if job.kind is JobKind.EXPIRE_PAYMENT}
        live = [row for row in tables.attempts.values() if not row.final]
        assert asked >= {row.id for row in live if row.status is not AttemptStatus.NEEDS_REVIEW}
        for payment in tables.payments.values():
            if payment.status == "processing":
                assert payment.id in {row.payment_id for row in live}
            if payment.status == "pending":
                assert payment.id in closing

    def assert_truth_is_told(self) -> None:
        """At rest: the gateway's truth, the payments, the books and the outbox agree, and nobody works any more on what is over."""
        self.assert_nothing_is_forgotten()
        tables = self.tables
        references = {payment.reference for payment in tables.payments.values()}
        assert {held.attempt.reference for held in self.gateway.payments.values()} <= references
        for payment in tables.payments.values():
            self._assert_truth_of(payment)
        posted = {source for _, source in tables.postings}
        assert posted == {payment.id for payment in tables.payments.values() if payment.captured}
        final = {row.id for row in tables.attempts.values() if row.final}
        assert not final & {job.id for job in tables.jobs.values() if job.kind is JobKind.SETTLE_ATTEMPT}

    def _assert_truth_of(self, payment: Payment) -> None:
        held = self.gateway.of_reference(payment.reference)
        taken_minor = held.taken_minor if held else 0
        assert payment.captured_minor == taken_minor
        posted = self.tables.postings.get((PostingKind.CHARGE, payment.id))
        entries = posted.posting.entries if posted else ()
        owed = sum(entry.amount_minor for entry in entries if entry.account is Account.GATEWAY_RECEIVABLE)
        assert owed == taken_minor
        assert sum(entry.amount_minor for entry in entries) == 0
        told = sorted(number for object_id, number in self.tables.events if object_id == payment.id)
        assert told == list(range(1, payment.sequence + 1))
        standing = held.standing if held else None
        assert payment.status in _TOLD_AS[standing], f"{payment.status} at us, {standing} at the gateway"
        assert payment.authorised == (standing in {Standing.HELD, Standing.TAKEN}) or payment.status == "canceled"


_TOLD_AS = {
    None: {"failed"},
    Standing.ASKING: {"pending"},
    Standing.WORKING: {"processing"},
    Standing.HELD: {"pending"},
    Standing.TAKEN: {"succeeded"},
    Standing.ENDED: {"canceled", "failed"},
    Standing.DECLINED: {"failed"},
}
