"""Which operation does which job."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.jobs import Job, JobKind
from server.domain.ports import Store, Transaction
from server.operations.callbacks import CallbackOperations
from server.operations.closing import Closing
from server.operations.evidence_settling import EvidenceSettling
from server.operations.fee_finding import FeeFinding
from server.operations.payout_following import PayoutFollowing
from server.operations.payout_settling import PayoutSettling
from server.operations.refund_settling import RefundSettling
from server.operations.saved_methods import SavedMethodOperations
from server.operations.settling import Settling
from server.work.worker import Handler


@dataclass(frozen=True, slots=True, kw_only=True)
class Workers:
    """The operations that work in the background."""

    settling: Settling
    closing: Closing
    refund_settling: RefundSettling
    saved_methods: SavedMethodOperations
    evidence_settling: EvidenceSettling
    callbacks: CallbackOperations
    fee_finding: FeeFinding
    payout_settling: PayoutSettling
    payout_following: PayoutFollowing


def handlers(store: Store, workers: Workers) -> Mapping[JobKind, Handler]:
    """Every kind of job with what does it."""

    async def settle_attempt(job: Job) -> None:
        attempt = await store.look_up(lambda tx: tx.attempts.find(job.merchant_id, job.id))
        if attempt is None or attempt.final:
            await store.transaction(lambda tx: _finish(tx, job))
        else:
            await workers.settling.resume(attempt, job)

    return {
        JobKind.SETTLE_ATTEMPT: settle_attempt,
        JobKind.SETTLE_REFUND: workers.refund_settling.work,
        JobKind.RELEASE_METHOD: workers.saved_methods.release,
        JobKind.SETTLE_EVIDENCE: workers.evidence_settling.work,
        JobKind.DECIDE_CALLBACK: workers.callbacks.decide_again,
        JobKind.FIND_FEE: workers.fee_finding.work,
        JobKind.SETTLE_PAYOUT: workers.payout_settling.work,
        JobKind.FOLLOW_PAYOUTS: workers.payout_following.work,
        JobKind.EXPIRE_PAYMENT: workers.closing.expire,
    }


def _finish(tx: Transaction, job: Job) -> None:
    tx.jobs.finish(job)
