"""A gateway in memory that holds the truth about money, and whose line to us fails as tests say."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto
from uuid import UUID

from server.domain.attempt import Attempt, AttemptKind
from server.domain.errors import GatewayNotEnabled, InvalidAmount
from server.domain.gateway import Capabilities, Gateway, Instrument, Wish
from server.domain.money import Money
from server.domain.outcomes import (
    Approved,
    Canceled,
    Declined,
    DeclineReason,
    NotSent,
    Outcome,
    Refused,
    Tokenised,
    TokeniseOutcome,
    Unknown,
    Unusable,
    Waiting,
)
from server.domain.payment import CaptureMethod, PaymentMethodKind
from tests.builders import A_CHALLENGE
from tests.crashing import Fuse


class Fault(Enum):
    """What the line does to one call."""

    UNREACHABLE = auto()
    """Nothing is sent, provably."""

    REQUEST_LOST = auto()
    """Nothing arrives; we cannot know."""

    REQUEST_LATE = auto()
    """It arrives when the test says so; we gave up waiting."""

    REPLY_LOST = auto()
    """It is done; the answer is lost."""

    REFUSED = auto()
    """The gateway does not do it, and says so."""

    DECLINED = auto()
    """The issuer does not want it, and says so."""


class Standing(StrEnum):
    """Where a payment stands at the gateway."""

    ASKING = "asking"
    WORKING = "working"
    HELD = "held"
    TAKEN = "taken"
    ENDED = "ended"
    DECLINED = "declined"


@dataclass(frozen=True, slots=True)
class Held:
    """A payment as the gateway has it."""

    number: str
    attempt: Attempt
    standing: Standing
    taken_minor: int = 0


class Hold:
    """One call that stands still: before the gateway does it, or before its answer arrives."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self._released = asyncio.Event()

    def release(self) -> None:
        self._released.set()

    async def wait(self) -> None:
        self.reached.set()
        await self._released.wait()


class FakeGateway:
    """Executes each key once. A card's token says what its issuer does: `tok_good`, `tok_declined`, `tok_refused`, `tok_challenge`, `tok_works`."""

    name = "fake"
    config_version = 1
    capabilities = Capabilities(
        methods=frozenset({PaymentMethodKind.CARD}),
        capture_methods=frozenset(CaptureMethod),
        partial_capture=True,
        currencies=frozenset({"USD", "JPY", "KWD"}),
    )

    def __init__(self, fuse: Fuse | None = None) -> None:
        self.payments: dict[UUID, Held] = {}
        """By the key of the attempt that started it."""
        self.calls: list[str] = []
        self._fuse = fuse or Fuse()
        self._faults: dict[str, deque[Fault]] = {}
        self._holds: dict[tuple[str, bool], deque[Hold]] = {}
        self._late: list[Callable[[], object]] = []
        self._kept: dict[UUID, Outcome] = {}

    # What tests do with it.

    def next(self, operation: str, *faults: Fault) -> None:
        """The next calls of an operation meet these faults, one each."""
        self._faults.setdefault(operation, deque()).extend(faults)

    def hold(self, operation: str, *, done: bool = False) -> Hold:
        """The next call of an operation stands still: before it is done, or before its answer when it is `done`."""
        hold = Hold()
        self._holds.setdefault((operation, done), deque()).append(hold)
        return hold

    def deliver_late(self) -> None:
        """What was under way all the time arrives."""
        while self._late:
            self._late.pop()()

    def customer(self, reference: str, *, pays: bool) -> None:
        """The customer passes the challenge, or fails it."""
        held = self.of_reference(reference)
        assert held is not None
        if held.standing is Standing.ASKING:
            self._move(held, _paid(held.attempt) if pays else Standing.DECLINED)

    def of_reference(self, reference: str) -> Held | None:
        """The gateway's truth about a reference. Two payments under one would be two charges."""
        found = [held for held in self.payments.values() if held.attempt.reference == reference]
        assert len(found) <= 1, "charged twice"
        return found[0] if found else None

    # What the port asks for.

    def check_amount(self, money: Money) -> None:
        if money.currency == "KWD" and money.amount_minor % 10:
            raise InvalidAmount("amount", "must end in 0")

    def request_for(self, wish: Wish) -> Mapping[str, str]:
        return {"token": wish.token or "", "capture_method": wish.capture_method.value} | dict(wish.metadata)

    async def tokenise(self, instrument: Instrument, key: str) -> TokeniseOutcome:
        fault = await self._begin("tokenise")
        self._fuse.step()
        if fault is Fault.UNREACHABLE:
            return NotSent("unreachable")
        if fault is Fault.REFUSED:
            return Refused("our key is wrong")
        if fault is Fault.DECLINED:
            return Declined(DeclineReason.INCORRECT_CVC, "wrong code")
        if instrument.token == "tok_unusable":
            return Unusable("token", "no such token")
        return Tokenised(instrument.token)

    async def authorise(self, attempt: Attempt) -> Outcome:
        return await self._call("authorise", attempt, self._start)

    async def capture(self, attempt: Attempt) -> Outcome:
        return await self._call("capture", attempt, self._take)

    async def void(self, attempt: Attempt) -> Outcome:
        return await self._call("void", attempt, self._end)

    async def resume(self, attempt: Attempt) -> Outcome:
        does = {
            AttemptKind.AUTHORISE: self._start,
            AttemptKind.CAPTURE: self._take,
            AttemptKind.VOID: self._end,
        }
        outcome = await self._call("resume", attempt, does[attempt.kind])
        return Unknown(outcome.message) if isinstance(outcome, NotSent) else outcome

    async def fetch(self, attempt: Attempt) -> Outcome:
        return await self._call("fetch", attempt, self._look)

    # What the gateway does.

    async def _begin(self, operation: str) -> Fault | None:
        self.calls.append(operation)
        self._fuse.step()
        await self._stand_still(operation, done=False)
        faults = self._faults.get(operation)
        return faults.popleft() if faults else None

    async def _call(self, operation: str, attempt: Attempt, does: Callable[[Attempt], Outcome]) -> Outcome:
        fault = await self._begin(operation)
        outcome = self._meet(fault, attempt, does)
        await self._stand_still(operation, done=True)
        self._fuse.step()
        return outcome

    def _meet(self, fault: Fault | None, attempt: Attempt, does: Callable[[Attempt], Outcome]) -> Outcome:
        match fault:
            case None:
                return self._kept.get(attempt.id) or does(attempt)
            case Fault.UNREACHABLE:
                return NotSent("unreachable")
            case Fault.REQUEST_LOST:
                return Unknown("lost")
            case Fault.REQUEST_LATE:
                self._late.append(lambda: does(attempt))
                return Unknown("lost")
            case Fault.REPLY_LOST:
                does(attempt)
                return Unknown("lost")
            case Fault.REFUSED:
                return self._kept.setdefault(attempt.id, Refused("not this one"))
            case Fault.DECLINED:
                return self._kept.setdefault(attempt.id, Declined(DeclineReason.CARD_DECLINED, "not this one"))

    async def _stand_still(self, operation: str, *, done: bool) -> None:
        holds = self._holds.get((operation, done))
        if holds:
            await holds.popleft().wait()

    def _start(self, attempt: Attempt) -> Outcome:
        if attempt.request["token"] == "tok_refused":
            return Refused("we do not serve you")
        known = self.payments.get(attempt.id)
        if known is not None:
            assert (known.attempt.request, known.attempt.money) == (attempt.request, attempt.money), "another request"
            return self._outcome(known)
        standing = {
            "tok_good": _paid(attempt),
            "tok_declined": Standing.DECLINED,
            "tok_challenge": Standing.ASKING,
            "tok_works": Standing.WORKING,
        }[attempt.request["token"]]
        taken = attempt.money.amount_minor if standing is Standing.TAKEN else 0
        held = Held(f"gp_{len(self.payments) + 1}", attempt, standing, taken)
        self.payments[attempt.id] = held
        return self._outcome(held)

    def _take(self, attempt: Attempt) -> Outcome:
        held = self._of_number(attempt)
        if held.standing is Standing.HELD:
            assert attempt.money.amount_minor <= held.attempt.money.amount_minor, "over-captured"
            self._move(held, Standing.TAKEN, attempt.money.amount_minor)
        return self._look(attempt)

    def _end(self, attempt: Attempt) -> Outcome:
        held = self._of_number(attempt)
        if held.standing is not Standing.TAKEN:
            self._move(held, Standing.ENDED)
        return self._look(attempt)

    def _look(self, attempt: Attempt) -> Outcome:
        return self._outcome(self._of_number(attempt))

    def _of_number(self, attempt: Attempt) -> Held:
        return next(held for held in self.payments.values() if held.number == attempt.gateway_payment_id)

    def _move(self, held: Held, standing: Standing, taken_minor: int | None = None) -> None:
        taken = held.attempt.money.amount_minor if taken_minor is None else taken_minor
        moved = replace(held, standing=standing, taken_minor=taken if standing is Standing.TAKEN else 0)
        self.payments[held.attempt.id] = moved

    def _outcome(self, held: Held) -> Outcome:
        match held.standing:
            case Standing.TAKEN:
                return Approved(held.number, held.taken_minor, captured=True, receipt_url="https://receipts.example/1")
            case Standing.HELD:
                return Approved(held.number, held.attempt.money.amount_minor, captured=False)
            case Standing.ASKING:
                return Waiting(held.number, A_CHALLENGE)
            case Standing.WORKING:
                return Waiting(held.number)
            case Standing.ENDED:
                return Canceled(held.number)
            case Standing.DECLINED:
                return Declined(DeclineReason.INSUFFICIENT_FUNDS, "not enough money", held.number)


def _paid(attempt: Attempt) -> Standing:
    return Standing.HELD if attempt.request["capture_method"] == CaptureMethod.MANUAL else Standing.TAKEN


class FakeGateways:
    """Every merchant has this one gateway."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def enabled(self, merchant_id: str, name: str) -> Gateway:
        if name != self._gateway.name:
            raise GatewayNotEnabled(name)
        return self._gateway

    async def of_attempt(self, attempt: Attempt) -> Gateway:
        return self._gateway
