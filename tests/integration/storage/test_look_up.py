"""A look-up by key sees what is committed, changes nothing, and never waits for a lock."""

import asyncio

import pytest

from server.domain.errors import PaymentNotFound
from server.domain.ports import Store, Transaction
from tests.integration.storage.builders import a_payment


async def test_a_look_up_sees_what_was_committed(any_store: Store) -> None:
    """At once after the commit, as the caller that wrote it may ask next."""
    payment = a_payment(1)
    await any_store.transaction(lambda tx: tx.payments.insert(payment))
    assert await any_store.look_up(lambda tx: tx.payments.get(payment.merchant_id, payment.id)) == payment


async def test_a_look_up_raises_what_it_finds(any_store: Store) -> None:
    """And the next one works as before."""
    payment = a_payment(1)
    for _ in range(2):
        with pytest.raises(PaymentNotFound):
            await any_store.look_up(lambda tx: tx.payments.get(payment.merchant_id, payment.id))


async def test_look_ups_go_on_beside_a_writer(any_store: Store) -> None:
    """Each sees a snapshot: never half of a transaction."""
    payments = [a_payment(number) for number in range(20)]

    def write(tx: Transaction) -> None:
        for payment in payments:
            tx.payments.insert(payment)

    def count(tx: Transaction) -> int:
        found = 0
        for payment in payments:
            try:
                tx.payments.get(payment.merchant_id, payment.id)
            except PaymentNotFound:
                continue
            found += 1
        return found

    writing = asyncio.create_task(any_store.transaction(write))
    seen = {await any_store.look_up(count) for _ in range(50)}
    await writing
    assert seen <= {0, len(payments)}
    assert await any_store.look_up(count) == len(payments)
