"""The line between a replica and the gateway: slow, late, and cut in either direction when it is bad."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from random import Random
from typing import TypeVar

from server.domain.attempt import Attempt
from server.domain.callback import CallbackMessage, Reading
from server.domain.dispute import Dispute
from server.domain.dispute_list import DisputeSighting, ListedDispute
from server.domain.evidence import Evidence, Submission
from server.domain.evidence_outcomes import EvidenceOutcome
from server.domain.file import Document, StoredFile
from server.domain.gateway import Instrument, Owner, Wish
from server.domain.money import Money
from server.domain.outcomes import KeepOutcome, NotSent, Outcome, RefundOutcome, TokeniseOutcome, Unknown
from server.domain.own_movement import ListedMovement
from server.domain.payout import Payout
from server.domain.payout_outcomes import PayoutOutcome, PayoutReport
from server.domain.refund import Refund
from tests.fake_gateway import FakeGateway, Fault

T = TypeVar("T")

_PATIENCE_SECONDS = 10.0


class Line:
    """A gateway behind a line of its own. What was sent is executed whether or not its sender lives to hear of it."""

    name = FakeGateway.name
    config_version = FakeGateway.config_version
    capabilities = FakeGateway.capabilities

    def __init__(self, gateway: FakeGateway, random: Random, *, bad: bool) -> None:
        self._gateway = gateway
        self._random = random
        self._under_way: set[asyncio.Task[None]] = set()
        self._bad = bad

    def check_amount(self, money: Money) -> None:
        self._gateway.check_amount(money)

    def request_for(self, wish: Wish) -> Mapping[str, str]:
        return self._gateway.request_for(wish)

    async def tokenise(self, instrument: Instrument, key: str) -> TokeniseOutcome:
        await asyncio.sleep(self._random.uniform(0.01, 0.3))
        if self._is(0.1):
            return NotSent("unreachable")
        return await self._gateway.tokenise(instrument, key)

    async def keep(self, instrument: Instrument, owner: Owner, key: str) -> KeepOutcome:
        return await self._gateway.keep(instrument, owner, key)

    async def let_go(self, token: str) -> bool:
        return await self._gateway.let_go(token)

    async def authorise(self, attempt: Attempt) -> Outcome:
        return await self._send("authorise", lambda: self._gateway.authorise(attempt))

    async def capture(self, attempt: Attempt) -> Outcome:
        return await self._send("capture", lambda: self._gateway.capture(attempt))

    async def void(self, attempt: Attempt) -> Outcome:
        return await self._send("void", lambda: self._gateway.void(attempt))

    async def resume(self, attempt: Attempt) -> Outcome:
        outcome = await self._send("resume", lambda: self._gateway.resume(attempt))
        return Unknown(outcome.message) if isinstance(outcome, NotSent) else outcome

    async def fetch(self, attempt: Attempt) -> Outcome:
        outcome = await self._send("fetch", lambda: self._gateway.fetch(attempt))
        return Unknown(outcome.message) if isinstance(outcome, NotSent) else outcome

    async def refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        return await self._send("refund", lambda: self._gateway.refund(refund, charge))

    async def resume_refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        outcome = await self._send("resume_refund", lambda: self._gateway.resume_refund(refund, charge))
        return Unknown(outcome.message) if isinstance(outcome, NotSent) else outcome

    def check_evidence(self, evidence: Evidence, file: StoredFile | None) -> None:
        self._gateway.check_evidence(evidence, file)

    async def submit_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        return await self._send("submit_evidence", lambda: self._gateway.submit_evidence(submission, dispute, document))

    async def resume_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        outcome = await self._send(
            "resume_evidence", lambda: self._gateway.resume_evidence(submission, dispute, document)
        )
        return Unknown(outcome.message) if isinstance(outcome, NotSent) else outcome

    async def pay_out(self, payout: Payout) -> PayoutOutcome:
        return await self._send("pay_out", lambda: self._gateway.pay_out(payout))

    async def stop_payout(self, payout: Payout) -> PayoutOutcome:
        return await self._send("stop_payout", lambda: self._gateway.stop_payout(payout))

    async def resume_payout(self, payout: Payout) -> PayoutOutcome:
        outcome = await self._send("resume_payout", lambda: self._gateway.resume_payout(payout))
        return Unknown(outcome.message) if isinstance(outcome, NotSent) else outcome

    async def disputes(self, since: datetime) -> Sequence[ListedDispute] | None:
        return await self._gateway.disputes(since)

    async def dispute(self, gateway_dispute_id: str) -> DisputeSighting | None:
        return await self._gateway.dispute(gateway_dispute_id)

    async def payouts(self, since: datetime) -> Sequence[PayoutReport] | None:
        return await self._gateway.payouts(since)

    async def own_movements(self, since: datetime) -> Sequence[ListedMovement] | None:
        return await self._gateway.own_movements(since)

    async def read_callback(self, message: CallbackMessage) -> Reading:
        return await self._gateway.read_callback(message)

    async def _send(self, operation: str, executes: Callable[[], Awaitable[T]]) -> T | NotSent | Unknown:
        if self._is(0.1):
            # Some are told at once; others connect until just about when the background takes them for lost.
            await asyncio.sleep(self._random.choice((0.1, self._random.uniform(20, 22.5))))
            return NotSent("unreachable")
        reply: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        if not self._is(0.1):
            journey = asyncio.create_task(self._journey(operation, executes, reply))
            self._under_way.add(journey)
            journey.add_done_callback(self._under_way.discard)
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                return await reply
        except TimeoutError:
            return Unknown("no answer")

    async def _journey(self, operation: str, executes: Callable[[], Awaitable[T]], reply: "asyncio.Future[T]") -> None:
        await asyncio.sleep(self._random.uniform(9, 120) if self._is(0.15) else self._random.uniform(0.01, 0.5))
        if operation in {"capture", "void", "refund"} and self._is(0.2):
            self._gateway.next(operation, Fault.REFUSED)
        outcome = await executes()
        if self._is(0.15):
            return
        await asyncio.sleep(self._random.uniform(0, 15) if self._is(0.1) else self._random.uniform(0.01, 0.3))
        if not reply.done():
            reply.set_result(outcome)

    def _is(self, probability: float) -> bool:
        return self._bad and self._random.random() < probability
