"""Refunds: stored with their payment, found by every number, and kept within what was captured by the database itself."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.listing import PaymentFilter, PaymentQuery
from server.domain.payment import Payment
from server.domain.ports import Store, Transaction, UniqueViolation
from server.domain.refund import Refund, RefundFailure, RefundReason
from server.domain.refunding import RefundChange, begin_refund
from server.storage.errors import ConstraintViolated
from server.storage.prepared import Prepared, Record
from server.storage.session import Session
from server.storage.store import SqlStore
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, a_payment, a_refund, an_id

CAPTURED = a_payment(1, captured_minor=5949, captured_at=NOON, authorised=True)


def begun(tx: Transaction, refund: Refund) -> RefundChange:
    """Stores a refund of a stored payment."""
    change = begin_refund(tx.payments.lock(MERCHANT, refund.payment_id), refund)
    tx.payments.update(change.payment)
    tx.refunds.insert(change.refund)
    return change


async def given(store: Store, *refunds: Refund, payment: Payment = CAPTURED) -> None:
    """A captured payment with these refunds."""

    def insert(tx: Transaction) -> None:
        tx.payments.insert(payment)
        for refund in refunds:
            begun(tx, refund)

    await store.transaction(insert)


async def test_a_refund_is_read_as_it_was_stored(any_store: Store) -> None:
    """Every field, by its merchant alone."""
    full = a_refund(
        10,
        CAPTURED,
        reason=RefundReason.DUPLICATE,
        metadata={"z": "1", "a": "2"},
        gateway_refund_id="re_1",
        failure=RefundFailure.REVERSED,
        failure_reason="the account is closed",
        needs_review=True,
        sequence=3,
    )
    await given(any_store)
    await any_store.transaction(lambda tx: tx.refunds.insert(full))
    found = await any_store.read(lambda tx: tx.refunds.find(MERCHANT, full.id))
    assert found == full
    assert list(found.metadata) == ["z", "a"]
    assert await any_store.read(lambda tx: tx.refunds.find(OTHER_MERCHANT, full.id)) is None
    assert await any_store.read(lambda tx: tx.refunds.find(MERCHANT, an_id(404))) is None


async def test_an_update_stores_what_became_of_a_refund(any_store: Store) -> None:
    """Its status and what the gateway said."""
    refund = a_refund(10, CAPTURED)
    await given(any_store, refund)
    later = NOON + timedelta(minutes=1)
    failed = replace(refund.fail(RefundFailure.REFUSED, "no", "re_1", later), sequence=2)
    await any_store.transaction(lambda tx: tx.refunds.update(failed))
    assert await any_store.read(lambda tx: tx.refunds.find(MERCHANT, refund.id)) == failed


async def test_a_refund_is_found_by_our_number_and_by_the_gateways(any_store: Store) -> None:
    """Within its merchant and its gateway; a number that two refunds have finds neither."""
    first, second = (a_refund(n, CAPTURED, "1.00", gateway_refund_id=f"re_{n}") for n in (10, 11))
    alike = [a_refund(n, CAPTURED, "1.00", gateway_refund_id="trade_1") for n in (12, 13)]
    await given(any_store, first, second, *alike)

    def look(tx: Transaction) -> None:
        def by_number(number: str, merchant_id: str = MERCHANT, gateway: str = "stripe") -> object:
            found = tx.refunds.find_by_gateway_id(merchant_id, gateway, number)
            return found and found.id

        def by_reference(number: str, merchant_id: str = MERCHANT, gateway: str = "stripe") -> object:
            found = tx.refunds.find_by_reference(merchant_id, gateway, number)
            return found and found.id

        assert (by_number("re_10"), by_reference("REFUND11")) == (first.id, second.id)
        assert (by_number("trade_1"), by_reference("REFUND12")) == (None, alike[0].id)
        for find, number in ((by_number, "re_10"), (by_reference, "REFUND11")):
            assert find(number, gateway="alipay") is None
            assert find(number, OTHER_MERCHANT) is None
            assert find("another") is None

    await any_store.read(look)


async def test_a_refunds_number_is_unique(any_store: Store) -> None:
    """At its gateway, for ever."""
    await given(any_store, a_refund(10, CAPTURED, "1.00"))
    again = a_refund(11, CAPTURED, "1.00", reference="REFUND10")
    with pytest.raises(UniqueViolation) as violation:
        await any_store.transaction(lambda tx: tx.refunds.insert(again))
    assert violation.value.constraint == "uq_refunds_reference"


async def test_a_payment_is_read_with_its_refunds(any_store: Store) -> None:
    """Oldest first, one by one, locked or in a list; one without any has none."""
    refunds = [a_refund(number, CAPTURED, "1.00") for number in (12, 10, 11)]
    await given(any_store, *refunds)
    await any_store.transaction(lambda tx: tx.payments.insert(a_payment(2)))
    expected = [an_id(10), an_id(11), an_id(12)]

    def shown(payment: Payment) -> list[object]:
        return [refund.id for refund in payment.refunds]

    assert shown(await any_store.look_up(lambda tx: tx.payments.get(MERCHANT, CAPTURED.id))) == expected
    assert shown(await any_store.transaction(lambda tx: tx.payments.lock(MERCHANT, CAPTURED.id))) == expected
    page = await any_store.read(lambda tx: tx.payments.list(MERCHANT, PaymentQuery(PaymentFilter())))
    assert [shown(payment) for payment in page.items] == [[], expected]


@pytest.mark.parametrize("count", [1, 2, 3, 9])
async def test_a_page_has_each_payments_own_refunds(any_store: Store, count: int) -> None:
    """However many payments of the page have some."""

    def insert(tx: Transaction) -> None:
        for number in range(1, count + 1):
            payment = a_payment(number, captured_minor=5949, captured_at=NOON)
            tx.payments.insert(payment)
            begun(tx, a_refund(100 + number, payment))
            tx.payments.insert(a_payment(50 + number))

    await any_store.transaction(insert)
    query = PaymentQuery(PaymentFilter(), per_page=100)
    page = await any_store.read(lambda tx: tx.payments.list(MERCHANT, query))
    told = {payment.id: [refund.id for refund in payment.refunds] for payment in page.items}
    assert told == {an_id(n): [an_id(100 + n)] for n in range(1, count + 1)} | {
        an_id(50 + n): [] for n in range(1, count + 1)
    }


async def test_nobody_looks_for_refunds_that_are_not_there(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A payment without refunds costs one statement to read, alone or in a list."""
    await given(store)
    asked: list[Prepared] = []
    rows = Session.rows

    def counting(session: Session, statement: Prepared, parameters: Mapping[str, object]) -> list[Record]:
        asked.append(statement)
        return rows(session, statement, parameters)

    monkeypatch.setattr(Session, "rows", counting)
    await store.look_up(lambda tx: tx.payments.get(MERCHANT, CAPTURED.id))
    assert len(asked) == 1
    await store.read(lambda tx: tx.payments.list(MERCHANT, PaymentQuery(PaymentFilter())))
    # The total, and the page.
    assert len(asked) == 3


@pytest.mark.parametrize("status", ["pending", "succeeded"])
async def test_the_database_refuses_refunds_beyond_what_was_captured(store: SqlStore, status: str) -> None:
    """Whatever the code believes: what went back and what is held are together at most that."""
    refund = a_refund(10, CAPTURED, "50.00")
    await given(store, refund)
    other = a_refund(11, CAPTURED, "9.50")
    other = other if status == "pending" else other.succeed("re_2", NOON)
    with pytest.raises(ConstraintViolated, match="captured") as violation:
        await store.transaction(lambda tx: begun(tx, other))
    assert violation.value.constraint == "ck_payments_refunds_within_captured"
    stored = await store.read(lambda tx: tx.payments.get(MERCHANT, CAPTURED.id))
    assert stored.refunding_minor == 5000


async def test_the_database_forgets_no_refund(store: SqlStore) -> None:
    """Nobody deletes one."""
    await given(store, a_refund(10, CAPTURED))
    with pytest.raises(Exception, match=r"refunds refuses DELETE|23001"):
        await store._engine.write(lambda c: c.connection.exec_driver_sql("DELETE FROM refunds").close())
    assert await store.read(lambda tx: tx.refunds.find(MERCHANT, an_id(10))) is not None
