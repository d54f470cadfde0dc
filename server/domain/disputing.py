"""The one place where a dispute begins, and where a gateway's report or its answer to evidence changes it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from server.domain.dispute import Dispute, DisputeReport
from server.domain.events import EventType
from server.domain.evidence import Submission, SubmissionStatus
from server.domain.evidence_outcomes import EvidenceOutcome, EvidenceRefused, EvidenceTaken
from server.domain.ledger import Posting
from server.domain.money import Money
from server.domain.outcomes import NotSent, Unknown
from server.domain.payment import Payment


@dataclass(frozen=True, slots=True)
class DisputeChange:
    """A dispute as it has become, with its payment, its numbered events and its postings: one transaction."""

    payment: Payment
    dispute: Dispute
    at: datetime
    events: tuple[tuple[EventType, int], ...] = ()
    postings: tuple[Posting, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidenceChange:
    """A submission that has ended, and what that makes of its dispute."""

    submission: Submission
    dispute: DisputeChange | None = None


def open_dispute(payment: Payment, dispute_id: UUID, report: DisputeReport, at: datetime) -> DisputeChange:
    """The dispute as it is first stored. The report may be any of the gateway's, the last one too: then it opens and closes at once."""
    opened = Dispute(
        id=dispute_id,
        merchant_id=payment.merchant_id,
        payment_id=payment.id,
        gateway=payment.gateway,
        gateway_dispute_id=report.gateway_dispute_id,
        money=report.money,
        status=report.status,
        reason=report.reason,
        rank=report.rank,
        created_at=at,
        updated_at=at,
        evidence_due_by=report.evidence_due_by,
    )
    events = (EventType.DISPUTE_CREATED, EventType.DISPUTE_CLOSED) if opened.closed else (EventType.DISPUTE_CREATED,)
    return _change(payment, *_moved(opened, report), events, at)


def follow_report(payment: Payment, dispute: Dispute, report: DisputeReport, at: datetime) -> DisputeChange | None:
    """What a report changes; None when it tells nothing new.

    The money moves as far as a report says more of it than was known, whatever its rank: gateways tell of it apart from their decision, and later.
    """
    told = dispute.follow(report, at)
    moved, postings = _moved(told, report)
    if moved == dispute:
        return None
    return _change(payment, moved, postings, _news(dispute, moved), at)


def is_news(dispute: Dispute, report: DisputeReport) -> bool:
    """Whether a report tells anything that callers see, or that money has moved. A rank alone is none: WeChat Pay's is the time at which it was asked."""
    moved, postings = _moved(dispute.follow(report, dispute.updated_at), report)
    return bool(postings or _news(dispute, moved))


def settle_evidence(
    payment: Payment, dispute: Dispute, submission: Submission, outcome: EvidenceOutcome, at: datetime
) -> EvidenceChange | None:
    """What an outcome changes; None when it changes nothing: an unknown one, or one for a submission that has ended already."""
    if not submission.in_flight:
        return None
    match outcome:
        case Unknown():
            return None
        case NotSent(message=message):
            return EvidenceChange(submission.end(SubmissionStatus.NOT_SENT, at, message))
        case EvidenceRefused(message=message):
            return EvidenceChange(submission.end(SubmissionStatus.REFUSED, at, message))
        case EvidenceTaken(report=report):
            taken = submission.end(SubmissionStatus.TAKEN, at)
            return EvidenceChange(taken, _answered(payment, dispute, taken, report, at))
    assert_never(outcome)


def _answered(
    payment: Payment, dispute: Dispute, submission: Submission, report: DisputeReport | None, at: datetime
) -> DisputeChange:
    told = dispute if report is None else dispute.follow(report, at)
    answered = told.answer(submission.evidence, at)
    moved, postings = (answered, ()) if report is None else _moved(answered, report)
    return _change(payment, moved, postings, _news(dispute, moved), at)


def _news(before: Dispute, after: Dispute) -> tuple[EventType, ...]:
    """A change that callers do not see is told to nobody."""
    if after.closed and not before.closed:
        return (EventType.DISPUTE_CLOSED,)
    shown = replace(after, rank=before.rank, moved=before.moved, movements=before.movements)
    return (EventType.DISPUTE_UPDATED,) if shown != before else ()


def _moved(dispute: Dispute, report: DisputeReport) -> tuple[Dispute, tuple[Posting, ...]]:
    """The dispute with what the gateway has done with the money by now, and the postings of what of that is new."""
    before, after = dispute.moved, dispute.moved.with_news(report.moved)
    if after == before:
        return dispute, ()
    moved = replace(dispute, moved=after, movements=dispute.movements + 1)
    taken, fee_minor = after.taken_minor - before.taken_minor, after.fee_minor - before.fee_minor
    back, fee_back_minor = (
        after.returned_minor - before.returned_minor,
        after.returned_fee_minor - before.returned_fee_minor,
    )
    of, currency, number = (dispute.id, dispute.gateway), dispute.money.currency, moved.movements
    postings: list[Posting] = []
    if taken or fee_minor:
        postings.append(Posting.dispute(*of, Money(taken, currency), fee_minor, number=number))
    if back or fee_back_minor:
        postings.append(Posting.dispute_reversal(*of, Money(back, currency), -fee_back_minor, number=number))
    return moved, tuple(postings)


def _change(
    payment: Payment,
    dispute: Dispute,
    postings: tuple[Posting, ...],
    events: tuple[EventType, ...],
    at: datetime,
) -> DisputeChange:
    numbered = replace(dispute, sequence=dispute.sequence + len(events))
    told = tuple((event, dispute.sequence + place) for place, event in enumerate(events, start=1))
    return DisputeChange(payment.with_dispute(numbered), numbered, at, told, postings)
