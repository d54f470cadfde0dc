"""The service is killed between any two steps of what is done with an order: repeated after a restart it is done once."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

import pytest

from server.domain.access import Call
from server.domain.order import Order, OrderStatus
from server.domain.payment import Payment, PaymentStatus
from server.operations.commands import CreateOrder
from tests.builders import an_id
from tests.crashing import Crash
from tests.mall import A_USER, AN_ADMIN, Mall
from tests.page_gateway import Page

# Long enough for all that was cut off, and too short for a payment to expire.
A_WHILE = timedelta(minutes=5)

_OPERATION = an_id(10**6)


def _the_call(resumed: bool) -> Call:
    return Call(A_USER, _OPERATION, resumed=resumed)


def _the_order(mall: Mall) -> Order:
    return mall.tables.orders[1]


def _the_payment(mall: Mall) -> Payment:
    return mall.payments_of(_the_order(mall))[0]


async def _nothing(_mall: Mall) -> None:
    """The service begins with an empty book."""


async def _ordered(mall: Mall) -> None:
    await mall.order()


async def _checked_out(mall: Mall) -> None:
    await mall.check_out(await mall.order())


async def _paid_unheard(mall: Mall) -> None:
    await _checked_out(mall)
    await mall.pay(_the_payment(mall))


async def _paid(mall: Mall) -> None:
    await _paid_unheard(mall)
    await mall.tell(_the_payment(mall))


async def _create(mall: Mall, resumed: bool) -> object:
    return await mall.orders.create(_the_call(resumed), CreateOrder(total_amount="100.00", currency="CNY"))


async def _check_out(mall: Mall, resumed: bool) -> object:
    return await mall.check_out(_the_order(mall), "alipay", _the_call(resumed))


async def _check_out_elsewhere(mall: Mall, resumed: bool) -> object:
    return await mall.check_out(_the_order(mall), "wechat", _the_call(resumed))


async def _cancel(mall: Mall, resumed: bool) -> object:
    return await mall.cancelling.cancel(_the_call(resumed), 1, None)


async def _ship(mall: Mall, resumed: bool) -> object:
    return await mall.orders.ship(Call(AN_ADMIN, _OPERATION, resumed=resumed), 1)


async def _tell(mall: Mall, _resumed: bool) -> object:
    """A gateway repeats a callback that was not acknowledged."""
    return await mall.tell(_the_payment(mall))


async def _call_to_look(mall: Mall, _resumed: bool) -> object:
    return await mall.tell(_the_payment(mall), state="ask")


@dataclass(frozen=True)
class Cut:
    """What comes before, what is cut off, its steps (two for each commit and each call of a gateway) and how the order stands in the end."""

    before: Callable[[Mall], Awaitable[None]]
    operation: Callable[[Mall, bool], Awaitable[object]]
    steps: int
    ends: OrderStatus
    kept_minor: int = 0
    open_pages: int = 0


OPERATIONS: Mapping[str, Cut] = {
    "create": Cut(_nothing, _create, 2, OrderStatus.PENDING),
    "check out": Cut(_ordered, _check_out, 6, OrderStatus.PENDING, open_pages=1),
    "check out elsewhere": Cut(_checked_out, _check_out_elsewhere, 12, OrderStatus.PENDING, open_pages=1),
    "cancel": Cut(_ordered, _cancel, 2, OrderStatus.CANCELLED),
    "cancel, checked out": Cut(_checked_out, _cancel, 8, OrderStatus.CANCELLED),
    "cancel, paid and not heard": Cut(_paid_unheard, _cancel, 14, OrderStatus.REFUNDED),
    "cancel, paid": Cut(_paid, _cancel, 6, OrderStatus.REFUNDED),
    "ship": Cut(_paid, _ship, 2, OrderStatus.SHIPPED, kept_minor=10_000),
    "callback": Cut(_paid_unheard, _tell, 2, OrderStatus.PAID, kept_minor=10_000),
    "call to look": Cut(_paid_unheard, _call_to_look, 8, OrderStatus.PAID, kept_minor=10_000),
}
EVERY_STEP = [(name, step) for name, cut in OPERATIONS.items() for step in range(1, cut.steps + 1)]


async def _killed(name: str, step: int) -> Mall:
    mall, cut = Mall(), OPERATIONS[name]
    await cut.before(mall)
    mall.fuse.light(step)
    with pytest.raises(Crash):
        await cut.operation(mall, False)
    mall.assert_nothing_is_forgotten()
    mall.start()
    return mall


def _assert_done_once(mall: Mall, cut: Cut) -> None:
    """The order is as an uncut call leaves it, with one payment that can be paid or was, and money that moved once."""
    mall.assert_nothing_is_forgotten()
    (order,) = mall.tables.orders.values()
    assert order.status is cut.ends
    assert mall.alipay.kept_minor() + mall.wechat.kept_minor() == cut.kept_minor
    shown = [*mall.alipay.shown.values(), *mall.wechat.shown.values()]
    assert len([page for page in shown if page.page is Page.OPEN]) == cut.open_pages
    payments = mall.payments_of(order)
    open_ones = [payment for payment in payments if payment.open]
    assert [payment.id for payment in open_ones] == ([order.payment_id] if cut.open_pages else [])
    assert {payment.reference for payment in payments} == {page.attempt.reference for page in shown}
    assert len(mall.tables.refunds) == (cut.ends is OrderStatus.REFUNDED)
    captured = [payment for payment in payments if payment.captured]
    assert len(mall.tables.postings) == len(captured) + len(mall.tables.refunds)
    assert all(payment.status in {PaymentStatus.SUCCEEDED, PaymentStatus.REFUNDED} for payment in captured)


@pytest.mark.parametrize("name", OPERATIONS)
async def test_every_step_is_tried(name: str) -> None:
    """An operation has as many steps as the tests below cut it off at, and uncut it ends as they say."""
    mall, cut = Mall(), OPERATIONS[name]
    await cut.before(mall)
    mall.fuse.light(cut.steps + 1)
    await cut.operation(mall, False)
    assert mall.fuse.steps == cut.steps
    _assert_done_once(mall, cut)


@pytest.mark.parametrize(("name", "step"), EVERY_STEP)
@pytest.mark.parametrize("later", [False, True])
async def test_repeated_after_a_crash_it_is_done_once(name: str, step: int, later: bool) -> None:
    """At once, or after the background has done what it could."""
    mall, cut = await _killed(name, step), OPERATIONS[name]
    if later:
        await mall.pass_time(A_WHILE)
    await cut.operation(mall, True)
    await mall.pass_time(A_WHILE)
    _assert_done_once(mall, cut)


@pytest.mark.parametrize("name", OPERATIONS)
async def test_the_repetition_may_be_cut_off_as_well(name: str) -> None:
    """Any step of the first call, any step of the second: the third one ends it."""
    cut = OPERATIONS[name]
    for first, second in product(range(1, cut.steps + 1), repeat=2):
        mall = await _killed(name, first)
        mall.fuse.light(second)
        try:
            await cut.operation(mall, True)
        except Crash:
            mall.start()
        mall.fuse.light(0)
        mall.assert_nothing_is_forgotten()
        await cut.operation(mall, True)
        await mall.pass_time(A_WHILE)
        _assert_done_once(mall, cut)


@pytest.mark.parametrize(("name", "step"), EVERY_STEP)
async def test_nobody_repeats_it_and_no_money_is_lost(name: str, step: int) -> None:
    """Whatever was recorded is settled: the mall keeps the price of an order that is paid, and else nothing."""
    mall = await _killed(name, step)
    await mall.pass_time(timedelta(hours=12))
    mall.assert_nothing_is_forgotten()
    kept = {OrderStatus.PAID: 10_000, OrderStatus.SHIPPED: 10_000}
    order = mall.tables.orders.get(1)
    assert mall.alipay.kept_minor() + mall.wechat.kept_minor() == (kept.get(order.status, 0) if order else 0)
    assert not any(payment.open for payment in mall.tables.payments.values())
