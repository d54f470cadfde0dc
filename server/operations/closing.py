"""Closes payments that nobody shall pay any more: those whose time is over, and those of an order that is paid elsewhere or not at all."""

from server.domain.attempt import Attempt, AttemptKind, AttemptStatus
from server.domain.clock import Clock, whole_seconds
from server.domain.gateway import Gateways
from server.domain.ids import Ids
from server.domain.jobs import Job
from server.domain.outcomes import Outcome
from server.domain.payment import Payment, PaymentStatus
from server.domain.ports import Store, Transaction
from server.operations.recording import Recorder
from server.operations.settling import Settling


class Closing:
    """The way of every payment that is ended without its caller asking for that very payment."""

    def __init__(
        self, *, store: Store, gateways: Gateways, settling: Settling, recorder: Recorder, clock: Clock, ids: Ids
    ) -> None:
        self._store = store
        self._gateways = gateways
        self._settling = settling
        self._recorder = recorder
        self._clock = clock
        self._ids = ids

    async def expire(self, job: Job) -> None:
        """Closes a pending payment whose time is over; the job's id is the payment's. A payment that has gone on meanwhile is left alone."""

        def record(tx: Transaction) -> Attempt | None:
            payment = tx.payments.lock(job.merchant_id, job.id)
            now = self._clock.now()
            ends_at = payment.expires_at if payment.status is PaymentStatus.PENDING else None
            if ends_at is not None and ends_at > now:
                tx.jobs.retry(job, ends_at)
                return None
            tx.jobs.finish(job)
            return None if ends_at is None else self._void(tx, payment)

        attempt = await self._store.transaction(record)
        if attempt is not None:
            await self._send(attempt)

    async def close(self, payment: Payment) -> tuple[Payment, Outcome | None]:
        """Ends an open payment at its gateway, or goes on with what is under way there. Gives the payment as it then is, and what the gateway said.

        Without an outcome the payment was open no more. `Unpaid` says that nobody can close it now and that it expires by itself.
        """

        def record(tx: Transaction) -> tuple[Payment, Attempt | None, bool]:
            current = tx.payments.lock(payment.merchant_id, payment.id)
            if not current.open:
                return current, None, False
            unknown = tx.attempts.unknown(current.merchant_id, current.id)
            if unknown is not None:
                return current, unknown, False
            if current.status is not PaymentStatus.PENDING:
                # The gateway works on it, and only its word can end that.
                return current, tx.attempts.latest_authorisation(current.merchant_id, current.id), False
            return current, self._void(tx, current), True

        current, attempt, is_new = await self._store.transaction(record)
        if attempt is None:
            return current, None
        if is_new:
            return await self._send(attempt)
        found = await self._settling.take_over(attempt)
        if found.final and not attempt.final:
            # Its own call has ended it meanwhile.
            return await self._store.look_up(lambda tx: tx.payments.get(payment.merchant_id, payment.id)), None
        attempt = found
        gateway = await self._gateways.of_attempt(attempt)
        # To resume what waits for its customer would complete what shall end.
        unknown = attempt.status in (AttemptStatus.IN_FLIGHT, AttemptStatus.NEEDS_REVIEW)
        outcome = await (gateway.resume(attempt) if unknown else gateway.fetch(attempt))
        return (await self._settling.settle(attempt, outcome))[0], outcome

    async def _send(self, attempt: Attempt) -> tuple[Payment, Outcome]:
        gateway = await self._gateways.of_attempt(attempt)
        outcome = await gateway.void(attempt)
        return (await self._settling.settle(attempt, outcome))[0], outcome

    def _void(self, tx: Transaction, payment: Payment) -> Attempt:
        change = payment.begin_cancel(whole_seconds(self._clock.now()))
        return self._recorder.further(tx, self._ids.new(), change, AttemptKind.VOID, payment.money)
