"""Claims jobs that are due and hands each to its operation; a crash leaves the job leased and another replica takes it over."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from server.domain.clock import Clock
from server.domain.jobs import FOLLOWING, Job, JobKind
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
        self._read_now: set[tuple[JobKind, UUID]] = set()

    async def run(self) -> None:
        """Works until cancelled; looks for due jobs every `poll`. A gateway that does not answer holds up no other one's: each is worked for by itself."""
        busy: dict[str, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as work:
            while True:
                for gateway in await self._gateways_due():
                    if gateway not in busy or busy[gateway].done():
                        busy[gateway] = work.create_task(self._work_for(gateway, work))
                await asyncio.sleep(self._poll_seconds)

    async def run_due(self) -> int:
        """Does the jobs that are due now, a bounded number of each gateway's side by side; says how many."""
        due = await self._gateways_due()
        return sum(await asyncio.gather(*(self._run_due_of(gateway) for gateway in due)))

    async def _gateways_due(self) -> Sequence[str]:
        now = self._clock.now()
        try:
            return await self._store.look_up(lambda tx: tx.jobs.gateways_due(now))
        except Exception:  # noqa: BLE001  (whatever one piece of work raises, the background goes on)
            _LOG.exception("cannot look for work that is due")
            return ()

    async def _work_for(self, gateway: str, apart: asyncio.TaskGroup) -> None:
        """Does what is due at a gateway, without a pause while there is more; reads its lists apart from that."""
        try:
            while await self._run_due_of(gateway, apart) == _AT_ONCE:
                pass
        except Exception:  # noqa: BLE001  (whatever one piece of work raises, the background goes on)
            _LOG.exception("cannot claim work that is due", extra={"gateway": gateway})

    async def _run_due_of(self, gateway: str, apart: asyncio.TaskGroup | None = None) -> int:
        """Does a bounded number of jobs side by side and waits for them; where there is a place `apart` for reading lists, not for that."""
        jobs = await self._store.transaction(lambda tx: tx.jobs.claim(gateway, self._clock.now(), LEASE, _AT_ONCE))
        waited_for = []
        for job in jobs:
            if apart is None or job.kind not in FOLLOWING:
                waited_for.append(self._do(job))
            elif (job.kind, job.id) in self._read_now:
                # Its lease was over before the list's end: it is read again when the next one is.
                continue
            elif len(self._read_now) < _AT_ONCE:
                self._read_now.add((job.kind, job.id))
                apart.create_task(self._read(job))
            else:
                waited_for.append(self._do(job))
        await asyncio.gather(*waited_for)
        return len(jobs)

    async def _read(self, job: Job) -> None:
        try:
            await self._do(job)
        except Exception:  # noqa: BLE001  (whatever one piece of work raises, the background goes on)
            _LOG.exception("cannot put back a job that failed", extra={"job": str(job.id), "kind": job.kind.value})
        finally:
            self._read_now.discard((job.kind, job.id))

    async def _do(self, job: Job) -> None:
        try:
            await self._handlers[job.kind](job)
        except Exception:  # noqa: BLE001  (whatever one piece of work raises, the background goes on)
            _LOG.exception("a job failed and is tried again", extra={"job": str(job.id), "kind": job.kind.value})
            later = self._clock.now() + min(timedelta(seconds=2 ** min(job.tries, 12)), _LONGEST_BACKOFF)
            await self._store.transaction(lambda tx: tx.jobs.retry(job, later))
