"""Stops a server between two of its steps: before or after a commit, before or after a gateway's answer."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from server.domain.attempt import Attempt
from server.domain.callback import CallbackMessage, Reading
from server.domain.dispute import Dispute
from server.domain.dispute_list import DisputeSighting, ListedDispute
from server.domain.evidence import Evidence, Submission
from server.domain.evidence_outcomes import EvidenceOutcome
from server.domain.file import Document, StoredFile
from server.domain.gateway import Capabilities, Gateway, Gateways, Instrument, Owner, Wish
from server.domain.money import Money
from server.domain.outcomes import KeepOutcome, Outcome, RefundOutcome, TokeniseOutcome
from server.domain.own_movement import ListedMovement
from server.domain.payout import Payout
from server.domain.payout_outcomes import PayoutOutcome, PayoutReport
from server.domain.ports import Store, Transaction
from server.domain.refund import Refund

T = TypeVar("T")

_BACKGROUND = "server.work."

# What tells of events runs all the time, in transactions that each stand for themselves: it is no step of any call or job.
_TELLING = ("server.operations.event_sequencing", "server.operations.webhook_sending")

Place = int | str
"""Where to stop: at the step of that number, or of that name."""

NOWHERE: Place = 0
GATEWAY_ASKED = "before the gateway is asked"
GATEWAY_ANSWERED = "after the gateway answered"


@dataclass(frozen=True, slots=True)
class Step:
    """The `number`-th step of a call or a job, counted from 1; `of` is the attempt that a gateway is asked about. Who `stands` there does not go on."""

    number: int
    name: str
    of: str = ""
    stands: bool = False


class Steps:
    """Counts the steps of each call and of each job for itself; tells of every one."""

    def __init__(self, tell: Callable[[Step], None]) -> None:
        self._tell = tell
        # A task inherits the count of the one that started it: each job goes on from the claim that it came with.
        self._taken: ContextVar[int] = ContextVar("taken", default=0)
        self._serving = False
        self._place: Place = NOWHERE
        self._released = asyncio.Event()
        self._background = asyncio.Event()

    def begin(self) -> None:
        """The server serves; what it did to get there belongs to no call."""
        self._serving = True

    def stop_at(self, place: Place) -> None:
        """Whoever gets there from now on stands until released."""
        self._place = place
        self._released.clear()

    def release(self) -> None:
        """Nobody stands any more."""
        self._place = NOWHERE
        self._released.set()

    def begin_background(self) -> None:
        """Lets background work begin, which waits until then."""
        self._background.set()

    async def reach(self, name: str, of: str = "") -> None:
        """Takes the next step, and stands there if it is the one to stop at."""
        if not self._serving:
            return
        number = self._taken.get() + 1
        self._taken.set(number)
        stands = self._place in {number, name}
        self._tell(Step(number, name, of, stands))
        if stands:
            await self._released.wait()

    async def wait_for_background(self, work: Callable[[Transaction], object]) -> None:
        """Background work writes nothing before it may begin."""
        if work.__module__.startswith(_BACKGROUND):
            await self._background.wait()


class SteppingStore:
    """A store in front of another; reads change nothing, so that nothing can be cut off beside them."""

    def __init__(self, store: Store, steps: Steps) -> None:
        self._store = store
        self._steps = steps

    async def transaction(self, work: Callable[[Transaction], T]) -> T:
        if work.__module__ in _TELLING:
            return await self._store.transaction(work)
        await self._steps.wait_for_background(work)
        name = work.__qualname__.partition(".<locals>")[0]
        await self._steps.reach(f"before {name} commits")
        try:
            result = await self._store.transaction(work)
        except Exception:
            await self._steps.reach(f"after {name} failed")
            raise
        await self._steps.reach(f"after {name} committed")
        return result

    async def read(self, work: Callable[[Transaction], T]) -> T:
        return await self._store.read(work)

    async def look_up(self, work: Callable[[Transaction], T]) -> T:
        return await self._store.look_up(work)


class SteppingGateway:
    """A gateway in front of another."""

    def __init__(self, gateway: Gateway, steps: Steps) -> None:
        self._gateway = gateway
        self._steps = steps

    @property
    def name(self) -> str:
        return self._gateway.name

    @property
    def config_version(self) -> int:
        return self._gateway.config_version

    @property
    def capabilities(self) -> Capabilities:
        return self._gateway.capabilities

    def check_amount(self, money: Money) -> None:
        self._gateway.check_amount(money)

    def request_for(self, wish: Wish) -> Mapping[str, str]:
        return self._gateway.request_for(wish)

    async def tokenise(self, instrument: Instrument, key: str) -> TokeniseOutcome:
        await self._steps.reach("before the gateway makes a token", key)
        outcome = await self._gateway.tokenise(instrument, key)
        await self._steps.reach("after the gateway made a token", key)
        return outcome

    async def keep(self, instrument: Instrument, owner: Owner, key: str) -> KeepOutcome:
        await self._steps.reach("before the gateway keeps a method", key)
        outcome = await self._gateway.keep(instrument, owner, key)
        await self._steps.reach("after the gateway kept a method", key)
        return outcome

    async def let_go(self, token: str) -> bool:
        return await self._gateway.let_go(token)

    async def authorise(self, attempt: Attempt) -> Outcome:
        return await self._ask(attempt.id, lambda: self._gateway.authorise(attempt))

    async def capture(self, attempt: Attempt) -> Outcome:
        return await self._ask(attempt.id, lambda: self._gateway.capture(attempt))

    async def void(self, attempt: Attempt) -> Outcome:
        return await self._ask(attempt.id, lambda: self._gateway.void(attempt))

    async def resume(self, attempt: Attempt) -> Outcome:
        return await self._ask(attempt.id, lambda: self._gateway.resume(attempt))

    async def fetch(self, attempt: Attempt) -> Outcome:
        return await self._ask(attempt.id, lambda: self._gateway.fetch(attempt))

    async def refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        return await self._ask(refund.id, lambda: self._gateway.refund(refund, charge))

    async def resume_refund(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        return await self._ask(refund.id, lambda: self._gateway.resume_refund(refund, charge))

    async def pay_out(self, payout: Payout) -> PayoutOutcome:
        return await self._ask(payout.id, lambda: self._gateway.pay_out(payout))

    async def stop_payout(self, payout: Payout) -> PayoutOutcome:
        return await self._ask(payout.id, lambda: self._gateway.stop_payout(payout))

    async def resume_payout(self, payout: Payout) -> PayoutOutcome:
        return await self._ask(payout.id, lambda: self._gateway.resume_payout(payout))

    async def disputes(self, since: datetime) -> Sequence[ListedDispute] | None:
        return await self._gateway.disputes(since)

    async def dispute(self, gateway_dispute_id: str) -> DisputeSighting | None:
        return await self._gateway.dispute(gateway_dispute_id)

    async def payouts(self, since: datetime) -> Sequence[PayoutReport] | None:
        return await self._gateway.payouts(since)

    def check_evidence(self, evidence: Evidence, file: StoredFile | None) -> None:
        self._gateway.check_evidence(evidence, file)

    async def submit_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        return await self._ask(submission.id, lambda: self._gateway.submit_evidence(submission, dispute, document))

    async def resume_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        return await self._ask(submission.id, lambda: self._gateway.resume_evidence(submission, dispute, document))

    async def own_movements(self, since: datetime) -> Sequence[ListedMovement] | None:
        return await self._gateway.own_movements(since)

    async def read_callback(self, message: CallbackMessage) -> Reading:
        return await self._gateway.read_callback(message)

    async def _ask(self, key: UUID, ask: Callable[[], Awaitable[T]]) -> T:
        await self._steps.reach(GATEWAY_ASKED, str(key))
        outcome = await ask()
        await self._steps.reach(GATEWAY_ANSWERED, str(key))
        return outcome


class SteppingGateways:
    """Every gateway, each behind its steps."""

    def __init__(self, gateways: Gateways, steps: Steps) -> None:
        self._gateways = gateways
        self._steps = steps

    async def enabled(self, merchant_id: str, name: str) -> Gateway:
        return SteppingGateway(await self._gateways.enabled(merchant_id, name), self._steps)

    async def of_attempt(self, attempt: Attempt) -> Gateway:
        return SteppingGateway(await self._gateways.of_attempt(attempt), self._steps)

    async def of_payout(self, payout: Payout) -> Gateway:
        return SteppingGateway(await self._gateways.of_payout(payout), self._steps)

    async def versions(self, merchant_id: str, name: str) -> Sequence[Gateway]:
        return [SteppingGateway(gateway, self._steps) for gateway in await self._gateways.versions(merchant_id, name)]

    async def newest_version(self, merchant_id: str, name: str) -> int:
        return await self._gateways.newest_version(merchant_id, name)
