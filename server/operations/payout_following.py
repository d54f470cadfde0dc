"""Follows payouts that gateways tell of: by a callback, and by their lists."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar

from server.domain.clock import Clock, whole_seconds
from server.domain.gateway import Capabilities, Gateway
from server.domain.jobs import Job
from server.domain.paying_out import first_sight, settle_payout
from server.domain.payout import Payout
from server.domain.payout_outcomes import PayoutReport
from server.domain.ports import Store, Transaction, UniqueViolation
from server.operations.journal import Journal
from server.operations.payout_settling import PayoutSettling, payout_of

T = TypeVar("T")

_LOG = logging.getLogger(__name__)

# Banks send money back within days; what a gateway still says of older payouts, it says by a callback.
_LOOKED_BACK_FOR = timedelta(days=30)


class PayoutFollowing:
    """Keeps what is known here of payouts to what their gateways say."""

    every = timedelta(minutes=1)

    def __init__(self, *, store: Store, settling: PayoutSettling, journal: Journal, clock: Clock) -> None:
        self._store = store
        self._settling = settling
        self._journal = journal
        self._clock = clock

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

    def kept_by(self, capabilities: Capabilities) -> bool:
        """Whether such a gateway lists what it pays out."""
        return capabilities.payouts

    def since(self, job: Job, now: datetime) -> datetime:
        """What was paid out before the list was first followed is left alone: the books know nothing of that money."""
        return max(now - _LOOKED_BACK_FOR, job.created_at)

    async def take_in(self, merchant_id: str, gateway: Gateway, since: datetime, *, newest: bool) -> bool:
        """Compares a gateway's list with what is known here. Of what is not known the newest credentials alone speak."""
        reports = await gateway.payouts(since)
        for report in reports or ():
            await self._compare(merchant_id, gateway, report, newest=newest)
        return reports is not None

    async def _compare(self, merchant_id: str, gateway: Gateway, report: PayoutReport, *, newest: bool) -> None:
        """Nearly everything on the list is known: that costs a look and no transaction."""
        known = await self._store.look_up(lambda tx: payout_of(tx, merchant_id, gateway.name, report))
        if not newest and (known is None or gateway.config_version < known.config_version):
            return
        if known is not None and known.money != report.money:
            _LOG.error("a payout's amount is another one at its gateway; look into it", extra={"payout": str(known.id)})
        elif known is None or self._is_news(known, report):
            version = gateway.config_version
            await self.tell(lambda tx: self.follow_in(tx, merchant_id, gateway.name, version, report))

    def _is_news(self, known: Payout, report: PayoutReport) -> bool:
        return settle_payout(known, report, whole_seconds(self._clock.now())) is not None
