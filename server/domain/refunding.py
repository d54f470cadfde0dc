"""The one place where a refund begins, and where a gateway's answer changes it, whether a call, a callback or a query brought it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from server.domain.events import EventType
from server.domain.ledger import Posting
from server.domain.outcomes import NotSent, Refunded, RefundFailed, RefundOutcome, RefundPending, Unknown
from server.domain.payment import Payment
from server.domain.refund import Refund, RefundFailure, RefundStatus


@dataclass(frozen=True, slots=True)
class RefundChange:
    """A refund as it has become, with its payment, its numbered event and its posting: one transaction."""

    payment: Payment
    refund: Refund
    event: tuple[EventType, int] | None = None
    posting: Posting | None = None


def begin_refund(payment: Payment, refund: Refund) -> RefundChange:
    """The refund as it is first stored, before anything is sent; from now on it holds its amount, which `payment.check_refund` has allowed."""
    return _change(payment, refund, EventType.REFUND_CREATED)


def settle_refund(payment: Payment, refund: Refund, outcome: RefundOutcome, at: datetime) -> RefundChange | None:
    """What an outcome changes; None when it changes nothing: an unknown one, no news, or one that the refund has behind it.

    A refund goes from pending to succeeded to failed, with either step left out, and never back: an older answer that arrives late takes nothing back. Only one that failed by a person's
    word alone succeeds by the gateway's after all, unless its amount was refunded anew meanwhile.
    """
    match outcome:
        case Unknown():
            return None
        case RefundPending(gateway_refund_id=number):
            news = refund.needs_review or number not in {None, refund.gateway_refund_id}
            return _change(payment, refund.number(number, at)) if refund.pending and news else None
        case Refunded(gateway_refund_id=number):
            if not refund.pending and not _fits_after_all(payment, refund):
                return None
            posting = Posting.refund(refund.id, refund.gateway, refund.money)
            return _change(payment, refund.succeed(number, at), EventType.REFUND_SUCCEEDED, posting)
        case NotSent(message=message):
            failed = refund.fail(RefundFailure.NOT_SENT, message, None, at)
            return _change(payment, failed, EventType.REFUND_FAILED) if refund.pending else None
        case RefundFailed():
            return _fail(payment, refund, outcome, at)
    assert_never(outcome)


def _fits_after_all(payment: Payment, refund: Refund) -> bool:
    return refund.failure is RefundFailure.RESOLVED and refund.money.amount_minor <= payment.refundable_minor


def _fail(payment: Payment, refund: Refund, outcome: RefundFailed, at: datetime) -> RefundChange | None:
    match refund.status:
        case RefundStatus.PENDING:
            failure = RefundFailure.RESOLVED if outcome.by_verdict else RefundFailure.REFUSED
            posting = None
        case RefundStatus.SUCCEEDED:
            failure = RefundFailure.REVERSED
            posting = Posting.refund_reversal(refund.id, refund.gateway, refund.money)
        case RefundStatus.FAILED:
            return None
        case _:
            assert_never(refund.status)
    failed = refund.fail(failure, outcome.message, outcome.gateway_refund_id, at)
    return _change(payment, failed, EventType.REFUND_FAILED, posting)


def _change(
    payment: Payment, refund: Refund, event: EventType | None = None, posting: Posting | None = None
) -> RefundChange:
    if event is None:
        return RefundChange(payment.with_refund(refund), refund, posting=posting)
    numbered = replace(refund, sequence=refund.sequence + 1)
    return RefundChange(payment.with_refund(numbered), numbered, (event, numbered.sequence), posting)
