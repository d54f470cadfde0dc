"""What is done about each kind of job that is due."""

from collections.abc import Mapping

from server.composition.disputes import DisputeParts
from server.composition.payments import PaymentParts
from server.composition.payouts import PayoutParts
from server.domain.jobs import JobKind
from server.operations.callbacks import CallbackOperations
from server.work.handlers import Workers, handlers
from server.work.worker import Handler


def job_handlers(
    paying: PaymentParts,
    disputing: DisputeParts,
    paying_out: PayoutParts,
    callbacks: CallbackOperations,
) -> Mapping[JobKind, Handler]:
    """Every kind of job with the operation that does it."""
    workers = Workers(
        settling=paying.settling,
        closing=paying.closing,
        refund_settling=paying.refund_settling,
        saved_methods=paying.saved_methods,
        evidence_settling=disputing.evidence_settling,
        callbacks=callbacks,
        payout_settling=paying_out.settling,
        payout_lists=paying_out.lists,
        dispute_lists=disputing.lists,
        own_movement_lists=paying_out.own_movement_lists,
        fee_finding=paying.fee_finding,
    )
    return handlers(workers)
