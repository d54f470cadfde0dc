"""When a verdict is heard, and which outcome it stands for."""

from datetime import timedelta

import pytest

from server.domain.attempt import AttemptKind, AttemptStatus
from server.domain.errors import InvalidState, ValidationError
from server.domain.outcomes import Approved, Canceled, Outcome, Refused
from server.domain.payment import PaymentStatus
from server.domain.resolution import RESOLVABLE_AFTER, Resolution, Verdict, outcome_of, resolvable
from tests.builders import NOON, a_payment, an_attempt

A_DAY_LATER = NOON + RESOLVABLE_AFTER
A_MOMENT = timedelta(seconds=1)


@pytest.mark.parametrize("status", [status for status in PaymentStatus if status is not PaymentStatus.PROCESSING])
def test_a_payment_that_is_not_processing_needs_no_verdict(status: PaymentStatus) -> None:
    """Whatever its attempts say."""
    payment = a_payment(status=status)
    unknown = an_attempt(payment, status=AttemptStatus.NEEDS_REVIEW)
    with pytest.raises(InvalidState, match=status.value):
        resolvable(payment, unknown, A_DAY_LATER)


def test_a_payment_that_the_gateway_works_on_needs_no_verdict() -> None:
    """It is `processing`, and every outcome is known."""
    with pytest.raises(InvalidState, match="works on"):
        resolvable(a_payment(), None, A_DAY_LATER)


def test_a_verdict_is_heard_after_a_day() -> None:
    """Until then the refusal says from when."""
    payment = a_payment()
    unknown = an_attempt(payment)
    with pytest.raises(InvalidState, match="from 2024-01-16T12:00:00Z"):
        resolvable(payment, unknown, A_DAY_LATER - A_MOMENT)
    assert resolvable(payment, unknown, A_DAY_LATER) == unknown


def test_a_verdict_is_heard_at_once_on_what_was_given_up() -> None:
    """Nobody else asks any more."""
    payment = a_payment()
    given_up = an_attempt(payment, status=AttemptStatus.NEEDS_REVIEW)
    assert resolvable(payment, given_up, NOON) == given_up


@pytest.mark.parametrize(
    ("verdict", "outcome"),
    [
        (Verdict.SUCCEEDED, Approved("gp_1", 1250, captured=True)),
        (Verdict.FAILED, Refused("an operator found that no money moved", "gp_1")),
        (Verdict.CANCELED, Canceled("gp_1")),
    ],
)
@pytest.mark.parametrize("given", [None, "gp_1"])
def test_a_verdict_is_an_outcome(verdict: Verdict, outcome: Outcome, given: str | None) -> None:
    """Of all the money that the attempt was for, under the number that is known; it may be repeated."""
    attempt = an_attempt(a_payment(authorised=True), AttemptKind.CAPTURE, amount="12.50")
    assert outcome_of(Resolution(verdict, "evidence", given), attempt) == outcome


def test_only_what_succeeded_needs_a_number() -> None:
    """VALIDATION_ERROR names the field; what was never charged may never have had one."""
    attempt = an_attempt(a_payment())
    with pytest.raises(ValidationError) as refused:
        outcome_of(Resolution(Verdict.SUCCEEDED, "evidence"), attempt)
    assert refused.value.field == "gateway_payment_id"
    assert outcome_of(Resolution(Verdict.SUCCEEDED, "evidence", "gp_9"), attempt) == Approved("gp_9", 5949, True)
    assert outcome_of(Resolution(Verdict.CANCELED, "evidence"), attempt) == Canceled(None)


@pytest.mark.parametrize("verdict", Verdict)
def test_evidence_of_another_payment_is_refused(verdict: Verdict) -> None:
    """The gateway gave this one a number, and it is another."""
    attempt = an_attempt(a_payment(authorised=True), AttemptKind.CAPTURE)
    with pytest.raises(ValidationError) as refused:
        outcome_of(Resolution(verdict, "evidence", "gp_2"), attempt)
    assert refused.value.field == "gateway_payment_id"
