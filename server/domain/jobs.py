"""Work that is due in the background, stored with the change that causes it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class JobKind(StrEnum):
    """What is to be done."""

    SETTLE_ATTEMPT = "settle_attempt"
    """Find out what became of an attempt; the job's id is the attempt's."""

    SETTLE_REFUND = "settle_refund"
    """Send a refund, or find out what became of it; the job's id is the refund's."""

    RELEASE_METHOD = "release_method"
    """Tell the gateway that a saved payment method is deleted; the job's id is the method's."""

    SETTLE_EVIDENCE = "settle_evidence"
    """Send evidence, or find out what became of it; the job's id is the submission's."""

    DECIDE_CALLBACK = "decide_callback"
    """Decide about a callback that could not be decided about when it came; the job's id is the callback's."""

    SETTLE_PAYOUT = "settle_payout"
    """Send a payout or the order to stop it, or find out what became of either; the job's id is the payout's."""

    FOLLOW_PAYOUTS = "follow_payouts"
    """Read the list of a merchant's payouts at a gateway; the job's id is made of the names of both, and it is never done."""

    FOLLOW_DISPUTES = "follow_disputes"
    """Read the list of a merchant's disputes at a gateway; as with payouts."""

    FOLLOW_OWN_MOVEMENTS = "follow_own_movements"
    """Read the list of what a gateway has moved on a merchant's balance by itself; as with payouts."""

    FIND_FEE = "find_fee"
    """Ask what the gateway has kept of a payment that was taken; the job's id is the payment's."""

    EXPIRE_PAYMENT = "expire_payment"
    """Close a pending payment at its gateway; the job's id is the payment's."""


FOLLOWING = frozenset({JobKind.FOLLOW_PAYOUTS, JobKind.FOLLOW_DISPUTES, JobKind.FOLLOW_OWN_MOVEMENTS})
"""Those that read lists, page by page and by several credentials: other work at the gateway does not wait for them."""


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work at a gateway. `due_at` is schedule and lease at once; `tries` counts claims and fences the finish."""

    id: UUID
    kind: JobKind
    merchant_id: str
    gateway: str
    due_at: datetime
    created_at: datetime
    tries: int = 0
