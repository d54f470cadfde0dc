"""Settles evidence: what a gateway answered, whoever asked, becomes state, event and the next step in one transaction."""

from datetime import datetime
from typing import assert_never

from server.domain.attempt import Attempt
from server.domain.clock import Clock, whole_seconds
from server.domain.dispute import Dispute
from server.domain.disputing import settle_evidence
from server.domain.errors import GatewayError, GatewayUnavailable
from server.domain.evidence import Submission, SubmissionStatus
from server.domain.evidence_outcomes import EvidenceOutcome, EvidenceRefused
from server.domain.file import Document
from server.domain.gateway import Gateways
from server.domain.jobs import Job, JobKind
from server.domain.outcomes import Unknown
from server.domain.ports import Store, Transaction
from server.operations.asking import keep_asking_after, proven
from server.operations.background import ask_again, ask_no_more, tries_of
from server.operations.journal import Journal
from server.operations.refund_settling import charge_of

_DECIDED = "The dispute was decided before the gateway could be heard to have the evidence."

Settled = tuple[Dispute, Submission]


class EvidenceSettling:
    """The one way from a gateway's answer on evidence to a dispute."""

    def __init__(self, store: Store, gateways: Gateways, journal: Journal, clock: Clock) -> None:
        self._store = store
        self._gateways = gateways
        self._journal = journal
        self._clock = clock

    async def settle(self, submission: Submission, outcome: EvidenceOutcome, job: Job | None = None) -> Settled:
        """Settles a submission in a transaction of its own; `job` is the background's claim on it."""
        return await self._store.transaction(lambda tx: self._settle_in(tx, submission, outcome, job))

    async def resume(self, submission: Submission, job: Job | None = None) -> Settled:
        """Finds out whether the gateway has the evidence, sends it again if it has not, and settles."""

        def look(tx: Transaction) -> tuple[Dispute, Attempt, Document | None]:
            dispute = tx.disputes.get(submission.merchant_id, submission.dispute_id)
            charge = charge_of(tx, tx.payments.get(dispute.merchant_id, dispute.payment_id))
            return dispute, charge, document_of(tx, submission)

        dispute, charge, document = await self._store.read(look)
        gateway = await self._gateways.of_attempt(charge)
        return await self.settle(submission, await gateway.resume_evidence(submission, dispute, document), job)

    async def work(self, job: Job) -> None:
        """Does a job of this kind; evidence that has arrived needs no more."""
        submission = await self._store.look_up(lambda tx: tx.submissions.find(job.merchant_id, job.id))
        if submission is None or not submission.in_flight:
            await self._store.transaction(lambda tx: ask_no_more(tx, job.kind, job.id, job))
        else:
            await self.resume(submission, job)

    def _settle_in(self, tx: Transaction, told: Submission, outcome: EvidenceOutcome, job: Job | None) -> Settled:
        now = whole_seconds(self._clock.now())
        payment_id = tx.disputes.get(told.merchant_id, told.dispute_id).payment_id
        payment = tx.payments.lock(told.merchant_id, payment_id)
        dispute = tx.disputes.get(told.merchant_id, told.dispute_id)
        submission = tx.submissions.find(told.merchant_id, told.id)
        assert submission is not None, "evidence is stored before anything is sent"
        age = now - submission.created_at
        known = proven(outcome, age)
        if dispute.closed and isinstance(known, Unknown):
            known = EvidenceRefused(_DECIDED)
        change = settle_evidence(payment, dispute, submission, known, now)
        if change is not None:
            submission = change.submission
            tx.submissions.update(submission)
            if change.dispute is not None:
                self._journal.write_dispute(tx, change.dispute)
                dispute = change.dispute.dispute
        if submission.in_flight:
            due_at = now + keep_asking_after(tries_of(job), age)
            ask_again(tx, settling_job(submission, dispute, due_at, now), job)
        else:
            ask_no_more(tx, JobKind.SETTLE_EVIDENCE, submission.id, job)
        return dispute, submission


def settling_job(submission: Submission, dispute: Dispute, due_at: datetime, now: datetime) -> Job:
    """What has the background find out whether evidence has arrived."""
    return Job(submission.id, JobKind.SETTLE_EVIDENCE, dispute.merchant_id, dispute.gateway, due_at, now)


def document_of(tx: Transaction, submission: Submission) -> Document | None:
    """The document that evidence names, if it names one; it was there when the evidence was recorded, and is kept."""
    file_id = submission.evidence.uncategorized_file
    return None if file_id is None else tx.files.document(submission.merchant_id, file_id)


def answer(dispute: Dispute, submission: Submission) -> Dispute:
    """What the sender of evidence is told: the dispute, or the error that the outcome is. The same for the first execution and for every later one."""
    facts = {"dispute_id": str(dispute.id), "payment_id": str(dispute.payment_id)}
    match submission.status:
        case SubmissionStatus.IN_FLIGHT | SubmissionStatus.TAKEN:
            return dispute
        case SubmissionStatus.NOT_SENT:
            raise GatewayUnavailable(submission.message or "the gateway cannot be reached", **facts)
        case SubmissionStatus.REFUSED:
            raise GatewayError(submission.message or "the gateway refused", **facts)
    assert_never(submission.status)
