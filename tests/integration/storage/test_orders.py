"""Orders as the port promises them: numbered without gaps, locked to be changed, and never forgotten."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.attempt import AttemptKind, AttemptStatus
from server.domain.errors import OrderNotFound
from server.domain.order import Order, OrderStatus
from server.domain.ports import Store, Transaction, UniqueViolation
from server.storage.errors import ConstraintViolated, StorageError
from server.storage.store import SqlStore
from tests.integration.storage.builders import MERCHANT, NOON, OTHER_MERCHANT, a_payment, an_attempt, an_id, an_order
from tests.integration.storage.test_migrations import execute

LATER = NOON + timedelta(days=1)


async def given(store: Store, *orders: Order) -> None:
    """Those orders, and a payment that they may refer to."""

    def insert(tx: Transaction) -> None:
        tx.payments.insert(a_payment(900))
        for order in orders:
            tx.orders.insert(order)

    await store.transaction(insert)


def numbered(tx: Transaction, merchant_id: str = MERCHANT) -> int:
    """A new order under the next number."""
    number = tx.orders.next_id(merchant_id)
    tx.orders.insert(an_order(number, merchant_id=merchant_id))
    return number


async def test_an_order_is_read_as_it_was_stored(any_store: Store) -> None:
    """Every field, by its number and by its UUID."""
    full = an_order(
        7,
        subject="two ingots 元宝",
        status=OrderStatus.PAID,
        payment_id=an_id(900),
        payment_gateway="alipay",
        paid_at=LATER,
        updated_at=LATER,
        refunded_from=OrderStatus.SHIPPED,
    )
    await given(any_store, full, an_order(8))
    for read in (any_store.read, any_store.look_up):
        assert await read(lambda tx: tx.orders.get(MERCHANT, 7)) == full
        assert await read(lambda tx: tx.orders.find(MERCHANT, full.uuid)) == full
        assert await read(lambda tx: tx.orders.get(MERCHANT, 8)) == an_order(8)
    assert await any_store.transaction(lambda tx: tx.orders.lock(MERCHANT, 7)) == full


async def test_another_merchants_order_does_not_exist(any_store: Store) -> None:
    """The same answer as for none at all."""
    await given(any_store, an_order(1))
    for merchant_id, number in ((OTHER_MERCHANT, 1), (MERCHANT, 404)):
        with pytest.raises(OrderNotFound):
            await any_store.read(lambda tx, m=merchant_id, n=number: tx.orders.get(m, n))  # type: ignore[misc]
        with pytest.raises(OrderNotFound):
            await any_store.transaction(lambda tx, m=merchant_id, n=number: tx.orders.lock(m, n))  # type: ignore[misc]
    assert await any_store.read(lambda tx: tx.orders.find(OTHER_MERCHANT, an_id(1))) is None
    assert await any_store.read(lambda tx: tx.orders.find(MERCHANT, an_id(404))) is None


async def test_numbers_begin_with_one_and_have_no_gaps(any_store: Store) -> None:
    """Whether a transaction before was undone or not."""
    assert await any_store.transaction(numbered) == 1

    def undone(tx: Transaction) -> None:
        assert numbered(tx) == 2
        raise LookupError

    for _ in range(3):
        with pytest.raises(LookupError):
            await any_store.transaction(undone)
    assert await any_store.transaction(numbered) == 2


async def test_numbers_are_counted_by_merchant(store: SqlStore) -> None:
    """Nobody learns from a number of theirs how much others sell."""
    assert [await store.transaction(numbered) for _ in range(2)] == [1, 2]
    assert await store.transaction(lambda tx: numbered(tx, OTHER_MERCHANT)) == 1


async def test_orders_at_once_have_no_gaps_beside_those_that_fail(any_store: Store) -> None:
    """Each waits for the one before it, and a third of them are undone."""

    def order(tx: Transaction, fails: bool) -> int:
        number = numbered(tx)
        if fails:
            raise LookupError
        return number

    results = await asyncio.gather(
        *(any_store.transaction(lambda tx, n=n: order(tx, n % 3 == 0)) for n in range(30)),  # type: ignore[misc]
        return_exceptions=True,
    )
    assert sum(isinstance(result, LookupError) for result in results) == 10
    assert sorted(result for result in results if isinstance(result, int)) == list(range(1, 21))


async def test_an_update_changes_what_changes(any_store: Store) -> None:
    """What an order was created with stays as it is; so does every other order."""
    await given(any_store, an_order(1), an_order(2))
    changed = an_order(
        1, status=OrderStatus.PAID, payment_id=an_id(900), payment_gateway="wechat", paid_at=LATER, updated_at=LATER
    )
    await any_store.transaction(lambda tx: tx.orders.update(changed))
    assert await any_store.read(lambda tx: tx.orders.get(MERCHANT, 1)) == changed
    assert await any_store.read(lambda tx: tx.orders.get(MERCHANT, 2)) == an_order(2)
    for refunded_from in (*OrderStatus, None):
        refunded = replace(changed, status=OrderStatus.REFUNDED, refunded_from=refunded_from)
        await any_store.transaction(lambda tx, order=refunded: tx.orders.update(order))  # type: ignore[misc]
        assert await any_store.read(lambda tx: tx.orders.get(MERCHANT, 1)) == refunded


async def test_what_an_order_was_created_with_is_not_updated(store: SqlStore) -> None:
    """Neither its price nor its owner, whatever the value says."""
    await given(store, an_order(1))
    forged = an_order(1, user_id="1002", subject="other", order_no="1", status=OrderStatus.CANCELLED, created_at=LATER)
    await store.transaction(lambda tx: tx.orders.update(forged))
    assert await store.read(lambda tx: tx.orders.get(MERCHANT, 1)) == an_order(1, status=OrderStatus.CANCELLED)


async def test_an_order_that_is_not_stored_is_not_updated(store: SqlStore) -> None:
    """A mistake of ours must not pass for a change."""
    await given(store, an_order(1))
    for stranger in (an_order(2), an_order(1, merchant_id=OTHER_MERCHANT)):
        with pytest.raises(LookupError):
            await store.transaction(lambda tx, stranger=stranger: tx.orders.update(stranger))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"uuid": an_id(50), "order_no": "50"}, "pk_orders"),
        ({"id": 50, "order_no": "50"}, "uq_orders_uuid"),
        ({"id": 50, "uuid": an_id(50)}, "uq_orders_order_no"),
    ],
)
async def test_no_two_orders_share_a_number(any_store: Store, changes: dict[str, object], constraint: str) -> None:
    """Of any kind."""
    await given(any_store, an_order(1))
    with pytest.raises(UniqueViolation) as violation:
        await any_store.transaction(lambda tx: tx.orders.insert(an_order(1, **changes)))
    assert violation.value.constraint == constraint


async def test_an_order_refers_to_a_payment_that_there_is(store: SqlStore) -> None:
    """Of its own merchant."""
    await given(store, an_order(1))
    with pytest.raises(ConstraintViolated):
        await store.transaction(lambda tx: tx.orders.update(an_order(1, payment_id=an_id(404))))


async def test_a_locked_order_is_changed_by_one_at_a_time(store: SqlStore) -> None:
    """Reading under the lock and writing adds up, however many do it at once."""
    await given(store, an_order(1))

    def later(tx: Transaction) -> None:
        order = tx.orders.lock(MERCHANT, 1)
        tx.orders.update(replace(order, updated_at=order.updated_at + timedelta(seconds=1)))

    await asyncio.gather(*(store.transaction(later) for _ in range(25)))
    order = await store.read(lambda tx: tx.orders.get(MERCHANT, 1))
    assert order.updated_at - an_order(1).updated_at == timedelta(seconds=25)


async def test_no_order_is_deleted(store: SqlStore) -> None:
    """Not even by an administrator at a prompt."""
    await given(store, an_order(1))
    with pytest.raises(StorageError):
        await execute(store, "DELETE FROM orders")
    assert await store.read(lambda tx: tx.orders.get(MERCHANT, 1)) == an_order(1)


async def test_an_orders_payments_are_counted_by_gateway(any_store: Store) -> None:
    """Those of another order, another gateway or another merchant are none."""
    payments = [
        a_payment(1, gateway="alipay", mall_order_id=7),
        a_payment(2, gateway="alipay", mall_order_id=7),
        a_payment(3, gateway="wechat", mall_order_id=7),
        a_payment(4, gateway="alipay", mall_order_id=8),
        a_payment(5, gateway="alipay"),
        a_payment(6, gateway="alipay", mall_order_id=7, merchant_id=OTHER_MERCHANT),
    ]

    def insert(tx: Transaction) -> None:
        for payment in payments:
            tx.payments.insert(payment)

    await any_store.transaction(insert)
    counts = {(7, "alipay"): 2, (7, "wechat"): 1, (8, "alipay"): 1, (8, "wechat"): 0, (9, "alipay"): 0}
    for (number, gateway), count in counts.items():
        found = await any_store.read(lambda tx, n=number, g=gateway: tx.payments.count_of_order(MERCHANT, n, g))  # type: ignore[misc]
        assert found == count


async def test_an_authorisation_is_found_by_its_number(any_store: Store) -> None:
    """At its gateway and by its merchant alone; what goes by the same number afterwards is not it."""
    payment = a_payment(1, gateway="alipay")
    attempt = an_attempt(10, payment, reference="N1", status=AttemptStatus.APPROVED)
    void = an_attempt(11, payment, reference="N1", kind=AttemptKind.VOID)

    def insert(tx: Transaction) -> None:
        tx.payments.insert(payment)
        tx.attempts.insert(attempt)
        tx.attempts.insert(void)

    await any_store.transaction(insert)

    async def found(merchant_id: str, gateway: str, reference: str) -> object:
        return await any_store.read(lambda tx: tx.attempts.by_reference(merchant_id, gateway, reference))

    assert await found(MERCHANT, "alipay", "N1") == attempt
    for stranger in ((OTHER_MERCHANT, "alipay", "N1"), (MERCHANT, "wechat", "N1"), (MERCHANT, "alipay", "N2")):
        assert await found(*stranger) is None
