"""Settles refunds: what a gateway answered, whoever asked, becomes state, posting, event and the next step in one transaction."""

import logging
from dataclasses import replace
from datetime import datetime, timedelta
from typing import assert_never

from server.domain.attempt import Attempt
from server.domain.clock import Clock, whole_seconds
from server.domain.errors import GatewayError, GatewayUnavailable
from server.domain.gateway import Gateways
from server.domain.jobs import Job, JobKind
from server.domain.outcomes import Refunded, RefundOutcome, Unknown
from server.domain.payment import Payment
from server.domain.ports import Store, Transaction
from server.domain.refund import Refund, RefundFailure
from server.domain.refunding import RefundChange, settle_refund
from server.operations.asking import keep_asking_after, needs_review, proven
from server.operations.background import ask_again, ask_no_more, tries_of
from server.operations.journal import Journal

_LOG = logging.getLogger(__name__)


class RefundSettling:
    """The one way from a gateway's answer on a refund to the books."""

    def __init__(self, store: Store, gateways: Gateways, journal: Journal, clock: Clock) -> None:
        self._store = store
        self._gateways = gateways
        self._journal = journal
        self._clock = clock

    async def settle(self, refund: Refund, outcome: RefundOutcome, job: Job | None = None) -> Refund:
        """Settles a refund in a transaction of its own; `job` is the background's claim on it."""
        settled = await self._store.transaction(lambda tx: self.settle_in(tx, refund, outcome, job))
        if settled.needs_review and not refund.needs_review:
            _LOG.error(
                "a refund's outcome is still unknown; look it up at the gateway", extra={"refund": str(settled.id)}
            )
        return settled

    async def resume(self, refund: Refund, job: Job | None = None) -> Refund:
        """Sends a refund under its number, again if it was sent before, or finds out what became of it; and settles it."""
        charge = await self._store.look_up(lambda tx: _charge(tx, refund))
        gateway = await self._gateways.of_attempt(charge)
        return await self.settle(refund, await gateway.resume_refund(refund, charge), job)

    async def work(self, job: Job) -> None:
        """Does a job of this kind; a refund that is settled needs no more."""
        refund = await self._store.look_up(lambda tx: tx.refunds.find(job.merchant_id, job.id))
        if refund is None or not refund.pending:
            await self._store.transaction(lambda tx: ask_no_more(tx, job.kind, job.id, job))
        else:
            await self.resume(refund, job)

    def settle_in(self, tx: Transaction, refund: Refund, outcome: RefundOutcome, job: Job | None = None) -> Refund:
        """Settles a refund in the caller's transaction. Whoever comes second finds it settled and changes nothing."""
        now = whole_seconds(self._clock.now())
        payment = tx.payments.lock(refund.merchant_id, refund.payment_id)
        stored = payment.refund(refund.id)
        assert stored is not None, "a refund is stored before anything is sent"
        age = now - stored.created_at
        known = proven(outcome, age)
        change = settle_refund(payment, stored, known, now)
        if change is None and _stays_unknown(stored, known, age):
            change = RefundChange(payment, stored.ask_a_person())
        if change is not None:
            self._journal.write_refund(tx, change)
        settled = stored if change is None else change.refund
        if isinstance(known, Refunded) and settled.failure is RefundFailure.RESOLVED:
            # Its amount was refunded anew: the books cannot hold both.
            facts = {"refund": str(settled.id), "payment": str(settled.payment_id)}
            _LOG.error(
                "a refund that a person found to have failed was done; compare the gateway's records", extra=facts
            )
        if settled.pending:
            due_at = now + keep_asking_after(tries_of(job), age)
            ask_again(tx, _job(settled, due_at, now), job)
        else:
            ask_no_more(tx, JobKind.SETTLE_REFUND, settled.id, job)
        return settled


def charge_of(tx: Transaction, payment: Payment) -> Attempt:
    """What a payment's refunds refer to at its gateway: the authorisation, under the number of what was captured."""
    authorisation = tx.attempts.paying(payment)
    number = payment.gateway_payment_id or authorisation.gateway_payment_id
    return replace(authorisation, gateway_payment_id=number)


def answer(refund: Refund) -> Refund:
    """What the caller of a refund is told: the refund, or the error that its outcome is. The same for the first execution and for every later one."""
    match refund.failure:
        case None:
            return refund
        case RefundFailure.NOT_SENT:
            raise GatewayUnavailable(refund.failure_reason or "the gateway cannot be reached", **_facts(refund))
        case RefundFailure.REFUSED | RefundFailure.REVERSED | RefundFailure.RESOLVED:
            raise GatewayError(refund.failure_reason or "the gateway refused", **_facts(refund))
    assert_never(refund.failure)


def _facts(refund: Refund) -> dict[str, str]:
    return {"payment_id": str(refund.payment_id), "refund_id": str(refund.id)}


def _charge(tx: Transaction, refund: Refund) -> Attempt:
    return charge_of(tx, tx.payments.get(refund.merchant_id, refund.payment_id))


def _stays_unknown(refund: Refund, outcome: RefundOutcome, age: timedelta) -> bool:
    unknown = isinstance(outcome, Unknown) and refund.pending
    return unknown and needs_review(age) and not refund.needs_review


def _job(refund: Refund, due_at: datetime, now: datetime) -> Job:
    return Job(refund.id, JobKind.SETTLE_REFUND, refund.merchant_id, refund.gateway, due_at, now)
