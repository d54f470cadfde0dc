"""Settles attempts: what a gateway answered, whoever asked, becomes state, posting, events and the next step in one transaction."""

from dataclasses import replace
from datetime import datetime, timedelta

from server.domain import errors
from server.domain.attempt import Attempt, AttemptKind, AttemptStatus
from server.domain.clock import Clock, whole_seconds
from server.domain.gateway import Gateways
from server.domain.jobs import Job, JobKind
from server.domain.outcomes import Approved, DeclineReason, Outcome, Unknown
from server.domain.payment import Change, Payment, PaymentStatus
from server.domain.ports import Store, Transaction
from server.domain.settlement import settle
from server.operations.asking import IN_FLIGHT_FOR, ask_again_after, look_again_after, proven
from server.operations.background import ask_again, ask_no_more, tries_of
from server.operations.journal import Journal
from server.operations.surplus import Surplus
from server.operations.takings import Takings

_DECLINES: dict[str, type[errors.Declined]] = {
    DeclineReason.CARD_DECLINED: errors.CardDeclined,
    DeclineReason.INSUFFICIENT_FUNDS: errors.InsufficientFunds,
    DeclineReason.EXPIRED_CARD: errors.ExpiredCard,
    DeclineReason.INCORRECT_CVC: errors.IncorrectCvc,
    DeclineReason.PROCESSING_ERROR: errors.ProcessingError,
}

_OTHERS_ASK = "another call asks for the payment, too"
_CLOSE_AGAIN_AFTER = timedelta(minutes=1)


class Settling:
    """The one way from a gateway's answer to the books."""

    def __init__(
        self,
        *,
        store: Store,
        gateways: Gateways,
        journal: Journal,
        takings: Takings,
        surplus: Surplus,
        clock: Clock,
    ) -> None:
        self._store = store
        self._gateways = gateways
        self._journal = journal
        self._takings = takings
        self._surplus = surplus
        self._clock = clock

    async def settle(self, attempt: Attempt, outcome: Outcome, job: Job | None = None) -> tuple[Payment, Attempt]:
        """Settles an attempt in a transaction of its own; `job` is the background's claim on it."""
        return await self._store.transaction(lambda tx: self.settle_in(tx, attempt, outcome, job))

    async def resume(self, attempt: Attempt, job: Job | None = None) -> tuple[Payment, Attempt]:
        """Finds out what became of an attempt and settles it; a final one is given back as it is."""
        return await self.settle(attempt, await self.ask(attempt), job)

    async def work(self, job: Job) -> None:
        """Does a job of this kind; an attempt that is settled needs no more."""
        attempt = await self._store.look_up(lambda tx: tx.attempts.find(job.merchant_id, job.id))
        if attempt is None or attempt.final:
            await self._store.transaction(lambda tx: ask_no_more(tx, job.kind, job.id, job))
        else:
            await self.resume(attempt, job)

    async def ask(self, attempt: Attempt) -> Outcome:
        """What its gateway says became of an attempt; completes it only where its payment is still wanted: what has ended is never taken up again.

        A try that waits for its customer is ended once another one has taken the money: they could pay twice.
        """
        attempt = await self.take_over(attempt)
        gateway = await self._gateways.of_attempt(attempt)
        if attempt.final:
            return await gateway.fetch(attempt)
        if attempt.kind is not AttemptKind.AUTHORISE:
            return await gateway.resume(attempt)
        payment = await self._store.look_up(lambda tx: tx.payments.get(attempt.merchant_id, attempt.payment_id))
        waits = attempt.status is AttemptStatus.WAITING
        if waits and payment.captured and payment.reference != attempt.reference:
            return await gateway.resume(replace(attempt, kind=AttemptKind.VOID))
        # To complete what is being canceled would charge what the merchant wants to end; to send a try again after another one has taken the money, twice.
        ends = waits and (not payment.open or payment.operated_on)
        return await (gateway.fetch(attempt) if ends or payment.captured else gateway.resume(attempt))

    async def take_over(self, attempt: Attempt) -> Attempt:
        """The attempt as it is now. If its own call may still be under way, it is written down that others go on with it: should that call not have been sent, it proves nothing then."""
        # By that call's own clock, which may be behind this one, it can prove something for longer than ALONE_FOR.
        young = whole_seconds(self._clock.now()) - attempt.created_at < IN_FLIGHT_FOR
        return (await self.settle(attempt, Unknown(_OTHERS_ASK)))[1] if attempt.untold and young else attempt

    def settle_in(
        self, tx: Transaction, attempt: Attempt, outcome: Outcome, job: Job | None = None
    ) -> tuple[Payment, Attempt]:
        """Settles an attempt in the caller's transaction. Whoever comes second finds it settled and changes nothing."""
        now = whole_seconds(self._clock.now())
        payment = tx.payments.lock(attempt.merchant_id, attempt.payment_id)
        stored = tx.attempts.find(attempt.merchant_id, attempt.id) or attempt
        if payment.captured and stored.reference != payment.reference:
            if isinstance(outcome, Approved) and outcome.captured:
                self._surplus.book(tx, payment, stored, outcome, now)
        elif payment.captured:
            self._takings.tell_later(tx, payment, outcome, now)
        if stored.final and (payment.captured or not _took_money(outcome)):
            ask_no_more(tx, JobKind.SETTLE_ATTEMPT, stored.id, job)
            return payment, stored
        outcome = proven(outcome, now - stored.created_at, alone=stored.untold)
        settled = stored.settle(outcome, now)
        if not settled.final:
            settled = self._ask_again(tx, payment, settled, now, job)
        else:
            ask_no_more(tx, JobKind.SETTLE_ATTEMPT, settled.id, job)
        tx.attempts.update(settled)
        change = settle(payment, stored, self._takings.dated(payment, outcome, now), now)
        if change is None:
            return payment, settled
        self._journal.write(tx, change)
        self._takings.expect_fee(tx, change.payment, outcome, now)
        self._schedule_expiry(tx, payment, change, now)
        return change.payment, settled

    def _ask_again(
        self, tx: Transaction, payment: Payment, attempt: Attempt, now: datetime, job: Job | None
    ) -> Attempt:
        age = now - attempt.created_at
        waits = attempt.status is AttemptStatus.WAITING and payment.open
        delay = look_again_after(age) if waits else ask_again_after(tries_of(job), age)
        if delay is None:
            ask_no_more(tx, JobKind.SETTLE_ATTEMPT, attempt.id, job)
            return attempt.give_up_asking(now)
        kind = JobKind.SETTLE_ATTEMPT
        ask_again(tx, Job(attempt.id, kind, attempt.merchant_id, attempt.gateway, now + delay, now), job)
        return attempt

    def _schedule_expiry(self, tx: Transaction, before: Payment, change: Change, now: datetime) -> None:
        """A pending payment has a job that closes it in time; one that went back to pending after a vain cancel gets a new one, the later the longer its time is over."""
        after = change.payment
        if after.status is not PaymentStatus.PENDING or after.expires_at is None:
            return
        if after.expires_at != before.expires_at or before.status is not PaymentStatus.PENDING:
            due_at = max(after.expires_at, now + max(_CLOSE_AGAIN_AFTER, now - after.expires_at))
            tx.jobs.enqueue(Job(after.id, JobKind.EXPIRE_PAYMENT, after.merchant_id, after.gateway, due_at, now))


def _took_money(outcome: Outcome) -> bool:
    return isinstance(outcome, Approved) and outcome.captured


def decline(reason: str, message: str, **facts: str) -> errors.Declined:
    """The error that an issuer's no is, by its reason."""
    return _DECLINES[reason](message, **facts)


def _facts(payment: Payment) -> dict[str, str]:
    of = {"payment_id": str(payment.id)}
    return of if payment.intent_id is None else of | {"payment_intent_id": str(payment.intent_id)}


def answer(payment: Payment, attempt: Attempt) -> Payment:
    """What the caller of an attempt is told: the payment, or the error that its outcome is.

    The same for the first execution and for every later one, as it reads what was stored and nothing else.
    """
    match attempt.status:
        case AttemptStatus.DECLINED:
            reason = attempt.reason or DeclineReason.CARD_DECLINED
            raise decline(reason, attempt.message or "the card was declined", **_facts(payment))
        case AttemptStatus.REFUSED:
            raise errors.GatewayError(attempt.message or "the gateway refused", **_facts(payment))
        case AttemptStatus.NOT_SENT:
            raise errors.GatewayUnavailable(attempt.message or "the gateway cannot be reached", **_facts(payment))
        case AttemptStatus.APPROVED if attempt.kind is AttemptKind.CAPTURE and not payment.captured:
            raise errors.InvalidState(payment.id, "the gateway did not capture the money")
        case AttemptStatus.CANCELED if attempt.kind is AttemptKind.CAPTURE:
            raise errors.InvalidState(payment.id, "the gateway has ended the authorisation; nothing was captured")
        case AttemptStatus.APPROVED if attempt.kind is AttemptKind.VOID:
            if payment.captured:
                raise errors.AlreadyCaptured(payment.id)
            raise errors.InvalidState(payment.id, "the gateway did not end the payment")
        case _:
            return payment
