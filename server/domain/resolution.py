"""An operator's verdict on an outcome that stayed unknown: when it is heard, and which outcome it stands for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never
from uuid import UUID

from server.domain.attempt import Attempt, AttemptStatus
from server.domain.errors import InvalidState, ValidationError
from server.domain.outcomes import Approved, Canceled, Outcome, Refused
from server.domain.payment import Payment, PaymentStatus

# Until then the gateway is asked at least hourly, and its idempotency key still finds the operation: nobody can know better.
RESOLVABLE_AFTER = timedelta(hours=24)

_NOTHING_MOVED = "an operator found that no money moved"


class Verdict(StrEnum):
    """What an operator found at the gateway."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


@dataclass(frozen=True, slots=True)
class Resolution:
    """A verdict with what proves it. `gateway_payment_id` is the gateway's own number, where the operator has it."""

    verdict: Verdict
    evidence: str
    gateway_payment_id: str | None = None


def resolvable(payment: Payment, unknown: Attempt | None, now: datetime) -> Attempt:
    """The attempt that a verdict may settle. `unknown` is the payment's attempt whose outcome is not known, if there is one.

    Raises InvalidState unless the payment is `processing` on such an attempt that is a day old or was given up for review.
    """
    if payment.status is not PaymentStatus.PROCESSING:
        raise InvalidState(payment.id, f"a payment that is {payment.status.value} needs no verdict")
    if unknown is None:
        raise InvalidState(payment.id, "the gateway works on the payment; its outcome is not unknown")
    if unknown.status is not AttemptStatus.NEEDS_REVIEW:
        refuse_before_its_time(payment.id, unknown.created_at, now)
    return unknown


def refuse_before_its_time(payment_id: UUID, unknown_since: datetime, now: datetime) -> None:
    """Raises InvalidState, which says from when, while it is too early for a verdict on something of the payment's."""
    allowed_from = unknown_since + RESOLVABLE_AFTER
    if now < allowed_from:
        moment = allowed_from.strftime("%Y-%m-%dT%H:%M:%SZ")
        raise InvalidState(payment_id, f"the gateway is still being asked; a verdict is heard from {moment}")


def outcome_of(resolution: Resolution, attempt: Attempt) -> Outcome:
    """What the verdict says of the attempt, in a gateway's terms; all of the attempt's money where it succeeded.

    Raises ValidationError for a number that is missing, or that is not the one that the gateway gave.
    """
    known, given = attempt.gateway_payment_id, resolution.gateway_payment_id
    if known is not None and given is not None and known != given:
        raise ValidationError("gateway_payment_id", "is not the number that the gateway gave the payment")
    number = known or given
    match resolution.verdict:
        case Verdict.SUCCEEDED:
            if number is None:
                raise ValidationError("gateway_payment_id", "is required: the gateway's number is not known yet")
            return Approved(number, attempt.money.amount_minor, captured=True)
        case Verdict.FAILED:
            return Refused(_NOTHING_MOVED, number)
        case Verdict.CANCELED:
            return Canceled(number)
    assert_never(resolution.verdict)
