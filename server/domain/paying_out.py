"""The one place where a payout begins, and where a gateway's word changes it, whether a call, a callback or a list brought it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never
from uuid import UUID

from server.domain.events import EventType
from server.domain.ids import id_from
from server.domain.ledger import Posting
from server.domain.outcomes import NotSent, Unknown
from server.domain.payout import Payout, PayoutFailure, PayoutStatus
from server.domain.payout_outcomes import PayoutOutcome, PayoutRefused, PayoutReport

# A payout goes that way, with steps left out, and never back; of both ends it has one. What arrived can still be sent back by the bank.
_RANKS = {
    PayoutStatus.PENDING: 0,
    PayoutStatus.IN_TRANSIT: 1,
    PayoutStatus.PAID: 2,
    PayoutStatus.FAILED: 3,
    PayoutStatus.CANCELED: 3,
}

# The documented events know no payout that was stopped: what all three ends have in common is that the money is not at the bank.
_ENDS = {
    PayoutStatus.PAID: EventType.PAYOUT_PAID,
    PayoutStatus.FAILED: EventType.PAYOUT_FAILED,
    PayoutStatus.CANCELED: EventType.PAYOUT_FAILED,
}


@dataclass(frozen=True, slots=True)
class PayoutChange:
    """A payout as it has become, with its numbered events and its postings: one transaction."""

    payout: Payout
    events: tuple[tuple[EventType, int], ...] = ()
    postings: tuple[Posting, ...] = ()


def begin_payout(payout: Payout) -> PayoutChange:
    """The payout as it is first stored, before anything is sent. It leaves the balance once the gateway has it."""
    return _told(payout, EventType.PAYOUT_CREATED)


def first_sight(
    merchant_id: str, gateway: str, config_version: int, report: PayoutReport, at: datetime
) -> PayoutChange:
    """A payout that the gateway made by itself, or that was asked for elsewhere. Whoever sees it first, it gets the same id."""
    seen = Payout(
        id=payout_id(merchant_id, gateway, report),
        merchant_id=merchant_id,
        money=report.money,
        gateway=gateway,
        config_version=config_version,
        created_at=report.created_at,
        updated_at=at,
    )
    begun = begin_payout(seen)
    change = _report(begun.payout, report, at)
    assert change is not None, "a report numbers a payout that has no number"
    return replace(change, events=begun.events + change.events)


def payout_id(merchant_id: str, gateway: str, report: PayoutReport) -> UUID:
    """The id of a payout that was not asked for here."""
    return id_from(report.created_at, merchant_id, gateway, report.gateway_payout_id)


def settle_payout(payout: Payout, outcome: PayoutOutcome, at: datetime) -> PayoutChange | None:
    """What an outcome changes; None when it changes nothing: an unknown one, no news, or one that the payout has behind it."""
    match outcome:
        case Unknown():
            return None
        case PayoutReport():
            return _report(payout, outcome, at)
        case NotSent(message=message):
            return _denied(payout, PayoutFailure.NOT_SENT, message, at)
        case PayoutRefused(message=message, insufficient=insufficient):
            failure = PayoutFailure.INSUFFICIENT if insufficient else PayoutFailure.REFUSED
            return _denied(payout, failure, message, at)
    assert_never(outcome)


def _denied(payout: Payout, failure: PayoutFailure, message: str, at: datetime) -> PayoutChange | None:
    """The gateway did not do the last thing that was asked of it."""
    if not payout.pending:
        return None
    if payout.gateway_payout_id is None:
        return _told(payout.fail(failure, message, at), EventType.PAYOUT_FAILED)
    return PayoutChange(payout.fail_stop(failure, message, at)) if payout.stopping else None


def _report(payout: Payout, report: PayoutReport, at: datetime) -> PayoutChange | None:
    """A gateway's word on a payout that it has. That it has one which was given up here is news, too: money has left."""
    is_new = payout.gateway_payout_id is None
    before = PayoutStatus.PENDING if is_new else payout.status
    if _RANKS[report.status] < _RANKS[before] or (payout.returned and not is_new):
        return None
    changed = replace(
        payout,
        status=report.status,
        gateway_payout_id=report.gateway_payout_id,
        arrival_date=report.arrival_date or payout.arrival_date,
        failure=PayoutFailure.RETURNED if report.status is PayoutStatus.FAILED else None,
        failure_reason=report.failure_reason if report.status is PayoutStatus.FAILED else None,
    )
    if changed == payout:
        # A payout that waits is asked after until it is known whether it is stopped; nothing else would end a person's review.
        return (
            PayoutChange(replace(payout, needs_review=False)) if payout.needs_review and not payout.stopping else None
        )
    changed = replace(changed, needs_review=False, updated_at=at)
    postings = _postings(changed, left=is_new, came_back=changed.returned)
    if changed.status is before or changed.status not in _ENDS:
        return PayoutChange(changed, postings=postings)
    return replace(_told(changed, _ENDS[changed.status]), postings=postings)


def _postings(payout: Payout, *, left: bool, came_back: bool) -> tuple[Posting, ...]:
    postings = []
    if left:
        postings.append(Posting.payout(payout.id, payout.gateway, payout.money))
    if came_back:
        postings.append(Posting.payout_failure(payout.id, payout.gateway, payout.money))
    return tuple(postings)


def _told(payout: Payout, event: EventType) -> PayoutChange:
    numbered = replace(payout, sequence=payout.sequence + 1)
    return PayoutChange(numbered, ((event, numbered.sequence),))
