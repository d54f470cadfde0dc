"""Which operation does which job."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.domain.jobs import JobKind
from server.operations.callbacks import CallbackOperations
from server.operations.closing import Closing
from server.operations.evidence_settling import EvidenceSettling
from server.operations.fee_finding import FeeFinding
from server.operations.list_following import ListFollowing
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
    payout_lists: ListFollowing
    dispute_lists: ListFollowing
    own_movement_lists: ListFollowing


def handlers(workers: Workers) -> Mapping[JobKind, Handler]:
    """Every kind of job with what does it."""
    return {
        JobKind.SETTLE_ATTEMPT: workers.settling.work,
        JobKind.SETTLE_REFUND: workers.refund_settling.work,
        JobKind.RELEASE_METHOD: workers.saved_methods.release,
        JobKind.SETTLE_EVIDENCE: workers.evidence_settling.work,
        JobKind.DECIDE_CALLBACK: workers.callbacks.decide_again,
        JobKind.FIND_FEE: workers.fee_finding.work,
        JobKind.SETTLE_PAYOUT: workers.payout_settling.work,
        JobKind.FOLLOW_PAYOUTS: workers.payout_lists.work,
        JobKind.FOLLOW_DISPUTES: workers.dispute_lists.work,
        JobKind.FOLLOW_OWN_MOVEMENTS: workers.own_movement_lists.work,
        JobKind.EXPIRE_PAYMENT: workers.closing.expire,
    }
