"""Reads what gateways list, again and again, so that nothing is lost with a callback that never came."""

import logging
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID, uuid5

from server.domain.clock import Clock
from server.domain.gateway import Capabilities, Gateway, Gateways
from server.domain.jobs import Job, JobKind
from server.domain.ports import Store, Transaction

_LOG = logging.getLogger(__name__)

# The gateway's clock may differ from ours by so much.
_CLOCKS_DIFFER_BY = timedelta(minutes=5)

_JOBS = UUID("6f3a1c5e-0d0b-4f0e-9a57-2f6b8b1f6d11")


class FollowedList(Protocol):
    """A kind of list, and what becomes of what is on it."""

    @property
    def every(self) -> timedelta:
        """How often it is read."""
        ...

    def kept_by(self, capabilities: Capabilities) -> bool:
        """Whether such a gateway has one."""
        ...

    def since(self, job: Job, now: datetime) -> datetime:
        """How far back it is read."""
        ...

    async def take_in(self, merchant_id: str, gateway: Gateway, since: datetime, *, newest: bool) -> bool:
        """Reads the list by these credentials, which are the `newest` or older ones: those speak of nothing that they did not make, as with callbacks. Whether the gateway told it."""
        ...


class ListFollowing:
    """Keeps what is known here to one kind of gateways' lists, by all of the merchant's credentials: those that were replaced can be another account's."""

    def __init__(self, *, store: Store, gateways: Gateways, clock: Clock, followed: FollowedList) -> None:
        self._store = store
        self._gateways = gateways
        self._clock = clock
        self._followed = followed
        # The jobs whose gateway did not tell its list the last time.
        self._silent: set[UUID] = set()

    async def work(self, job: Job) -> None:
        """Does a job of this kind, which is due again soon; one of a gateway that nobody has configured, or that has no list, is done for good."""
        versions = await self._gateways.versions(job.merchant_id, job.gateway)
        listing = [gateway for gateway in versions if self._followed.kept_by(gateway.capabilities)]
        if not listing:
            await self._store.transaction(lambda tx: tx.jobs.finish(job))
            return
        now = self._clock.now()
        since = self._followed.since(job, now) - _CLOCKS_DIFFER_BY
        newest = await self._gateways.newest_version(job.merchant_id, job.gateway)
        for gateway in listing:
            is_newest = gateway.config_version == newest
            told = await self._followed.take_in(job.merchant_id, gateway, since, newest=is_newest)
            if gateway is versions[0]:
                self._note(job, told=told)
        await self._store.transaction(lambda tx: _put_back(tx, job, now + self._followed.every))

    def _note(self, job: Job, *, told: bool) -> None:
        """Tells an operator of a list that does not come, once until it comes again: the key may not be allowed to read it."""
        if told:
            self._silent.discard(job.id)
        elif job.id not in self._silent:
            self._silent.add(job.id)
            facts = {"gateway": job.gateway, "merchant": job.merchant_id, "kind": job.kind.value}
            _LOG.warning("a gateway does not tell its list; it is asked again", extra=facts)


def _put_back(tx: Transaction, job: Job, due_at: datetime) -> None:
    """Like `retry`, but with no tries behind it: a job that is never done has many, and the next accident would put it off by an hour."""
    if tx.jobs.finish(job):
        tx.jobs.enqueue(replace(job, due_at=due_at, tries=0))


def begin_following(tx: Transaction, merchant_id: str, gateway: str, kinds: Iterable[JobKind], now: datetime) -> None:
    """Makes the jobs that read a gateway's lists, or has them do so now; when they were first made is remembered."""
    job_id = uuid5(_JOBS, f"{merchant_id}\0{gateway}")
    for kind in kinds:
        tx.jobs.enqueue(Job(job_id, kind, merchant_id, gateway, now, now))
