"""What each answer changes, for every kind of attempt and every state of a payment: the whole table."""

from datetime import timedelta
from itertools import product

import pytest

from server.domain.attempt import AttemptKind
from server.domain.events import EventType
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
from server.domain.payment import Payment, PaymentStatus
from server.domain.settlement import AUTHORISATION_VALID_FOR, CUSTOMER_MAY_TAKE, settle
from tests.builders import A_CHALLENGE, NOON, a_payment, an_attempt

LATER = NOON + timedelta(minutes=5)

OUTCOMES: dict[str, Outcome] = {
    "taken": Approved("gp_1", 5949, captured=True),
    "held": Approved("gp_1", 5949, captured=False),
    "ended": Canceled("gp_1"),
    "asks": Waiting("gp_1", A_CHALLENGE),
    "works": Waiting("gp_1"),
    "declined": Declined(DeclineReason.CARD_DECLINED, "no"),
    "refused": Refused("no"),
    "not sent": NotSent("no"),
    "unknown": Unknown("lost"),
}

STATES: dict[str, Payment] = {
    "new": a_payment(),
    "asking": a_payment(next_action=A_CHALLENGE),
    "working": a_payment(gateway_payment_id="gp_1"),
    "held": a_payment(authorised=True),
    "held, operated on": a_payment(authorised=True, status=PaymentStatus.PROCESSING),
    "asking, operated on": a_payment(next_action=A_CHALLENGE, status=PaymentStatus.PROCESSING),
    "succeeded": a_payment(captured="59.49"),
    "refunded": a_payment(captured="59.49", status=PaymentStatus.REFUNDED),
    "failed": a_payment(status=PaymentStatus.FAILED),
    "canceled": a_payment(status=PaymentStatus.CANCELED),
}

# What the payment becomes; `.` changes nothing, `+` says that its money is reserved from then on.
OF_AUTHORISE = """
                        taken      held         ended     asks     works       declined  refused   not sent  unknown
    new                 succeeded  pending+     canceled  pending  processing  failed    failed    failed    .
    asking              succeeded  pending+     canceled  .        processing  failed    failed    failed    .
    working             succeeded  pending+     canceled  pending  .           failed    failed    failed    .
    held                succeeded  .            canceled  .        .           .         .         .         .
    held, operated on   succeeded  .            canceled  .        .           .         .         .         .
    asking, operated on succeeded  processing+  canceled  .        .           failed    failed    failed    .
    succeeded           .          .            .         .        .           .         .         .         .
    refunded            .          .            .         .        .           .         .         .         .
    failed              succeeded  .            .         .        .           .         .         .         .
    canceled            succeeded  .            .         .        .           .         .         .         .
"""

OF_CAPTURE_AND_VOID = """
                        taken      held         ended     asks     works       declined  refused   not sent  unknown
    new                 succeeded  pending+     canceled  .        .           .         .         .         .
    asking              succeeded  pending+     canceled  .        .           .         .         .         .
    working             succeeded  pending+     canceled  .        .           .         .         .         .
    held                succeeded  .            canceled  .        .           .         .         .         .
    held, operated on   succeeded  pending      canceled  .        .           pending   pending   pending   .
    asking, operated on succeeded  pending+     canceled  .        .           pending   pending   pending   .
    succeeded           .          .            .         .        .           .         .         .         .
    refunded            .          .            .         .        .           .         .         .         .
    failed              succeeded  .            .         .        .           .         .         .         .
    canceled            succeeded  .            .         .        .           .         .         .         .
"""


def _cells(table: str, *kinds: AttemptKind) -> list[tuple[AttemptKind, str, str, str]]:
    rows = table.strip("\n").splitlines()[1:]
    cells = [(row[4:24].strip(), row[24:].split()) for row in rows]
    assert [state for state, _ in cells] == list(STATES)
    assert all(len(row) == len(OUTCOMES) for _, row in cells)
    return [
        (kind, state, outcome, becomes)
        for kind in kinds
        for state, row in cells
        for outcome, becomes in zip(OUTCOMES, row, strict=True)
    ]


@pytest.mark.parametrize(
    ("kind", "state", "outcome", "becomes"),
    _cells(OF_AUTHORISE, AttemptKind.AUTHORISE) + _cells(OF_CAPTURE_AND_VOID, AttemptKind.CAPTURE, AttemptKind.VOID),
)
def test_an_answer_changes_what_the_table_says(kind: AttemptKind, state: str, outcome: str, becomes: str) -> None:
    """A payment becomes what the gateway's answer makes of it in that state, or stays exactly as it is."""
    before = STATES[state]
    change = settle(before, an_attempt(before, kind), OUTCOMES[outcome], LATER)
    if becomes == ".":
        assert change is None
        return
    assert change is not None
    after = change.payment
    assert after.status == becomes.removesuffix("+")
    assert after.authorised == (before.authorised or becomes.endswith("+") or becomes == "succeeded")
    assert after.updated_at == LATER


@pytest.mark.parametrize("state", STATES)
def test_an_answer_that_came_twice_changes_nothing_more(state: str) -> None:
    """Repeats are acknowledged and leave everything as it is, `updated_at` included."""
    before = STATES[state]
    for kind, outcome in product(AttemptKind, OUTCOMES.values()):
        change = settle(before, an_attempt(before, kind), outcome, LATER)
        if change is not None:
            again = settle(change.payment, an_attempt(before, kind), outcome, LATER + CUSTOMER_MAY_TAKE)
            assert again is None, (kind, outcome)


@pytest.mark.parametrize("state", STATES)
def test_money_is_posted_exactly_when_it_is_captured(state: str) -> None:
    """A posting comes with a capture and with nothing else, and is the captured amount."""
    before = STATES[state]
    for kind, outcome in product(AttemptKind, OUTCOMES.values()):
        change = settle(before, an_attempt(before, kind), outcome, LATER)
        if change is None:
            continue
        assert (change.posting is not None) == (change.payment.captured and not before.captured), (kind, outcome)
        if change.posting is not None:
            assert max(entry.amount_minor for entry in change.posting.entries) == change.payment.captured_minor


def test_what_the_gateway_took_is_what_was_captured() -> None:
    """Its amount counts, not the one that was asked for."""
    payment = a_payment(authorised=True, status=PaymentStatus.PROCESSING)
    change = settle(payment, an_attempt(payment, AttemptKind.CAPTURE), Approved("gp_1", 1250, captured=True), LATER)
    assert change is not None
    assert change.payment.captured_minor == 1250


def test_money_taken_after_the_end_is_not_dropped() -> None:
    """A customer who pays while we cancel has paid: the payment says so, and no longer that it is canceled."""
    ended = a_payment(next_action=A_CHALLENGE).cancel("gp_1", NOON).payment
    change = settle(ended, an_attempt(ended), OUTCOMES["taken"], LATER)
    assert change is not None
    assert change.posting is not None
    assert (change.payment.status, change.payment.canceled_at) == (PaymentStatus.SUCCEEDED, None)
    assert (EventType.PAYMENT_SUCCEEDED, ended.sequence + 1) in change.events


@pytest.mark.parametrize("reason", DeclineReason)
def test_a_decline_is_kept_with_its_reason(reason: DeclineReason) -> None:
    """The payment is kept as `failed` and says why in the contract's words."""
    payment = a_payment()
    change = settle(payment, an_attempt(payment), Declined(reason, "The issuer said no.", "gp_9"), LATER)
    assert change is not None
    failed = change.payment
    assert (failed.failure_code, failed.failure_message) == (reason.value, "The issuer said no.")
    assert failed.gateway_payment_id == "gp_9"
    assert change.events == ((EventType.PAYMENT_FAILED, 2),)


@pytest.mark.parametrize(
    ("outcome", "code"), [(Refused("no"), "GATEWAY_ERROR"), (NotSent("no"), "GATEWAY_UNAVAILABLE")]
)
def test_a_technical_failure_is_kept_with_its_code(outcome: Outcome, code: str) -> None:
    """It is not the customer's fault, and the code says so."""
    payment = a_payment()
    change = settle(payment, an_attempt(payment), outcome, LATER)
    assert change is not None
    assert change.payment.failure_code == code


def test_reserved_money_waits_for_its_capture_so_long() -> None:
    """As long as card networks hold it."""
    payment = a_payment(next_action=A_CHALLENGE, expires_at=NOON + CUSTOMER_MAY_TAKE)
    change = settle(payment, an_attempt(payment), OUTCOMES["held"], LATER)
    assert change is not None
    assert change.payment.expires_at == LATER + AUTHORISATION_VALID_FOR


def test_reserving_again_does_not_prolong() -> None:
    """The hold is as old as it is, whatever was tried since."""
    expires_at = NOON + AUTHORISATION_VALID_FOR
    payment = a_payment(authorised=True, status=PaymentStatus.PROCESSING, expires_at=expires_at)
    change = settle(payment, an_attempt(payment, AttemptKind.CAPTURE), OUTCOMES["held"], LATER)
    assert change is not None
    assert change.payment.expires_at == expires_at


def test_a_customer_may_take_as_long_as_the_gateway_says() -> None:
    """An hour where it says nothing."""
    payment, until = a_payment(), NOON + timedelta(minutes=15)
    told = settle(payment, an_attempt(payment), Waiting("gp_1", A_CHALLENGE, until), LATER)
    untold = settle(payment, an_attempt(payment), Waiting("gp_1", A_CHALLENGE), LATER)
    assert told is not None
    assert untold is not None
    assert (told.payment.expires_at, untold.payment.expires_at) == (until, LATER + CUSTOMER_MAY_TAKE)
