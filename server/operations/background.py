"""Leaves to the background what a settlement leaves open, and takes from it what is settled: attempts, refunds, payouts and evidence alike."""

from uuid import UUID

from server.domain.jobs import Job, JobKind
from server.domain.ports import Transaction


def ask_again(tx: Transaction, wanted: Job, claimed: Job | None) -> None:
    """The background takes it up when `wanted` is due; `claimed` is its own job, where it has brought the answer itself."""
    if claimed is not None:
        tx.jobs.retry(claimed, wanted.due_at)
    else:
        tx.jobs.enqueue(wanted)


def ask_no_more(tx: Transaction, kind: JobKind, object_id: UUID, claimed: Job | None) -> None:
    """There is nothing left to find out."""
    if claimed is not None:
        tx.jobs.finish(claimed)
    else:
        tx.jobs.cancel(kind, object_id)


def tries_of(claimed: Job | None) -> int:
    """How often the background has asked, this time included."""
    return claimed.tries if claimed is not None else 0
