"""An operator's verdict on a refund whose outcome stayed unknown: when it is heard, and which outcome it stands for."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import assert_never

from server.domain.errors import InvalidState, ValidationError
from server.domain.outcomes import Refunded, RefundFailed, RefundOutcome
from server.domain.refund import Refund
from server.domain.resolution import refuse_before_its_time

_NOTHING_RETURNED = "an operator found that no money was returned"


class RefundVerdict(StrEnum):
    """What an operator found at the gateway."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class RefundResolution:
    """A verdict with what proves it. `gateway_refund_id` is the gateway's own number, where the operator has it."""

    verdict: RefundVerdict
    evidence: str
    gateway_refund_id: str | None = None


def check_resolvable(refund: Refund, now: datetime) -> None:
    """Raises InvalidState unless the refund is `pending`, its gateway is not at work on it as far as that is known, and it is a day old or one that a person should look up."""
    if not refund.pending:
        raise InvalidState(refund.payment_id, f"a refund that is {refund.status.value} needs no verdict")
    if refund.needs_review:
        return
    if refund.gateway_refund_id is not None:
        raise InvalidState(refund.payment_id, "the gateway works on the refund; its outcome is not unknown")
    refuse_before_its_time(refund.payment_id, refund.created_at, now)


def outcome_of(resolution: RefundResolution, refund: Refund) -> RefundOutcome:
    """What the verdict says of the refund, in a gateway's terms.

    Raises ValidationError for a number that is missing, or that is not the one that the gateway gave.
    """
    known, given = refund.gateway_refund_id, resolution.gateway_refund_id
    if known is not None and given is not None and known != given:
        raise ValidationError("gateway_refund_id", "is not the number that the gateway gave the refund")
    number = known or given
    match resolution.verdict:
        case RefundVerdict.SUCCEEDED:
            if number is None:
                raise ValidationError("gateway_refund_id", "is required: the gateway's number is not known yet")
            return Refunded(number)
        case RefundVerdict.FAILED:
            return RefundFailed(_NOTHING_RETURNED, number, by_verdict=True)
    assert_never(resolution.verdict)
