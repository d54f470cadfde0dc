"""Settles payouts: what a gateway answered, whoever asked, becomes state, postings, events and the next step in one transaction."""

import logging
from datetime import datetime
from typing import assert_never

from server.domain.clock import Clock, whole_seconds
from server.domain.errors import GatewayError, GatewayUnavailable, InvalidAmount, PayoutStateRefused
from server.domain.gateway import Gateways
from server.domain.jobs import Job, JobKind
from server.domain.outcomes import Unknown
from server.domain.paying_out import PayoutChange, settle_payout
from server.domain.payout import Payout, PayoutFailure, PayoutStatus
from server.domain.payout_outcomes import PayoutOutcome, PayoutReport
from server.domain.ports import Store, Transaction
from server.operations.asking import keep_asking_after, needs_review, proven
from server.operations.background import ask_again, ask_no_more, tries_of
from server.operations.journal import Journal

_LOG = logging.getLogger(__name__)


class PayoutSettling:
    """The one way from a gateway's word on a payout to the books."""

    def __init__(self, store: Store, gateways: Gateways, journal: Journal, clock: Clock) -> None:
        self._store = store
        self._gateways = gateways
        self._journal = journal
        self._clock = clock

    async def settle(self, payout: Payout, outcome: PayoutOutcome, job: Job | None = None) -> Payout:
        """Settles a payout in a transaction of its own; `job` is the background's claim on it."""
        settled = await self._store.transaction(lambda tx: self.settle_in(tx, payout, outcome, job))
        if settled.needs_review and not payout.needs_review:
            _LOG.error(
                "a payout's outcome is still unknown; look it up at the gateway", extra={"payout": str(settled.id)}
            )
        return settled

    async def resume(self, payout: Payout, job: Job | None = None) -> Payout:
        """Finds out what became of a payout or of the order to stop it, or completes it; and settles it."""
        gateway = await self._gateways.of_payout(payout)
        return await self.settle(payout, await gateway.resume_payout(payout), job)

    async def work(self, job: Job) -> None:
        """Does a job of this kind; a payout whose outcome is known needs no more, as others tell of its way."""
        payout = await self._store.look_up(lambda tx: tx.payouts.find(job.merchant_id, job.id))
        if payout is None or not payout.unknown:
            await self._store.transaction(lambda tx: ask_no_more(tx, job.kind, job.id, job))
        else:
            await self.resume(payout, job)

    def settle_in(self, tx: Transaction, payout: Payout, outcome: PayoutOutcome, job: Job | None = None) -> Payout:
        """Settles a payout in the caller's transaction. Whoever comes second finds it settled and changes nothing."""
        now = whole_seconds(self._clock.now())
        stored = tx.payouts.lock(payout.merchant_id, payout.id)
        age = now - stored.asked_at
        known = proven(outcome, age)
        change = settle_payout(stored, known, now)
        if change is None and stored.unknown and isinstance(known, Unknown) and needs_review(age):
            change = None if stored.needs_review else PayoutChange(stored.ask_a_person())
        if change is not None:
            self._journal.write_payout(tx, change)
        settled = stored if change is None else change.payout
        if settled.unknown:
            due_at = now + keep_asking_after(tries_of(job), now - settled.asked_at)
            ask_again(tx, settling_job(settled, due_at, now), job)
        else:
            ask_no_more(tx, JobKind.SETTLE_PAYOUT, settled.id, job)
        return settled


def payout_of(tx: Transaction, merchant_id: str, gateway: str, report: PayoutReport) -> Payout | None:
    """The payout that a report is about; None for one that nobody here knows. A second one under a number of ours would be another payout, and money that left."""
    known = tx.payouts.find_by_gateway_id(merchant_id, gateway, report.gateway_payout_id)
    if known is not None or report.reference is None:
        return known
    asked_for = tx.payouts.find_by_reference(merchant_id, gateway, report.reference)
    return asked_for if asked_for is not None and asked_for.gateway_payout_id is None else None


def answer(payout: Payout) -> Payout:
    """What the caller who asked for a payout is told: the payout, or the error that its outcome is. The same for the first execution and for every later one."""
    if payout.gateway_payout_id is not None:
        return payout
    match payout.failure:
        case None | PayoutFailure.RETURNED:
            return payout
        case PayoutFailure.INSUFFICIENT:
            raise InvalidAmount("amount", "is more than the gateway has available")
        case PayoutFailure.NOT_SENT | PayoutFailure.REFUSED:
            raise _error(payout, payout.failure, payout.failure_reason)
    assert_never(payout.failure)


def answer_to_stop(payout: Payout) -> Payout:
    """What the caller is told who wanted a payout stopped."""
    stop = payout.stop
    if payout.pending and stop is not None and stop.failure is not None:
        raise _error(payout, stop.failure, stop.message)
    if payout.pending or payout.status is PayoutStatus.CANCELED:
        return payout
    raise PayoutStateRefused(payout.id, f"the payout could not be stopped any more: it is {payout.status.value}")


def _error(payout: Payout, failure: PayoutFailure, message: str | None) -> GatewayUnavailable | GatewayError:
    if failure is PayoutFailure.NOT_SENT:
        return GatewayUnavailable(message or "the gateway cannot be reached", payout_id=str(payout.id))
    return GatewayError(message or "the gateway refused", payout_id=str(payout.id))


def settling_job(payout: Payout, due_at: datetime, now: datetime) -> Job:
    """What has the background find out what became of a payout."""
    return Job(payout.id, JobKind.SETTLE_PAYOUT, payout.merchant_id, payout.gateway, due_at, now)
