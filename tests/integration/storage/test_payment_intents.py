"""Payment intents as the port promises them: read as stored, listed newest first, never forgotten, and with a payment of their own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.errors import PaymentIntentNotFound
from server.domain.listing import Cursor, IntentFilter, IntentQuery
from server.domain.money import Money
from server.domain.outcomes import NextAction, NextActionKind
from server.domain.payment import CaptureMethod, ConfirmationMethod, FutureUsage, PaymentMethodKind
from server.domain.payment_intent import IntentError, IntentStatus, PaymentIntent
from server.domain.ports import Store, Transaction, UniqueViolation
from server.storage.errors import ConstraintViolated, StorageError
from server.storage.store import SqlStore
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, a_payment, an_id
from tests.integration.storage.test_migrations import execute

LATER = NOON + timedelta(days=1)


def an_intent(number: int, **changes: object) -> PaymentIntent:
    """An intent that was just created, `number` seconds after noon."""
    intent = PaymentIntent(
        id=an_id(number),
        merchant_id=MERCHANT,
        money=Money.parse("59.49", "USD"),
        gateway="stripe",
        kind=PaymentMethodKind.CARD,
        created_at=NOON + timedelta(seconds=number),
        updated_at=NOON + timedelta(seconds=number),
    )
    return replace(intent, **changes)  # type: ignore[arg-type]


def a_full_intent(number: int) -> PaymentIntent:
    """With a value in every field."""
    return an_intent(
        number,
        capture_method=CaptureMethod.MANUAL,
        confirmation_method=ConfirmationMethod.MANUAL,
        setup_future_usage=FutureUsage.OFF_SESSION,
        customer_id=an_id(901),
        method_id=an_id(902),
        return_url="https://shop.example/back",
        metadata={"z": "1", "a": "2"},
        status=IntentStatus.REQUIRES_ACTION,
        payment_id=an_id(900),
        gateway_payment_id="pi_1",
        next_action=NextAction(NextActionKind.REDIRECT, "https://bank.example"),
        error=IntentError("CARD_DECLINED", "no"),
        canceled_at=LATER,
    )


async def given(store: Store, *intents: PaymentIntent) -> None:
    """Those intents, and a payment that one of them may lead to."""

    def insert(tx: Transaction) -> None:
        tx.payments.insert(a_payment(900))
        for intent in intents:
            tx.intents.insert(intent)

    await store.transaction(insert)


async def test_one_is_read_as_it_was_stored(any_store: Store) -> None:
    """Every field, for its merchant alone."""
    full, plain = a_full_intent(1), an_intent(2)
    await given(any_store, full, plain)
    for read in (any_store.read, any_store.look_up, any_store.transaction):
        for intent in (full, plain):
            found = await read(lambda tx, id=intent.id: tx.intents.get(MERCHANT, id))  # type: ignore[misc]
            assert found == intent
            assert list(found.metadata) == list(intent.metadata)
        assert await read(lambda tx: tx.intents.find(OTHER_MERCHANT, full.id)) is None
    assert await any_store.transaction(lambda tx: tx.intents.lock(MERCHANT, full.id)) == full
    for merchant, id in ((MERCHANT, an_id(404)), (OTHER_MERCHANT, full.id)):
        with pytest.raises(PaymentIntentNotFound):
            await any_store.read(lambda tx, of=(merchant, id): tx.intents.get(*of))  # type: ignore[misc]


async def test_an_update_stores_what_became_of_one(any_store: Store) -> None:
    """What it was created with stays."""
    await given(any_store, an_intent(1))
    as_created = ("capture_method", "confirmation_method", "setup_future_usage", "metadata")
    changed = replace(a_full_intent(1), **{name: getattr(an_intent(1), name) for name in as_created})
    await any_store.transaction(lambda tx: tx.intents.update(changed))
    assert await any_store.read(lambda tx: tx.intents.get(MERCHANT, changed.id)) == changed


async def test_a_payment_belongs_to_one_intent(any_store: Store) -> None:
    """The database itself refuses a second one, and a payment that is not there."""
    await given(any_store, an_intent(1, payment_id=an_id(900)), an_intent(2))
    with pytest.raises(UniqueViolation) as refused:
        await any_store.transaction(lambda tx: tx.intents.update(an_intent(2, payment_id=an_id(900))))
    assert refused.value.constraint == "uq_payment_intents_payment"


async def test_an_intents_payment_must_be_there(store: SqlStore) -> None:
    """A foreign key."""
    await given(store, an_intent(1))
    with pytest.raises(ConstraintViolated):
        await store.transaction(lambda tx: tx.intents.update(an_intent(1, payment_id=an_id(404))))


async def test_intents_are_listed_newest_first(any_store: Store) -> None:
    """By pages and behind a cursor, with filters; nobody else's."""
    intents = [
        an_intent(
            number,
            status=IntentStatus.SUCCEEDED if number % 2 else IntentStatus.CANCELED,
            customer_id=an_id(901) if number > 3 else None,
            gateway="paypal" if number == 2 else "stripe",
        )
        for number in range(1, 7)
    ]
    await given(any_store, *intents, an_intent(8, merchant_id=OTHER_MERCHANT))

    async def listed(wanted: IntentFilter, **page: object) -> tuple[list[int], int | None, Cursor | None]:
        query = IntentQuery(wanted, **page)  # type: ignore[arg-type]
        found = await any_store.read(lambda tx: tx.intents.list(MERCHANT, query))
        return [intents.index(item) + 1 for item in found.items], found.total, found.next

    assert await listed(IntentFilter()) == ([6, 5, 4, 3, 2, 1], 6, None)
    assert await listed(IntentFilter(), per_page=2) == ([6, 5], 6, Cursor(an_id(5)))
    assert await listed(IntentFilter(), per_page=2, page=3) == ([2, 1], 6, None)
    assert await listed(IntentFilter(), per_page=2, after=Cursor(an_id(5))) == ([4, 3], None, Cursor(an_id(3)))
    assert (await listed(IntentFilter(status=IntentStatus.SUCCEEDED)))[0] == [5, 3, 1]
    assert (await listed(IntentFilter(customer_id=an_id(901))))[0] == [6, 5, 4]
    assert (await listed(IntentFilter(gateway="paypal")))[0] == [2]
    between = IntentFilter(created_after=NOON + timedelta(seconds=2), created_before=NOON + timedelta(seconds=5))
    assert await listed(between) == ([4, 3], 2, None)


async def test_no_intent_is_ever_deleted(store: SqlStore) -> None:
    """Not even by hand."""
    await given(store, an_intent(1))
    with pytest.raises(StorageError):
        await execute(store, "DELETE FROM payment_intents")
