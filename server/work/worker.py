"""Claims jobs that are due and hands each to its operation; a crash leaves the job leased and another replica takes it over."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from server.domain.clock import Clock
from server.domain.jobs import Job, JobKind
from server.domain.ports import Store

Handler = Callable[[Job], Awaitable[None]]
"""Does a job and finishes it, or puts it back, in its own transaction."""

_LOG = logging.getLogger(__name__)

# Longer than any gateway call may take, so that a job is not taken over while its first claimer still works on it.
LEASE = timedelta(seconds=60)
_AT_ONCE = 16
_LONGEST_BACKOFF = timedelta(hours=1)


class Worker:
    """One replica's background work."""

    def __init__(self, store: Store, handlers: Mapping[JobKind, Handler], clock: Clock, poll: timedelta) -> None:
        self._store = store
        self._handlers = handlers
        self._clock = clock
        self._poll_seconds = poll.total_seconds()

    async def run(self) -> None:
        """Works until cancelled; looks for due jobs every `poll`, at once again while there are more."""
        while True:
            try:
                busy = await self.run_due() == _AT_ONCE
            except Exception:  # noqa: BLE001  (whatever one piece of work raises, the background goes on)
                _LOG.exception("cannot look for work that is due")
                busy = False
            if not busy:
                await asyncio.sleep(self._poll_seconds)

    async def run_due(self) -> int:
        """Does the jobs that are due now, a bounded number side by side; says how many."""
        now = self._clock.now()
        due = await self._store.look_up(lambda tx: tx.jobs.any_due(now))
        if not due:
            return 0
        jobs = await self._store.transaction(lambda tx: tx.jobs.claim(self._clock.now(), LEASE, _AT_ONCE))
        await asyncio.gather(*(self._do(job) for job in jobs))
        return len(jobs)

    async def _do(self, job: Job) -> None:
        try:
            await self._handlers[job.kind](job)
        except Exception:  # noqa: BLE001  (whatever one piece of work raises, the background goes on)
            _LOG.exception("a job failed and is tried again", extra={"job": str(job.id), "kind": job.kind.value})
            later = self._clock.now() + min(timedelta(seconds=2 ** min(job.tries, 12)), _LONGEST_BACKOFF)
            await self._store.transaction(lambda tx: tx.jobs.retry(job, later))
