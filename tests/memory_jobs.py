"""Work that is due, in memory."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from server.domain.jobs import Job, JobKind


class MemoryJobs:
    def __init__(self, rows: dict[tuple[JobKind, UUID], Job]) -> None:
        self._rows = rows

    def enqueue(self, job: Job) -> None:
        stored = self._rows.get((job.kind, job.id))
        self._rows[job.kind, job.id] = job if stored is None else replace(stored, due_at=job.due_at)

    def gateways_due(self, now: datetime) -> Sequence[str]:
        return sorted({job.gateway for job in self._due(now)})

    def claim(self, gateway: str, now: datetime, lease: timedelta, limit: int) -> Sequence[Job]:
        mine = (job for job in self._due(now) if job.gateway == gateway)
        due = sorted(mine, key=lambda job: job.due_at)[:limit]
        claimed = [replace(job, due_at=now + lease, tries=job.tries + 1) for job in due]
        self._rows.update({(job.kind, job.id): job for job in claimed})
        return claimed

    def finish(self, job: Job) -> bool:
        if not self._holds(job):
            return False
        del self._rows[job.kind, job.id]
        return True

    def retry(self, job: Job, due_at: datetime) -> bool:
        if not self._holds(job):
            return False
        self._rows[job.kind, job.id] = replace(job, due_at=due_at)
        return True

    def cancel(self, kind: JobKind, job_id: UUID) -> None:
        self._rows.pop((kind, job_id), None)

    def _due(self, now: datetime) -> Iterator[Job]:
        """Of the kinds that are known; a replica of a later version may have others."""
        return (job for job in self._rows.values() if job.kind in set(JobKind) and job.due_at <= now)

    def _holds(self, job: Job) -> bool:
        stored = self._rows.get((job.kind, job.id))
        return stored is not None and (stored.tries, stored.due_at) == (job.tries, job.due_at)
