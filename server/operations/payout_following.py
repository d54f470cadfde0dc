"""Follows payouts that gateways tell of: by a callback, and by their lists, so that nothing is lost with a callback that never came."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID, uuid5

from server.domain.clock import Clock, whole_seconds
from server.domain.gateway import Gateway, Gateways
from server.domain.jobs import Job, JobKind
from server.domain.paying_out import first_sight, settle_payout
from server.domain.payout import Payout
from server.domain.payout_outcomes import PayoutReport
from server.domain.ports import Store, Transaction, UniqueViolation
from server.operations.journal import Journal
from server.operations.payout_settling import PayoutSettling, payout_of

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

_EVERY = timedelta(minutes=1)
# Banks send money back within days; what a gateway still says of older payouts, it says by a callback.
_LOOKED_BACK_FOR = timedelta(days=30)
# The gateway's clock may differ from ours by so much.
_CLOCKS_DIFFER_BY = timedelta(minutes=5)

_JOBS = UUID("6f3a1c5e-0d0b-4f0e-9a57-2f6b8b1f6d11")


class PayoutFollowing:
    """Keeps what is known here of payouts to what their gateways say."""

    def __init__(
        self, *, store: Store, gateways: Gateways, settling: PayoutSettling, journal: Journal, clock: Clock
    ) -> None:
        self._store = store
        self._gateways = gateways
        self._settling = settling
        self._journal = journal
        self._clock = clock

    async def work(self, job: Job) -> None:
        """Does a job of this kind, which is due again soon; one of a gateway that nobody has configured, or that has no list, is done for good."""
        versions = await self._gateways.versions(job.merchant_id, job.gateway)
        gateway = versions[0] if versions else None
        if gateway is None or not gateway.capabilities.payouts:
            await self._store.transaction(lambda tx: tx.jobs.finish(job))
            return
        now = self._clock.now()
        since = max(now - _LOOKED_BACK_FOR, job.created_at) - _CLOCKS_DIFFER_BY
        for report in await gateway.payouts(since) or ():
            await self._compare(job.merchant_id, gateway, report)
        await self._store.transaction(lambda tx: tx.jobs.retry(job, now + _EVERY))

    async def tell(self, apply: Callable[[Transaction], T]) -> T:
        """Runs a transaction that calls `follow_in`; once more when another one has stored the payout first."""
        try:
            return await self._store.transaction(apply)
        except UniqueViolation:
            return await self._store.transaction(apply)

    def follow_in(
        self, tx: Transaction, merchant_id: str, gateway: str, config_version: int, report: PayoutReport
    ) -> bool:
        """Takes in what a gateway says of a payout whose amount is the one that is known here, or of a new one; whether that changed anything.

        Raises UniqueViolation when another transaction has stored the payout first.
        """
        known = payout_of(tx, merchant_id, gateway, report)
        if known is None:
            now = whole_seconds(self._clock.now())
            self._journal.open_payout(tx, first_sight(merchant_id, gateway, config_version, report, now))
            return True
        stored = tx.payouts.lock(merchant_id, known.id)
        return self._settling.settle_in(tx, stored, report) != stored

    async def _compare(self, merchant_id: str, gateway: Gateway, report: PayoutReport) -> None:
        """Nearly everything on the list is known: that costs a look and no transaction."""
        known = await self._store.look_up(lambda tx: payout_of(tx, merchant_id, gateway.name, report))
        if known is not None and known.money != report.money:
            _LOG.error("a payout's amount is another one at its gateway; look into it", extra={"payout": str(known.id)})
        elif known is None or self._is_news(known, report):
            version = gateway.config_version
            await self.tell(lambda tx: self.follow_in(tx, merchant_id, gateway.name, version, report))

    def _is_news(self, known: Payout, report: PayoutReport) -> bool:
        return settle_payout(known, report, whole_seconds(self._clock.now())) is not None


def begin_following(tx: Transaction, merchant_id: str, gateway: str, now: datetime) -> None:
    """Makes the job that reads a gateway's list, or has it do so now. What was paid out before it was first made is not on it: the books know nothing of that money."""
    job_id = uuid5(_JOBS, f"{merchant_id}\0{gateway}")
    tx.jobs.enqueue(Job(job_id, JobKind.FOLLOW_PAYOUTS, merchant_id, gateway, now, now))
