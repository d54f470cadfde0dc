"""Records refunds: from then on their amount is held, and the background sends what nobody else does."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from server.domain.clock import Clock, whole_seconds
from server.domain.ids import reference_of
from server.domain.jobs import Job, JobKind
from server.domain.money import Money
from server.domain.payment import Payment
from server.domain.ports import Transaction
from server.domain.refund import Refund, RefundReason
from server.domain.refunding import begin_refund
from server.operations.journal import Journal

_AT_ONCE = timedelta(0)
_NOTHING: Mapping[str, str] = {}


class RefundRecording:
    """The one way in which a refund comes into being."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    def record_in(
        self,
        tx: Transaction,
        payment: Payment,
        refund_id: UUID,
        reason: RefundReason | None = None,
        metadata: Mapping[str, str] = _NOTHING,
    ) -> Refund:
        """A refund of all that is left of a payment, which the service itself causes in the caller's transaction; the background sends it at once.

        A second call with the same id gives the first one's refund. Raises InvalidState, AlreadyRefunded.
        """
        stored = tx.payments.lock(payment.merchant_id, payment.id)
        recorded = stored.refund(refund_id)
        if recorded is not None:
            return recorded
        money = stored.check_refund(None)
        return self.record(tx, stored, refund_id, money=money, reason=reason, metadata=metadata, due_in=_AT_ONCE)

    def record(
        self,
        tx: Transaction,
        payment: Payment,
        refund_id: UUID,
        *,
        money: Money,
        reason: RefundReason | None,
        metadata: Mapping[str, str],
        due_in: timedelta,
    ) -> Refund:
        """A refund of what the locked payment's `check_refund` has allowed; the background takes it up after `due_in`."""
        now = self._clock.now()
        at = whole_seconds(now)
        refund = Refund(
            id=refund_id,
            merchant_id=payment.merchant_id,
            payment_id=payment.id,
            money=money,
            gateway=payment.gateway,
            reference=reference_of(refund_id),
            created_at=at,
            updated_at=at,
            reason=reason,
            metadata=metadata,
        )
        change = begin_refund(payment, refund)
        self._journal.open_refund(tx, change)
        tx.jobs.enqueue(Job(refund.id, JobKind.SETTLE_REFUND, refund.merchant_id, refund.gateway, now + due_in, now))
        return change.refund
