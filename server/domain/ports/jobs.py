"""Where work that is due is kept."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from server.domain.jobs import Job, JobKind


class Jobs(Protocol):
    """Work that is due."""

    def enqueue(self, job: Job) -> None:
        """Stores a job, or moves the stored one of that kind and id to the new `due_at`."""
        ...

    def gateways_due(self, now: datetime) -> Sequence[str]:
        """The gateways that there are jobs to claim of; a read, so that an idle replica writes nothing."""
        ...

    def claim(self, gateway: str, now: datetime, lease: timedelta, limit: int) -> Sequence[Job]:
        """Takes jobs of a gateway that are due, each until `now + lease`; another claimer does not get them before."""
        ...

    def finish(self, job: Job) -> bool:
        """Removes a claimed job; False when another claim has taken it over since."""
        ...

    def retry(self, job: Job, due_at: datetime) -> bool:
        """Puts a claimed job back for later; False when another claim has taken it over since."""
        ...

    def cancel(self, kind: JobKind, job_id: UUID) -> None:
        """Removes a job, claimed or not, if it is there."""
        ...
