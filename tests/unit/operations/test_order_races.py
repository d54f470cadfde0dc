"""Several at once with one order: at most one payment can be paid, the money goes back once, and nothing is shipped that was refunded."""

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

import pytest

from server.domain.access import Call
from server.domain.attempt import Attempt
from server.domain.errors import DomainError, GatewayTimedOut, OrderStateRefused
from server.domain.order import Order, OrderStatus
from server.domain.outcomes import NotSent, Outcome, Unpaid, Waiting
from server.domain.payment import Payment, PaymentStatus
from server.operations.commands import CreateOrder
from tests.mall import A_USER, AN_ADMIN, Mall
from tests.page_gateway import Page

T = TypeVar("T")


@pytest.fixture
def mall() -> Mall:
    return Mall()


async def paid(mall: Mall) -> tuple[Order, Payment]:
    """An order that its customer has paid, and the gateway has told."""
    order = await mall.order()
    payment = await mall.check_out(order)
    await mall.pay(payment)
    await mall.tell(payment)
    return order, payment


async def at_once(*calls: Awaitable[T]) -> list[T]:
    """What those calls gave that were not refused; anything but a refusal in words fails."""
    answers = await asyncio.gather(*calls, return_exceptions=True)
    for answer in answers:
        assert not isinstance(answer, BaseException) or isinstance(answer, DomainError), repr(answer)
    return [answer for answer in answers if not isinstance(answer, BaseException)]


async def in_turn(call: Awaitable[object], other: Awaitable[object], steps: int) -> None:
    """A call that goes some steps, then another from beginning to end, then the rest of the former."""
    task = asyncio.ensure_future(call)
    for _ in range(steps):
        await asyncio.sleep(0)
    for each in (other, task):
        with suppress(DomainError):
            await each


async def test_checkouts_at_two_gateways_leave_one_open_payment(mall: Mall) -> None:
    """Whoever comes second closes what the first one opened, or is told to repeat."""
    order = await mall.order()
    await at_once(*(mall.check_out(order, ("alipay", "wechat")[number % 2]) for number in range(8)))
    open_ones = [payment for payment in mall.payments_of(order) if payment.open]
    assert [payment.id for payment in open_ones] == [mall.now(order).payment_id]


async def test_cancels_at_once_return_the_money_once(mall: Mall) -> None:
    """Nobody is told that the payment was refunded before: an order is cancelled, or refused in words of its own."""
    order, payment = await paid(mall)
    calls = (mall.cancelling.cancel(mall.call(), order.id, None) for _ in range(5))
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(answer) for answer in answers} <= {Order, OrderStateRefused}
    assert len(mall.alipay.refunded) == 1
    assert (mall.now(order).status, mall.current(payment).status) == (OrderStatus.REFUNDED, PaymentStatus.REFUNDED)


class Stalled:
    """A call that opens a payment and is under way until a test lets it end: it could not be sent."""

    def __init__(self) -> None:
        self.reached, self._ends = asyncio.Event(), asyncio.Event()

    async def __call__(self, _attempt: Attempt) -> Outcome:
        self.reached.set()
        await self._ends.wait()
        return NotSent("unreachable")

    def end(self) -> None:
        self._ends.set()


async def test_a_page_that_another_call_has_opened_stays_open(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """That the first call could not be sent is no proof that nobody shows the customer the payment: it is not failed, and is found to be paid without a callback."""
    order, stalled = await mall.order(), Stalled()
    monkeypatch.setattr(mall.alipay, "authorise", stalled)
    first = asyncio.ensure_future(mall.check_out(order))
    await stalled.reached.wait()
    shown = await mall.check_out(order)
    stalled.end()
    assert (await first).next_action == shown.next_action
    assert await mall.pay(shown)
    await mall.settle_down()
    assert (mall.now(order).status, len(mall.payments_of(order))) == (OrderStatus.PAID, 1)


async def test_a_payment_is_closed_while_its_own_call_is_under_way(mall: Mall, monkeypatch: pytest.MonkeyPatch) -> None:
    """For one at another gateway; the first call is told so, whatever came of it."""
    order, stalled = await mall.order(), Stalled()
    monkeypatch.setattr(mall.alipay, "authorise", stalled)
    first = asyncio.ensure_future(mall.check_out(order))
    await stalled.reached.wait()
    other = await mall.check_out(order, "wechat")
    stalled.end()
    with pytest.raises(OrderStateRefused):
        await first
    assert [payment.status for payment in mall.payments_of(order)] == [PaymentStatus.CANCELED, PaymentStatus.PENDING]
    assert await mall.pay(other)
    await mall.settle_down()
    assert mall.now(order).status is OrderStatus.PAID


@pytest.mark.parametrize("steps", range(20))
async def test_a_payment_that_could_not_be_opened_is_no_hindrance(
    mall: Mall, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    """Wherever its end comes while another call closes it: the order is opened at the other gateway, and at that alone."""
    order, stalled = await mall.order(), Stalled()
    monkeypatch.setattr(mall.alipay, "authorise", stalled)
    first = asyncio.ensure_future(mall.check_out(order))
    await stalled.reached.wait()
    second = asyncio.ensure_future(mall.check_out(order, "wechat"))
    for _ in range(steps):
        await asyncio.sleep(0)
    stalled.end()
    with suppress(DomainError):
        await first
    assert (await second).open
    open_pages = [shown for shown in mall.alipay.shown.values() if shown.page is Page.OPEN]
    assert open_pages == []


@pytest.mark.parametrize("steps", range(12))
async def test_a_cancel_beside_the_callback_returns_the_money(mall: Mall, steps: int) -> None:
    """Wherever the callback comes between."""
    order = await mall.order()
    payment = await mall.check_out(order)
    await mall.pay(payment)
    await in_turn(mall.cancelling.cancel(mall.call(), order.id, None), mall.tell(payment), steps)
    await mall.settle_down()
    assert mall.now(order).status in {OrderStatus.CANCELLED, OrderStatus.REFUNDED}
    assert mall.alipay.kept_minor() == 0


@pytest.mark.parametrize("steps", range(12))
async def test_what_is_shipped_is_not_refunded(mall: Mall, steps: int) -> None:
    """Wherever the shipping comes between the steps of a cancel."""
    order, _ = await paid(mall)
    cancel = mall.cancelling.cancel(mall.call(), order.id, None)
    await in_turn(cancel, mall.orders.ship(mall.call(AN_ADMIN), order.id), steps)
    await mall.settle_down()
    kept = {OrderStatus.SHIPPED: 10_000, OrderStatus.REFUNDED: 0}
    assert mall.alipay.kept_minor() == kept[mall.now(order).status]


async def test_nothing_is_shipped_while_its_money_goes_back(mall: Mall) -> None:
    """A bank may take days to return it; if it cannot, the order can be shipped after all."""
    order, _ = await paid(mall)
    mall.alipay.refunds_slowly = True
    assert (await mall.cancelling.cancel(mall.call(), order.id, None)).status is OrderStatus.PAID
    with pytest.raises(OrderStateRefused):
        await mall.orders.ship(mall.call(AN_ADMIN), order.id)
    assert (await mall.cancelling.cancel(mall.call(), order.id, None)).status is OrderStatus.PAID
    mall.alipay.refunds_slowly = False
    await mall.settle_down()
    assert mall.now(order).status is OrderStatus.REFUNDED
    assert len(mall.alipay.refunded) == 1


async def test_no_second_payment_while_the_gateway_works_on_the_former(mall: Mall) -> None:
    """The customer may have paid: only the gateway's word that they cannot makes way for another."""
    order = await mall.order()
    await mall.check_out(order)
    mall.alipay.next("void", Waiting(None, None, None))
    with pytest.raises(GatewayTimedOut):
        await mall.check_out(order, "wechat")
    assert len(mall.payments_of(order)) == 1


async def test_what_shall_end_is_not_completed(mall: Mall) -> None:
    """A payment that could not be closed is only looked at: to resume it may take the money of a customer who has consented."""
    order = await mall.order()
    await mall.check_out(order)
    mall.alipay.next("void", Unpaid())
    await mall.check_out(order, "wechat")
    mall.alipay.calls.clear()
    await mall.check_out(order, "alipay")
    await mall.cancelling.cancel(mall.call(), order.id, None)
    assert "resume" not in mall.alipay.calls


async def test_a_resumed_checkout_does_not_show_a_closed_payment(mall: Mall) -> None:
    """Another call has closed it meanwhile; nobody is sent to a page where nothing can be paid."""
    order = await mall.order()
    call = mall.call()
    await mall.check_out(order, call=call)
    await mall.check_out(order, "wechat")
    with pytest.raises(OrderStateRefused):
        await mall.check_out(order, call=Call(call.caller, call.operation_id, resumed=True))


async def test_one_creation_executed_twice_is_one_order(mall: Mall) -> None:
    """The first execution was taken for dead and goes on."""
    call, wish = mall.call(A_USER), CreateOrder(total_amount="1.00", currency="CNY")
    first, second = await asyncio.gather(mall.orders.create(call, wish), mall.orders.create(call, wish))
    assert first == second
    assert list(mall.tables.orders) == [1]
