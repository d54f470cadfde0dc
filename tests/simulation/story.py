"""One seed's story: customers pay or do not, merchants capture, cancel and refund, replicas die, and in the end the line is good and everything must settle."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random

from server.domain.access import Call
from server.domain.errors import AlreadyCaptured, DomainError, GatewayError, GatewayUnavailable
from server.domain.payment import Payment, PaymentStatus
from server.domain.payment_intent import PaymentIntent
from server.domain.refund import Refund, RefundStatus
from server.operations.commands import CapturePayment
from tests.builders import a_call, a_wish_to_be_paid, a_wish_to_be_refunded, an_id
from tests.clock_and_ids import CountedIds
from tests.fake_gateway import FakeGateway
from tests.laws import assert_truth_is_told
from tests.memory import MemoryStore
from tests.simulation.replica import Replica
from tests.simulation.virtual_time import run

# A call's lease, and how long it may run under it; see the idempotency interceptor.
_LEASE_SECONDS, _RUNS_SECONDS = 60.0, 54.0
_BUSY, _QUIET = timedelta(seconds=2), timedelta(seconds=60)
_SETTLES_WITHIN_SECONDS = 3 * 3600.0
_TOKENS = ("tok_good", "tok_good", "tok_challenge", "tok_challenge", "tok_declined", "tok_refused")

Answer = Payment | Refund | PaymentIntent
Does = Callable[[Replica, Call], Awaitable[Answer]]
Told = Answer | DomainError | None


@dataclass
class Story:
    """Everything that a seed decides."""

    random: Random
    payments: int = 4
    store: MemoryStore = field(default_factory=MemoryStore)
    gateway: FakeGateway = field(default_factory=FakeGateway)
    ids: CountedIds = field(default_factory=CountedIds)
    replicas: list[Replica] = field(default_factory=list)
    told: list[tuple[int, str, Told]] = field(default_factory=list)
    refunds_told: list[tuple[int, Told]] = field(default_factory=list)

    async def happen(self) -> None:
        """Trouble first, then peace, then judgement."""
        await self._prepare()
        self.replicas = [self._replica() for _ in range(2)]
        acts = [self._sale(number) for number in range(1, self.payments + 1)]
        await asyncio.gather(self._trouble(), *acts)
        for replica in self.replicas:
            replica.kill()
        peaceful = self._peaceful_replica()
        await asyncio.sleep(_SETTLES_WITHIN_SECONDS)
        peaceful.kill()
        self._judge()

    async def _prepare(self) -> None:
        """What is there before any trouble: nothing."""

    def _judge(self) -> None:
        assert_truth_is_told(self.store.tables, self.gateway)
        self._assert_nobody_was_misled()
        self._assert_nobody_was_misled_about_refunds()

    def _peaceful_replica(self) -> Replica:
        return Replica(self.store, self.gateway, self.ids, self.random, poll=_QUIET, bad_line=False)

    def _replica(self) -> Replica:
        return Replica(self.store, self.gateway, self.ids, self.random, poll=_BUSY, bad_line=True)

    async def _trouble(self) -> None:
        for _ in range(self.random.randrange(4)):
            await asyncio.sleep(self.random.uniform(0, 40))
            self._die(self.random.choice(self.replicas))

    def _die(self, replica: Replica) -> None:
        replica.kill()
        if replica in self.replicas:
            self.replicas[self.replicas.index(replica)] = self._replica()

    async def _sale(self, number: int) -> None:
        """One customer, and a merchant who may change their mind."""
        await asyncio.sleep(self.random.uniform(0, 30))
        manual = self.random.random() < 0.6
        wish = a_wish_to_be_paid(token=self.random.choice(_TOKENS), manual=manual)
        customer = asyncio.create_task(self._customer(number))
        told = await self._insist(number, "create", number, lambda replica, call: replica.payments.create(call, wish))
        if isinstance(told, Payment):
            wishes = self.random.sample(("capture", "capture", "cancel", "cancel"), self.random.randrange(3))
            wishes += ["refund"] * self.random.randrange(4)
            await asyncio.gather(*(self._follow(number, kind, place) for place, kind in enumerate(wishes)))
        await customer

    async def _follow(self, number: int, kind: str, place: int) -> None:
        await asyncio.sleep(self.random.uniform(0, 60))
        amount, slow_bank = self.random.choice((None, "10.00")), self.random.random() < 0.3
        wanted = a_wish_to_be_refunded(
            an_id(number), amount or self.random.choice((None, "25.00")), slow_bank=slow_bank
        )
        does: dict[str, Does] = {
            "capture": lambda replica, call: replica.payments.capture(call, CapturePayment(an_id(number), amount)),
            "cancel": lambda replica, call: replica.payments.cancel(call, an_id(number)),
            "refund": lambda replica, call: replica.refunds.create(call, wanted),
        }
        operation = number * 100 + place
        told = await self._insist(operation, kind, number, does[kind])
        if kind == "refund":
            self.refunds_told.append((operation, told))
            await self._bank(operation)

    async def _bank(self, operation: int) -> None:
        """A bank that is slow takes a refund or sends it back, soon or never."""
        await asyncio.sleep(self.random.uniform(0, 600))
        known = self.gateway.returned.get(an_id(operation))
        if known is not None and known.status is RefundStatus.PENDING and self.random.random() < 0.8:
            self.gateway.bank(an_id(operation), takes=self.random.random() < 0.7)

    async def _customer(self, number: int) -> None:
        await asyncio.sleep(self.random.uniform(0, 120))
        if number % 4 and an_id(number) in self.store.tables.payments:
            reference = self.store.tables.payments[an_id(number)].reference
            if self.gateway.of_reference(reference) is not None:
                self.gateway.customer(reference, pays=self.random.random() < 0.7)

    async def _insist(self, operation: int, kind: str, number: int, does: Does) -> Told:
        """Repeats a call under its key until it is answered or the caller has had enough; notes what they were told."""
        told: Told = None
        for attempt in range(6):
            replica, lease = self.random.choice(self.replicas), asyncio.create_task(asyncio.sleep(_LEASE_SECONDS))
            call = replica.run(_bounded(does(replica, a_call(operation, resumed=attempt > 0))))
            if self.random.random() < 0.15:
                # In the middle of it, wherever that is.
                await asyncio.wait([call], timeout=self.random.uniform(0, 1.5))
                self._die(replica)
            await asyncio.wait([call])
            if not call.cancelled():
                error = call.exception()
                if error is None or isinstance(error, DomainError):
                    told = call.result() if error is None else error
                    lease.cancel()
                    break
                assert isinstance(error, TimeoutError), error
            await lease
            if self.random.random() < 0.3:
                break
        self.told.append((number, kind, told))
        return told

    def _assert_nobody_was_misled(self) -> None:
        """Whatever a caller was told for certain is still so in the end."""
        for number, kind, told in self.told:
            if told is None:
                continue
            paid = self.store.tables.payments[an_id(number)].captured if self._knows(number) else False
            match told:
                case Payment(status=PaymentStatus.SUCCEEDED) | AlreadyCaptured():
                    assert paid, f"{kind} of {number} was told of money that is not there"
                case Payment(status=PaymentStatus.CANCELED | PaymentStatus.FAILED):
                    assert not paid, f"{kind} of {number} was told that it ended, and the money was taken"
                case DomainError() if kind == "create":
                    assert not paid, f"{kind} of {number} was told {told.reason}, and the money was taken"
                case _:
                    pass

    def _assert_nobody_was_misled_about_refunds(self) -> None:
        for operation, told in self.refunds_told:
            known = self.gateway.returned.get(an_id(operation))
            returned = known is not None and known.status is not RefundStatus.FAILED
            match told:
                case Refund(status=RefundStatus.SUCCEEDED):
                    assert returned, f"refund {operation} was told of money that did not go back"
                case GatewayError() | GatewayUnavailable():
                    assert not returned, f"refund {operation} was told {told.reason}, and the money went back"
                case _:
                    pass

    def _knows(self, number: int) -> bool:
        return an_id(number) in self.store.tables.payments


async def _bounded(call: Awaitable[Answer]) -> Answer:
    async with asyncio.timeout(_RUNS_SECONDS):
        return await call


def play(seed: int, payments: int = 4) -> None:
    """Plays a seed's story. Raises AssertionError when a law is broken."""
    run(Story(Random(seed), payments).happen())
