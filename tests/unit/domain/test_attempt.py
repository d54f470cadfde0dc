"""What became of an attempt: only an answer that says so ends it."""

from datetime import timedelta

import pytest

from server.domain.attempt import AttemptKind, AttemptStatus
from server.domain.outcomes import (
    Approved,
    Canceled,
    Declined,
    DeclineReason,
    NotSent,
    Outcome,
    Refused,
    Unknown,
    Waiting,
)
from tests.builders import NOON, a_payment, an_attempt

LATER = NOON + timedelta(seconds=5)


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (Approved("gp_1", 5949, captured=True), AttemptStatus.APPROVED),
        (Approved("gp_1", 5949, captured=False), AttemptStatus.APPROVED),
        (Canceled("gp_1"), AttemptStatus.CANCELED),
        (Declined(DeclineReason.INSUFFICIENT_FUNDS, "no"), AttemptStatus.DECLINED),
        (Refused("no"), AttemptStatus.REFUSED),
        (NotSent("no"), AttemptStatus.NOT_SENT),
    ],
)
@pytest.mark.parametrize("kind", AttemptKind)
def test_an_answer_ends_an_attempt(kind: AttemptKind, outcome: Outcome, status: AttemptStatus) -> None:
    """Its outcome is known for good."""
    settled = an_attempt(a_payment(), kind).settle(outcome, LATER)
    assert (settled.status, settled.final) == (status, True)


@pytest.mark.parametrize(
    "status", [AttemptStatus.IN_FLIGHT, AttemptStatus.WAITING, AttemptStatus.NEEDS_REVIEW], ids=str
)
def test_an_unknown_outcome_ends_nothing(status: AttemptStatus) -> None:
    """However often the gateway does not tell, the attempt stays what it was."""
    settled = an_attempt(a_payment(), status=status).settle(Unknown("lost"), LATER)
    assert (settled.status, settled.final) == (status, False)


def test_an_authorisation_may_wait_for_the_customer() -> None:
    """It has a number at the gateway from then on, and is read instead of sent again."""
    settled = an_attempt(a_payment()).settle(Waiting("gp_7"), LATER)
    assert (settled.status, settled.final, settled.gateway_payment_id) == (AttemptStatus.WAITING, False, "gp_7")


@pytest.mark.parametrize("kind", [AttemptKind.CAPTURE, AttemptKind.VOID])
def test_a_capture_or_a_void_does_not_wait(kind: AttemptKind) -> None:
    """That the payment waits says nothing of the operation, which is asked for until it happened or was refused."""
    settled = an_attempt(a_payment(authorised=True), kind).settle(Waiting("gp_1"), LATER)
    assert settled.status is AttemptStatus.IN_FLIGHT


def test_giving_up_asking_is_no_outcome() -> None:
    """A person must find out; the attempt is not failed, and a late answer still counts."""
    given_up = an_attempt(a_payment()).give_up_asking(LATER)
    assert (given_up.status, given_up.final) == (AttemptStatus.NEEDS_REVIEW, False)
    late = given_up.settle(Approved("gp_1", 5949, captured=True), LATER)
    assert late.status is AttemptStatus.APPROVED


def test_the_stored_request_never_changes() -> None:
    """It is sent again byte for byte."""
    given = {"payment_method": "tok_good"}
    attempt = an_attempt(a_payment(), request=given)
    given["payment_method"] = "tok_other"
    assert attempt.request == {"payment_method": "tok_good"}
    with pytest.raises(TypeError):
        attempt.request["payment_method"] = "tok_other"  # type: ignore[index]


def test_an_answer_without_a_number_keeps_the_known_one() -> None:
    """A decline may come without the gateway's number of the payment."""
    attempt = an_attempt(a_payment(authorised=True), AttemptKind.CAPTURE)
    assert attempt.settle(Declined(DeclineReason.CARD_DECLINED, "no"), LATER).gateway_payment_id == "gp_1"
