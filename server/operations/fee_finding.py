"""Asks gateways for the fees that they name later, where nothing has told of them: a notification that was lost loses no fee."""

import logging
from datetime import timedelta

from server.domain.attempt import Attempt
from server.domain.clock import Clock
from server.domain.jobs import Job
from server.domain.ports import Store, Transaction
from server.operations.settling import Settling
from server.operations.takings import fee_is_known

_LOG = logging.getLogger(__name__)

# After the first time, and after that no more: some fees cannot be said in the payment's currency, and never will.
_AGAIN_AFTER = (timedelta(hours=6), timedelta(days=1), timedelta(days=3))


class FeeFinding:
    """Looks at the payment at its gateway once more; settling posts what the look brings."""

    def __init__(self, store: Store, settling: Settling, clock: Clock) -> None:
        self._store = store
        self._settling = settling
        self._clock = clock

    async def work(self, job: Job) -> None:
        """Does a job of this kind; a fee that is known needs no more."""

        def look(tx: Transaction) -> Attempt | None:
            known = fee_is_known(tx, job.merchant_id, job.id)
            return None if known else tx.attempts.paying(tx.payments.get(job.merchant_id, job.id))

        attempt = await self._store.look_up(look)
        if attempt is not None:
            await self._settling.settle(attempt, await self._settling.ask(attempt))
        await self._store.transaction(lambda tx: self._go_on(tx, job))

    def _go_on(self, tx: Transaction, job: Job) -> None:
        if fee_is_known(tx, job.merchant_id, job.id):
            tx.jobs.finish(job)
        elif job.tries <= len(_AGAIN_AFTER):
            tx.jobs.retry(job, self._clock.now() + _AGAIN_AFTER[job.tries - 1])
        else:
            _LOG.warning(
                "the gateway names no fee for a payment; its whole amount stays posted", extra={"payment": str(job.id)}
            )
            tx.jobs.finish(job)
