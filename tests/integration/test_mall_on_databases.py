"""The mall's orders on the databases that it runs on: what locks and foreign keys make of checkouts, callbacks and cancels, alone and at once."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

import pytest

from server.domain.errors import DomainError, OrderStateRefused
from server.domain.listing import PaymentFilter, PaymentQuery
from server.domain.order import Order, OrderStatus
from server.domain.outcomes import RefundFailed
from server.domain.payment import Payment, PaymentStatus
from server.operations.commands import CreateRefund
from server.storage.store import SqlStore
from tests.mall import AN_ADMIN, Mall

T = TypeVar("T")


@pytest.fixture
def mall(store: SqlStore) -> Mall:
    return Mall(store=store)


async def stored(mall: Mall, order: Order) -> Order:
    """The order as it is committed."""
    return await mall.store.look_up(lambda tx: tx.orders.get(order.merchant_id, order.id))


async def payments_of(mall: Mall, order: Order) -> list[Payment]:
    """Every payment of the order, newest first."""
    query = PaymentQuery(PaymentFilter(order_id=order.uuid), per_page=50)
    return list((await mall.store.read(lambda tx: tx.payments.list(order.merchant_id, query))).items)


async def paid(mall: Mall, gateway: str = "alipay") -> tuple[Order, Payment]:
    """An order that its customer has paid, and the gateway has told."""
    order = await mall.order()
    payment = await mall.check_out(order, gateway)
    await mall.pay(payment)
    await mall.tell(payment)
    return order, payment


async def at_once(*calls: Awaitable[T]) -> list[T]:
    """What those calls gave that were not refused; anything but a refusal in words fails."""
    answers = await asyncio.gather(*calls, return_exceptions=True)
    for answer in answers:
        assert not isinstance(answer, BaseException) or isinstance(answer, DomainError), repr(answer)
    return [answer for answer in answers if not isinstance(answer, BaseException)]


def kept_minor(mall: Mall) -> int:
    return mall.alipay.kept_minor() + mall.wechat.kept_minor()


async def test_from_the_order_to_the_customer(mall: Mall) -> None:
    """Every step of an order is stored."""
    order, payment = await paid(mall)
    assert (await stored(mall, order)).payment_id == payment.id
    assert (await stored(mall, order)).status is OrderStatus.PAID
    await mall.orders.ship(mall.call(AN_ADMIN), order.id)
    await mall.orders.complete(mall.call(AN_ADMIN), order.id)
    assert (await stored(mall, order)).status is OrderStatus.COMPLETED


async def test_another_gateway_and_back(mall: Mall) -> None:
    """Each under a number of its own."""
    order = await mall.order()
    for gateway in ("alipay", "wechat", "alipay"):
        await mall.check_out(order, gateway)
    assert [payment.reference for payment in await payments_of(mall, order)] == [
        *(f"{order.order_no}_2", order.order_no, order.order_no)
    ]
    assert [payment.open for payment in await payments_of(mall, order)] == [True, False, False]


async def test_a_cancelled_order_is_refunded(mall: Mall) -> None:
    """Once it was paid."""
    order, _ = await paid(mall)
    assert (await mall.cancelling.cancel(mall.call(), order.id, None)).status is OrderStatus.REFUNDED
    assert (await payments_of(mall, order))[0].status is PaymentStatus.REFUNDED
    assert kept_minor(mall) == 0


@pytest.mark.parametrize("steps", [0, 1, 2])
async def test_an_order_whose_refund_comes_back_stands_where_it_stood(mall: Mall, steps: int) -> None:
    """Paid, shipped or completed: it can be refunded anew, and goes on from there alone."""
    order, payment = await paid(mall)
    for move in (mall.orders.ship, mall.orders.complete)[:steps]:
        await move(mall.call(AN_ADMIN), order.id)
    before = await stored(mall, order)
    assert before.status is (OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.COMPLETED)[steps]
    for _ in range(2):
        refund = await mall.refunds.create(mall.call(AN_ADMIN), CreateRefund(payment_id=payment.id, metadata={}))
        refunded = await stored(mall, order)
        assert (refunded.status, refunded.refunded_from) == (OrderStatus.REFUNDED, before.status)
        await mall.refund_settling.settle(refund, RefundFailed("the account is closed"))
        # The page keeps the customer's money again.
        del mall.alipay.refunded[refund.reference]
        assert await stored(mall, order) == before
    if before.status is not OrderStatus.PAID:
        with pytest.raises(OrderStateRefused):
            await mall.orders.ship(mall.call(AN_ADMIN), order.id)


async def test_checkouts_at_once_leave_one_open_payment(mall: Mall) -> None:
    """At two gateways, several times: no deadlock comes to the surface, and one payment at most can still be paid."""
    order = await mall.order()
    await at_once(*(mall.check_out(order, ("alipay", "wechat")[number % 2]) for number in range(6)))
    open_ones = [payment for payment in await payments_of(mall, order) if payment.open]
    assert [payment.id for payment in open_ones] == [(await stored(mall, order)).payment_id]


async def test_orders_at_once_are_numbered_without_gaps(mall: Mall) -> None:
    """Each waits for the one before it."""
    orders = await at_once(*(mall.order() for _ in range(12)))
    assert sorted(order.id for order in orders) == list(range(1, 13))


async def test_two_cancels_return_the_money_once(mall: Mall) -> None:
    """The second finds the first one's refund."""
    order, _ = await paid(mall)
    calls = (mall.cancelling.cancel(mall.call(), order.id, None) for _ in range(4))
    assert await at_once(*calls)
    assert len(mall.alipay.refunded) == 1
    assert (await stored(mall, order)).status is OrderStatus.REFUNDED


async def test_a_cancel_and_the_callback_agree(mall: Mall) -> None:
    """Whichever comes first: the money that was paid goes back."""
    order = await mall.order()
    payment = await mall.check_out(order)
    await mall.pay(payment)
    await at_once(mall.cancelling.cancel(mall.call(), order.id, None), mall.tell(payment), mall.tell(payment))
    assert (await stored(mall, order)).status in {OrderStatus.REFUNDED, OrderStatus.CANCELLED}
    assert kept_minor(mall) == 0


async def test_what_is_shipped_is_not_refunded_at_the_same_time(mall: Mall) -> None:
    """One of the two is refused."""
    order, _ = await paid(mall)
    await at_once(mall.orders.ship(mall.call(AN_ADMIN), order.id), mall.cancelling.cancel(mall.call(), order.id, None))
    ends = {OrderStatus.SHIPPED: 10_000, OrderStatus.REFUNDED: 0}
    assert kept_minor(mall) == ends[(await stored(mall, order)).status]


@pytest.mark.parametrize("reference", ["a\0b", "\ud800", "x" * 5000])
async def test_numbers_that_no_database_stores_are_refused(mall: Mall, reference: str) -> None:
    """Anybody can send them."""
    order = await mall.order()
    payment = await mall.check_out(order)
    for sign in ("genuine", "forged"):
        answer = await mall.tell(payment, state="paid", reference=reference, event=reference, sign=sign)
        assert answer.acknowledgement is not None
        assert answer.acknowledgement.status == 400


async def test_a_closed_order_cannot_be_checked_out(mall: Mall) -> None:
    """Whatever happened at once with it."""
    order = await mall.order()
    await at_once(mall.check_out(order), mall.cancelling.cancel(mall.call(), order.id, None))
    if (await stored(mall, order)).status is OrderStatus.CANCELLED:
        with pytest.raises(OrderStateRefused):
            await mall.check_out(order)
