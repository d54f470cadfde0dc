"""A gateway in memory that holds the truth about money, and whose line to us fails as tests say."""

import asyncio
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from enum import Enum, auto
from functools import partial
from typing import TypeVar, cast
from uuid import UUID

from server.domain.attempt import Attempt, AttemptKind
from server.domain.callback import CallbackMessage, Check, CheckResult, Reading
from server.domain.dispute import Dispute
from server.domain.dispute_list import DisputeSighting, ListedDispute
from server.domain.errors import GatewayNotEnabled, InvalidAmount, ValidationError
from server.domain.evidence import Evidence, Submission
from server.domain.evidence_outcomes import EvidenceOutcome, EvidenceRefused
from server.domain.file import Document, StoredFile
from server.domain.gateway import Capabilities, Gateway, Instrument, Owner, Wish
from server.domain.money import Money
from server.domain.outcomes import (
    Card,
    Declined,
    DeclineReason,
    KeepOutcome,
    Kept,
    NotSent,
    Outcome,
    RefundFailed,
    RefundOutcome,
    Refused,
    Tokenised,
    TokeniseOutcome,
    Unknown,
    Unusable,
)
from server.domain.own_movement import ListedMovement, OwnMovement
from server.domain.payment import CaptureMethod, PaymentMethodKind
from server.domain.payout import Payout
from server.domain.payout_outcomes import PayoutOutcome, PayoutRefused, PayoutReport
from server.domain.refund import Refund
from tests.crashing import Fuse
from tests.dispute_truth import DisputeTruth
from tests.payout_truth import PayoutTruth
from tests.refund_truth import RefundTruth

T = TypeVar("T")


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


_DENIALS: Mapping[Fault, Outcome] = {
    Fault.REFUSED: Refused("not this one"),
    Fault.DECLINED: Declined(DeclineReason.CARD_DECLINED, "not this one"),
}
_REFUND_DENIALS: Mapping[Fault, RefundOutcome] = {Fault.REFUSED: RefundFailed("not this one")}
_EVIDENCE_DENIALS: Mapping[Fault, EvidenceOutcome] = {Fault.REFUSED: EvidenceRefused("not this one")}
_PAYOUT_DENIALS: Mapping[Fault, PayoutOutcome] = {Fault.REFUSED: PayoutRefused("not this one")}


A_CARD = Card("visa", "4242", 12, 2040, "fp_1")


class FakeGateway(RefundTruth):
    """Executes each key once, whatever the line does to the calls."""

    name = "fake"
    config_version = 1
    capabilities = Capabilities(
        methods=frozenset({PaymentMethodKind.CARD}),
        capture_methods=frozenset(CaptureMethod),
        partial_capture=True,
        currencies=frozenset({"USD", "JPY", "KWD"}),
        keeps=frozenset({PaymentMethodKind.CARD}),
        disputes=True,
        dispute_evidence=True,
        payouts=True,
        payout_cancel=True,
        own_movements=True,
    )

    def __init__(self, fuse: Fuse | None = None) -> None:
        super().__init__()
        self.calls: list[str] = []
        self.kept: dict[str, str] = {}
        self.contested = DisputeTruth()
        self.paid_out = PayoutTruth()
        self.own: list[ListedMovement] = []
        self._fuse = fuse or Fuse()
        self._faults: dict[str, deque[Fault]] = {}
        self._holds: dict[tuple[str, bool], deque[Hold]] = {}
        self._late: list[Callable[[], object]] = []
        self._executed: set[UUID] = set()
        self._denied: dict[UUID, object] = {}

    # What tests do with it.

    def next(self, operation: str, *faults: Fault) -> None:
        """The next calls of an operation meet these faults, one each."""
        self._faults.setdefault(operation, deque()).extend(faults)

    def hold(self, operation: str, *, done: bool = False) -> Hold:
        """The next call of an operation stands still: before it is done, or before its answer when it is `done`."""
        hold = Hold()
        self._holds.setdefault((operation, done), deque()).append(hold)
        return hold

    def heal(self) -> None:
        """No fault is left that no call has met."""
        self._faults.clear()

    def deliver_late(self) -> None:
        """What was under way all the time arrives."""
        while self._late:
            self._late.pop()()

    # What the port asks for.

    def check_amount(self, money: Money) -> None:
        if money.currency == "KWD" and money.amount_minor % 10:
            raise InvalidAmount("amount", "must end in 0")

    def request_for(self, wish: Wish) -> Mapping[str, str]:
        more = {"customer": wish.gateway_customer_id, "off_session": "true" if wish.off_session else None}
        request = {"token": wish.token or "", "capture_method": wish.capture_method.value} | dict(wish.metadata)
        return request | {name: value for name, value in more.items() if value is not None}

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

    async def keep(self, instrument: Instrument, owner: Owner, key: str) -> KeepOutcome:
        """A token stays what it is: what its issuer says later does not depend on who keeps it."""
        outcome = await self.tokenise(instrument, key)
        if not isinstance(outcome, Tokenised):
            return outcome
        assert outcome.token is not None
        if instrument.token == "tok_not_to_keep":
            return Declined(DeclineReason.CARD_DECLINED, "not with this one")
        customer = owner.gateway_customer_id or f"cus_{owner.customer_id}"
        if self.kept.setdefault(outcome.token, customer) != customer:
            return Unusable("token", "belongs to another customer")
        return Kept(outcome.token, customer, A_CARD)

    async def let_go(self, token: str) -> bool:
        fault = await self._begin("let_go")
        if fault is not None and fault is not Fault.REPLY_LOST:
            return False
        self.kept.pop(token, None)
        self._fuse.step()
        return fault is None

    async def authorise(self, attempt: Attempt) -> Outcome:
        return await self._send("authorise", attempt, self.start)

    async def capture(self, attempt: Attempt) -> Outcome:
        return await self._send("capture", attempt, self.take)

    async def void(self, attempt: Attempt) -> Outcome:
        return await self._send("void", attempt, self.end)

    async def resume(self, attempt: Attempt) -> Outcome:
        does = {
            AttemptKind.AUTHORISE: self.start,
            AttemptKind.CAPTURE: self.take,
            AttemptKind.VOID: self.end,
        }
        outcome = await self._send("resume", attempt, does[attempt.kind])
        return Unknown(outcome.message) if isinstance(outcome, NotSent) else outcome

    async def fetch(self, attempt: Attempt) -> Outcome:
        return await self._send("fetch", attempt, self.look)

    async def refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        return await self._call("refund", refund.id, lambda: self.give_back(refund, charge), _REFUND_DENIALS)

    async def resume_refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        outcome = await self._call("resume_refund", refund.id, lambda: self.give_back(refund, charge), _REFUND_DENIALS)
        return Unknown(outcome.message) if isinstance(outcome, NotSent) else outcome

    def check_evidence(self, evidence: Evidence, file: StoredFile | None) -> None:
        if evidence.uncategorized_text == "unspeakable":
            raise ValidationError("uncategorized_text", "must be speakable")

    async def submit_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        hear = partial(self.contested.hear, submission, dispute, document)
        return await self._call("submit_evidence", submission.id, hear, _EVIDENCE_DENIALS)

    async def resume_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        hear = partial(self.contested.hear, submission, dispute, document)
        outcome = await self._call("resume_evidence", submission.id, hear, _EVIDENCE_DENIALS)
        return Unknown(outcome.message) if isinstance(outcome, NotSent) else outcome

    async def disputes(self, since: datetime) -> Sequence[ListedDispute] | None:
        fault = await self._begin("disputes")
        return None if fault else self.contested.listed(since)

    async def dispute(self, gateway_dispute_id: str) -> DisputeSighting | None:
        fault = await self._begin("dispute")
        return None if fault else self.contested.shown(gateway_dispute_id)

    async def pay_out(self, payout: Payout) -> PayoutOutcome:
        return await self._call("pay_out", payout.id, partial(self.paid_out.send, payout), _PAYOUT_DENIALS)

    async def stop_payout(self, payout: Payout) -> PayoutOutcome:
        return await self._call("stop_payout", _stop_id(payout), partial(self.paid_out.stop, payout), _PAYOUT_DENIALS)

    async def resume_payout(self, payout: Payout) -> PayoutOutcome:
        stopping = payout.stopping
        key = _stop_id(payout) if stopping else payout.id
        does = partial(self.paid_out.stop if stopping else self.paid_out.send, payout)
        outcome = await self._call("resume_payout", key, does, _PAYOUT_DENIALS)
        return Unknown(outcome.message) if isinstance(outcome, NotSent) else outcome

    async def payouts(self, since: datetime) -> Sequence[PayoutReport] | None:
        fault = await self._begin("payouts")
        return None if fault else self.paid_out.made_since(since)

    async def own_movements(self, since: datetime) -> Sequence[ListedMovement] | None:
        fault = await self._begin("own_movements")
        is_older = [isinstance(each, OwnMovement) and each.created_at < since for each in self.own]
        return None if fault else [each for each, older in zip(self.own, is_older, strict=True) if not older]

    async def read_callback(self, message: CallbackMessage) -> Reading:
        return Reading((Check("signature", CheckResult.FAILED, explanation="this gateway tells nothing by itself"),))

    # What the gateway does.

    async def _begin(self, operation: str) -> Fault | None:
        self.calls.append(operation)
        self._fuse.step()
        await self._stand_still(operation, done=False)
        faults = self._faults.get(operation)
        return faults.popleft() if faults else None

    async def _send(self, operation: str, attempt: Attempt, does: Callable[[Attempt], Outcome]) -> Outcome:
        return await self._call(operation, attempt.id, lambda: does(attempt), _DENIALS)

    async def _call(
        self, operation: str, key: UUID, does: Callable[[], T], denials: Mapping[Fault, T]
    ) -> T | NotSent | Unknown:
        fault = await self._begin(operation)
        outcome = self._meet(fault, key, does, denials)
        await self._stand_still(operation, done=True)
        self._fuse.step()
        return outcome

    def _meet(
        self, fault: Fault | None, key: UUID, does: Callable[[], T], denials: Mapping[Fault, T]
    ) -> T | NotSent | Unknown:
        match fault:
            case None:
                return self._execute(key, does)
            case Fault.UNREACHABLE:
                return NotSent("unreachable")
            case Fault.REQUEST_LOST:
                return Unknown("lost")
            case Fault.REQUEST_LATE:
                self._late.append(lambda: self._execute(key, does))
                return Unknown("lost")
            case Fault.REPLY_LOST:
                self._execute(key, does)
                return Unknown("lost")
            case Fault.REFUSED | Fault.DECLINED:
                return self._deny(key, does, denials[fault])

    def _execute(self, key: UUID, does: Callable[[], T]) -> T:
        """What was denied once under a key stays denied."""
        if key in self._denied:
            return cast("T", self._denied[key])
        self._executed.add(key)
        return does()

    def _deny(self, key: UUID, does: Callable[[], T], denial: T) -> T:
        """What was done once under a key is not denied later."""
        return does() if key in self._executed else cast("T", self._denied.setdefault(key, denial))

    async def _stand_still(self, operation: str, *, done: bool) -> None:
        holds = self._holds.get((operation, done))
        if holds:
            await holds.popleft().wait()


def _stop_id(payout: Payout) -> UUID:
    assert payout.stop is not None, "nobody stops what nobody ordered to be stopped"
    return payout.stop.id


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

    async def of_payout(self, payout: Payout) -> Gateway:
        return self._gateway

    async def versions(self, merchant_id: str, name: str) -> Sequence[Gateway]:
        return [self._gateway] if name == self._gateway.name else []

    async def newest_version(self, merchant_id: str, name: str) -> int:
        return self._gateway.config_version


class Versions(FakeGateways):
    """A merchant's credentials, newest first; `unusable` are newer ones that cannot be read."""

    def __init__(self, *gateways: Gateway, unusable: Gateway | None = None) -> None:
        super().__init__(unusable or gateways[0])
        self._all = gateways

    async def versions(self, merchant_id: str, name: str) -> Sequence[Gateway]:
        return self._all
