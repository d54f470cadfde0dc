"""Payments as the port promises them, on every implementation: in memory, SQLite, PostgreSQL."""

import asyncio
from dataclasses import fields, replace
from datetime import timedelta
from uuid import UUID

import pytest

from server.domain.errors import PaymentNotFound
from server.domain.payment import Payment, PaymentStatus
from server.domain.ports import StaleVersion, Store, Transaction, UniqueViolation
from tests.integration.storage.builders import MERCHANT, OTHER_MERCHANT, a_full_payment, a_payment


async def stored(store: Store, payment: Payment) -> Payment:
    """The payment as a later reader finds it."""
    return await store.read(lambda tx: tx.payments.get(payment.merchant_id, payment.id))


@pytest.mark.parametrize("payment", [a_payment(1), a_full_payment(1)], ids=["sparse", "full"])
async def test_a_payment_is_read_as_it_was_stored(any_store: Store, payment: Payment) -> None:
    """Every field, present or absent, in its type, with the order of its keys."""
    await any_store.transaction(lambda tx: tx.payments.insert(payment))
    found = await stored(any_store, payment)
    assert found == payment
    assert list(found.metadata) == list(payment.metadata)


def test_the_full_payment_leaves_no_field_out() -> None:
    """The test above is only as good as its example."""
    full = a_full_payment(1)
    assert [field.name for field in fields(full) if getattr(full, field.name) in (None, {}, 0)] == []


async def test_an_update_stores_what_verbs_change(any_store: Store) -> None:
    """Everything that may change after creation, and one more to the version."""
    before, after = a_payment(1), a_full_payment(1)
    after = replace(
        after,
        **{
            name: getattr(before, name)
            for name in ("order_id", "mall_order_id", "intent_id", "customer_id", "metadata")
        },
        status=PaymentStatus.SUCCEEDED,
        updated_at=before.updated_at + timedelta(seconds=5),
    )
    await any_store.transaction(lambda tx: tx.payments.insert(before))
    await any_store.transaction(lambda tx: tx.payments.update(after))
    assert await stored(any_store, before) == replace(after, version=2)


async def test_an_update_of_an_old_version_is_refused(any_store: Store) -> None:
    """The second of two that read the same version changes nothing."""
    payment = a_payment(1)
    await any_store.transaction(lambda tx: tx.payments.insert(payment))
    await any_store.transaction(lambda tx: tx.payments.update(payment))
    with pytest.raises(StaleVersion):
        await any_store.transaction(lambda tx: tx.payments.update(replace(payment, status=PaymentStatus.FAILED)))
    assert await stored(any_store, payment) == replace(payment, version=2)


async def test_another_merchants_payment_does_not_exist(any_store: Store) -> None:
    """It is not found, not locked and not updated."""
    payment = a_payment(1)
    await any_store.transaction(lambda tx: tx.payments.insert(payment))
    with pytest.raises(PaymentNotFound):
        await any_store.read(lambda tx: tx.payments.get(OTHER_MERCHANT, payment.id))
    with pytest.raises(PaymentNotFound):
        await any_store.transaction(lambda tx: tx.payments.lock(OTHER_MERCHANT, payment.id))
    with pytest.raises(PaymentNotFound):
        await any_store.read(lambda tx: tx.payments.get(MERCHANT, UUID(int=0)))


@pytest.mark.parametrize(
    ("second", "constraint"),
    [
        (replace(a_payment(1), reference="ANOTHER"), "pk_payments"),
        (replace(a_payment(2), reference="REF1"), "uq_payments_reference"),
    ],
)
async def test_an_id_and_a_reference_are_taken_once(any_store: Store, second: Payment, constraint: str) -> None:
    """The violation says which, by the same name everywhere."""
    await any_store.transaction(lambda tx: tx.payments.insert(a_payment(1)))
    with pytest.raises(UniqueViolation) as violation:
        await any_store.transaction(lambda tx: tx.payments.insert(second))
    assert violation.value.constraint == constraint


async def test_a_reference_may_be_used_again_by_another_merchant_or_gateway(any_store: Store) -> None:
    """It is unique per merchant and gateway."""
    for payment in (
        a_payment(1),
        replace(a_payment(2), reference="REF1", gateway="alipay"),
        replace(a_payment(3), reference="REF1", merchant_id=OTHER_MERCHANT),
    ):
        await any_store.transaction(lambda tx, row=payment: tx.payments.insert(row))  # type: ignore[misc]


async def test_locked_changes_of_one_payment_follow_one_another(any_store: Store) -> None:
    """Concurrent captures of a lock see each other's version; none is stale."""
    payment = a_payment(1)
    await any_store.transaction(lambda tx: tx.payments.insert(payment))

    def advance(tx: Transaction) -> None:
        locked = tx.payments.lock(MERCHANT, payment.id)
        tx.payments.update(replace(locked, sequence=locked.sequence + 1))

    await asyncio.gather(*(any_store.transaction(advance) for _ in range(20)))
    found = await stored(any_store, payment)
    assert (found.sequence, found.version) == (20, 21)


async def test_a_payment_is_found_by_its_number(any_store: Store) -> None:
    """At its gateway, by its merchant."""
    payment = a_payment(1)
    await any_store.transaction(lambda tx: tx.payments.insert(payment))
    own = (payment.merchant_id, payment.gateway, payment.reference)
    assert await any_store.look_up(lambda tx: tx.payments.find_by_reference(*own)) == payment
    for other in ((OTHER_MERCHANT, *own[1:]), (MERCHANT, "paypal", own[2]), (*own[:2], f"{own[2]}_2")):
        assert await any_store.look_up(lambda tx, o=other: tx.payments.find_by_reference(*o)) is None  # type: ignore[misc]
