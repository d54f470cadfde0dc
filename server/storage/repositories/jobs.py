"""Work that is due. `due_at` is schedule and lease at once, and fences what a claimer says after its lease."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.jobs import Job, JobKind
from server.storage.prepared import Prepared
from server.storage.session import Session
from server.storage.tables import jobs
from server.storage.upsert import insert_or_replace

_ENQUEUE = insert_or_replace(jobs, ["due_at"])

# A replica of a later version may have enqueued others, while one is rolled out: they are left to it.
_OF_A_KNOWN_KIND = jobs.c.kind.in_([sa.literal(kind.value) for kind in JobKind])

_DUE = Prepared(
    sa.select(jobs)
    .where(jobs.c.gateway == bindparam("of_gateway"), jobs.c.due_at <= bindparam("now"), _OF_A_KNOWN_KIND)
    .order_by(jobs.c.due_at)
    .limit(bindparam("at_most"))
    # Other replicas take other jobs instead of waiting for these.
    .with_for_update(skip_locked=True)
)

_GATEWAYS_DUE = Prepared(
    sa.select(jobs.c.gateway).where(jobs.c.due_at <= bindparam("now"), _OF_A_KNOWN_KIND).distinct()
)

_OF_ID = (jobs.c.kind == bindparam("of_kind"), jobs.c.id == bindparam("of_id"))
# A claim changes both, and so does a caller that enqueues the job again while it is worked on: neither may be lost.
_STILL_CLAIMED = (*_OF_ID, jobs.c.tries == bindparam("of_tries"), jobs.c.due_at == bindparam("of_lease"))

_LEASE = Prepared(jobs.update().where(*_OF_ID).values(due_at=bindparam("until"), tries=jobs.c.tries + 1))
_FINISH = Prepared(jobs.delete().where(*_STILL_CLAIMED))
_RETRY = Prepared(jobs.update().where(*_STILL_CLAIMED).values(due_at=bindparam("again_at")))
_CANCEL = Prepared(jobs.delete().where(*_OF_ID))


class JobRepository:
    """Work that is due."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def enqueue(self, job: Job) -> None:
        """Store a job, or move the stored one of that kind and id to the new `due_at`."""
        row: dict[str, object] = {
            "kind": job.kind.value,
            "id": job.id,
            "merchant_id": job.merchant_id,
            "gateway": job.gateway,
            "due_at": job.due_at,
            "created_at": job.created_at,
            "tries": job.tries,
        }
        self._session.run(_ENQUEUE, row)

    def gateways_due(self, now: datetime) -> Sequence[str]:
        """The gateways that there are jobs to claim of."""
        return [row.gateway for row in self._session.rows(_GATEWAYS_DUE, {"now": now})]

    def claim(self, gateway: str, now: datetime, lease: timedelta, limit: int) -> Sequence[Job]:
        """Take the gateway's jobs that are due longest, `limit` at most, each until `now + lease`."""
        due = self._session.rows(_DUE, {"of_gateway": gateway, "now": now, "at_most": limit})
        until = now + lease
        if due:
            leased = [{"of_kind": row.kind, "of_id": row.id, "until": until} for row in due]
            self._session.run_many(_LEASE, leased)
        return [_leased(row, until) for row in due]

    def finish(self, job: Job) -> bool:
        """Remove a job as it was claimed; False when it was claimed or enqueued again since."""
        return self._session.run(_FINISH, _claimed(job)) == 1

    def retry(self, job: Job, due_at: datetime) -> bool:
        """Put a job back as it was claimed; False when it was claimed or enqueued again since."""
        return self._session.run(_RETRY, _claimed(job) | {"again_at": due_at}) == 1

    def cancel(self, kind: JobKind, job_id: UUID) -> None:
        """Remove a job, claimed or not, if it is there."""
        self._session.run(_CANCEL, {"of_kind": kind.value, "of_id": job_id})


def _leased(row: Any, until: datetime) -> Job:
    return Job(row.id, JobKind(row.kind), row.merchant_id, row.gateway, until, row.created_at, row.tries + 1)


def _claimed(job: Job) -> dict[str, object]:
    return {"of_kind": job.kind.value, "of_id": job.id, "of_tries": job.tries, "of_lease": job.due_at}
