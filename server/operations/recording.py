"""Records operations on payments before they are sent: the change of the payment, the attempt, and the job that finds it, in one transaction."""

from uuid import UUID

from server.domain.attempt import Attempt, AttemptKind
from server.domain.clock import Clock
from server.domain.jobs import Job, JobKind
from server.domain.money import Money
from server.domain.payment import Change
from server.domain.ports import Transaction
from server.operations.asking import IN_FLIGHT_FOR
from server.operations.journal import Journal


class Recorder:
    """The first phase of every operation."""

    def __init__(self, journal: Journal, clock: Clock) -> None:
        self._journal = journal
        self._clock = clock

    def first(self, tx: Transaction, change: Change, attempt: Attempt) -> None:
        """A new payment and the attempt that starts it. Raises UniqueViolation when either is there already."""
        self._journal.open(tx, change)
        tx.attempts.insert(attempt)
        self._watch(tx, attempt)

    def another(self, tx: Transaction, change: Change, attempt: Attempt) -> None:
        """A payment that is there and another attempt at it. Raises UniqueViolation when the outcome of one is not known."""
        self._journal.write(tx, change)
        tx.attempts.insert(attempt)
        self._watch(tx, attempt)

    def end(self, tx: Transaction, change: Change) -> None:
        """A change that nothing has to be sent for."""
        self._journal.write(tx, change)

    def further(self, tx: Transaction, attempt_id: UUID, change: Change, kind: AttemptKind, money: Money) -> Attempt:
        """An operation on a payment that is there, under the credentials and the reference of its authorisation."""
        payment = change.payment
        authorisation = tx.attempts.latest_authorisation(payment.merchant_id, payment.id)
        attempt = Attempt(
            id=attempt_id,
            merchant_id=payment.merchant_id,
            payment_id=payment.id,
            kind=kind,
            gateway=payment.gateway,
            config_version=authorisation.config_version,
            reference=authorisation.reference,
            money=money,
            request=authorisation.request,
            created_at=payment.updated_at,
            updated_at=payment.updated_at,
            gateway_payment_id=payment.gateway_payment_id,
        )
        self.another(tx, change, attempt)
        return attempt

    def _watch(self, tx: Transaction, attempt: Attempt) -> None:
        """A job finds the attempt if this execution is cut off before it settles."""
        now, kind = self._clock.now(), JobKind.SETTLE_ATTEMPT
        tx.jobs.enqueue(Job(attempt.id, kind, attempt.merchant_id, attempt.gateway, now + IN_FLIGHT_FOR, now))
