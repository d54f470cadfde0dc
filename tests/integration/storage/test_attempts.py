"""Attempts, the books and the outbox: what may be there only once."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.attempt import Attempt, AttemptKind, AttemptStatus
from server.domain.ledger import Posting
from server.domain.ports import Store, Transaction, UniqueViolation
from tests.integration.storage.builders import (
    MERCHANT,
    NOON,
    OTHER_MERCHANT,
    a_payment,
    an_attempt,
    an_event,
    an_id,
)

PAYMENT = a_payment(1)


async def given_attempts(store: Store, *attempts: Attempt) -> None:
    """A stored payment with these attempts."""

    def insert(tx: Transaction) -> None:
        tx.payments.insert(PAYMENT)
        for attempt in attempts:
            tx.attempts.insert(attempt)

    await store.transaction(insert)


async def test_an_attempt_is_read_as_it_was_stored(any_store: Store) -> None:
    """The request's parameters keep their order: they are sent again byte for byte."""
    attempt = an_attempt(10, PAYMENT, gateway_payment_id="pi_1", reason="CARD_DECLINED", message="declined")
    await given_attempts(any_store, attempt)
    found = await any_store.read(lambda tx: tx.attempts.find(MERCHANT, attempt.id))
    assert found == attempt
    assert list(found.request) == ["z", "a"]
    assert await any_store.read(lambda tx: tx.attempts.find(OTHER_MERCHANT, attempt.id)) is None
    assert await any_store.read(lambda tx: tx.attempts.find(MERCHANT, an_id(404))) is None


async def test_an_update_stores_what_became_of_an_attempt(any_store: Store) -> None:
    """Its status and what the gateway said."""
    attempt = an_attempt(10, PAYMENT)
    settled = replace(
        attempt,
        status=AttemptStatus.DECLINED,
        gateway_payment_id="pi_1",
        reason="CARD_DECLINED",
        message="declined",
        updated_at=NOON + timedelta(minutes=1),
    )
    await given_attempts(any_store, attempt)
    await any_store.transaction(lambda tx: tx.attempts.update(settled))
    assert await any_store.read(lambda tx: tx.attempts.find(MERCHANT, attempt.id)) == settled


@pytest.mark.parametrize("first", [AttemptStatus.IN_FLIGHT, AttemptStatus.NEEDS_REVIEW])
@pytest.mark.parametrize("second", [AttemptStatus.IN_FLIGHT, AttemptStatus.NEEDS_REVIEW])
async def test_a_payment_has_one_attempt_of_unknown_outcome(
    any_store: Store, first: AttemptStatus, second: AttemptStatus
) -> None:
    """Another one beside it could charge twice."""
    await given_attempts(any_store, an_attempt(10, PAYMENT, status=first))
    with pytest.raises(UniqueViolation) as violation:
        await any_store.transaction(lambda tx: tx.attempts.insert(an_attempt(11, PAYMENT, status=second)))
    assert violation.value.constraint == "uq_attempts_in_flight"


@pytest.mark.parametrize("status", sorted(set(AttemptStatus) - {AttemptStatus.IN_FLIGHT, AttemptStatus.NEEDS_REVIEW}))
async def test_another_attempt_may_follow_a_known_outcome(any_store: Store, status: AttemptStatus) -> None:
    """Also one that waits for the customer."""
    await given_attempts(any_store, an_attempt(10, PAYMENT, status=status), an_attempt(11, PAYMENT))


async def test_a_reference_is_authorised_once(any_store: Store) -> None:
    """A capture speaks of its authorisation's reference; a second authorisation may not."""
    first = an_attempt(10, PAYMENT, status=AttemptStatus.APPROVED)
    await given_attempts(any_store, first)
    capture = an_attempt(11, PAYMENT, kind=AttemptKind.CAPTURE, reference=first.reference)
    await any_store.transaction(lambda tx: tx.attempts.insert(replace(capture, status=AttemptStatus.APPROVED)))
    again = an_attempt(12, PAYMENT, reference=first.reference)
    with pytest.raises(UniqueViolation) as violation:
        await any_store.transaction(lambda tx: tx.attempts.insert(again))
    assert violation.value.constraint == "uq_attempts_reference"


async def test_the_latest_authorisation_is_the_last_made(any_store: Store) -> None:
    """Captures and voids that came later are not it."""
    declined, approved = AttemptStatus.DECLINED, AttemptStatus.APPROVED
    latest = an_attempt(11, PAYMENT, status=approved)
    await given_attempts(
        any_store,
        an_attempt(10, PAYMENT, status=declined),
        latest,
        an_attempt(12, PAYMENT, kind=AttemptKind.CAPTURE, status=approved),
    )
    assert await any_store.read(lambda tx: tx.attempts.latest_authorisation(MERCHANT, PAYMENT.id)) == latest


async def test_a_source_is_posted_once_of_a_kind(any_store: Store) -> None:
    """A settlement that runs twice earns once."""
    posting = Posting.charge(PAYMENT.id, "stripe", PAYMENT.money)
    await any_store.transaction(lambda tx: tx.ledger.post(MERCHANT, posting, an_id(20), NOON))
    with pytest.raises(UniqueViolation):
        await any_store.transaction(lambda tx: tx.ledger.post(MERCHANT, posting, an_id(21), NOON))


async def test_an_objects_events_are_numbered_once(any_store: Store) -> None:
    """Two events with one number would hide one of two changes."""
    await any_store.transaction(lambda tx: tx.events.append(an_event(30, PAYMENT.id, 1)))
    await any_store.transaction(lambda tx: tx.events.append(an_event(31, PAYMENT.id, 2)))
    with pytest.raises(UniqueViolation) as violation:
        await any_store.transaction(lambda tx: tx.events.append(an_event(32, PAYMENT.id, 2)))
    assert violation.value.constraint == "uq_events_sequence"


@pytest.mark.parametrize("status", AttemptStatus)
async def test_an_unknown_outcome_is_found(any_store: Store, status: AttemptStatus) -> None:
    """In flight or given up for review, by its merchant alone; what is known is not found."""
    unknown = an_attempt(11, PAYMENT, kind=AttemptKind.CAPTURE, status=status)
    await given_attempts(any_store, an_attempt(10, PAYMENT, status=AttemptStatus.APPROVED), unknown)
    wanted = unknown if status in {AttemptStatus.IN_FLIGHT, AttemptStatus.NEEDS_REVIEW} else None
    assert await any_store.read(lambda tx: tx.attempts.unknown(MERCHANT, PAYMENT.id)) == wanted
    assert await any_store.read(lambda tx: tx.attempts.unknown(OTHER_MERCHANT, PAYMENT.id)) is None
    assert await any_store.read(lambda tx: tx.attempts.unknown(MERCHANT, an_id(404))) is None


async def test_tries_are_counted_by_their_references(any_store: Store) -> None:
    """Not by their ids, which tell when their calls began: the tenth is behind the second. The one that pays has the payment's own number."""
    numbers = {5: "REF", 4: "REF_2", 3: "REF_10", 2: "REF_9"}
    tries = [
        an_attempt(number, PAYMENT, reference=reference, status=AttemptStatus.DECLINED)
        for number, reference in numbers.items()
    ]

    def insert(tx: Transaction) -> None:
        tx.payments.insert(PAYMENT)
        for attempt in tries:
            tx.attempts.insert(attempt)
        tx.attempts.insert(an_attempt(9, PAYMENT, kind=AttemptKind.VOID, reference="REF_11"))

    await any_store.transaction(insert)
    latest = tries[2]
    assert await any_store.read(lambda tx: tx.attempts.tries(MERCHANT, PAYMENT.id)) == len(tries)
    assert await any_store.read(lambda tx: tx.attempts.tries(OTHER_MERCHANT, PAYMENT.id)) == 0
    assert await any_store.read(lambda tx: tx.attempts.latest_authorisation(MERCHANT, PAYMENT.id)) == latest
    await any_store.transaction(lambda tx: tx.attempts.update(replace(latest, status=AttemptStatus.APPROVED)))
    assert await any_store.read(lambda tx: tx.attempts.paying(PAYMENT.under("REF_2"))) == tries[1]
    with pytest.raises(LookupError):
        await any_store.read(lambda tx: tx.attempts.paying(PAYMENT.under("REF_11")))
    assert await any_store.read(lambda tx: tx.attempts.latest_authorisation(MERCHANT, PAYMENT.id)) == replace(
        latest, status=AttemptStatus.APPROVED
    )
