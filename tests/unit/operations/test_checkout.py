"""An order has one payment at a time; whatever its customer pays beyond that goes back."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from server.domain.attempt import Attempt
from server.domain.audit import AuditAction
from server.domain.errors import (
    DomainError,
    GatewayNotEnabled,
    GatewayTimedOut,
    GatewayUnavailable,
    GatewayUnsupported,
    InvalidCurrency,
    OrderNotFound,
    OrderStateRefused,
    ValidationError,
)
from server.domain.order import Order, OrderStatus
from server.domain.outcomes import NotSent, Outcome, RefundFailed, Unknown
from server.domain.payment import PaymentStatus
from server.operations.commands import CreateRefund
from server.operations.policy import LatePayments
from tests.mall import A_KEY, A_USER, AN_ADMIN, ANOTHER_USER, Mall
from tests.page_gateway import PAY_WITHIN, PageGateway

LATER = timedelta(minutes=1)


@pytest.fixture
def mall() -> Mall:
    return Mall()


async def test_the_first_payment_goes_by_the_orders_own_number(mall: Mall) -> None:
    """What the customer sees at the gateway is the number of their order."""
    order = await mall.order()
    payment = await mall.check_out(order)
    assert payment.reference == order.order_no
    assert (payment.order_id, payment.mall_order_id) == (order.uuid, order.id)
    assert payment.next_action is not None
    assert (mall.now(order).payment_id, mall.now(order).payment_gateway) == (payment.id, "alipay")


async def test_a_second_checkout_shows_the_open_payment(mall: Mall) -> None:
    """Nothing new is opened: two open payments of one order would be two charges."""
    order = await mall.order()
    first = await mall.check_out(order)
    assert (await mall.check_out(order)).id == first.id
    assert mall.alipay.calls == ["authorise"]


async def test_another_gateway_closes_the_former_payment_first(mall: Mall) -> None:
    """The customer cannot pay at the former any more when they are sent to the latter."""
    order = await mall.order()
    former = await mall.check_out(order, "alipay")
    latter = await mall.check_out(order, "wechat")
    assert mall.current(former).status is PaymentStatus.CANCELED
    assert not await mall.pay(former)
    assert (latter.reference, mall.now(order).payment_id) == (order.order_no, latter.id)


async def test_back_at_a_gateway_the_number_counts_on(mall: Mall) -> None:
    """A number that was used at a gateway is never used there again."""
    order = await mall.order()
    await mall.check_out(order, "alipay")
    await mall.check_out(order, "wechat")
    again = await mall.check_out(order, "alipay")
    assert again.reference == f"{order.order_no}_2"


async def test_a_payment_whose_time_is_over_makes_way(mall: Mall) -> None:
    """The same gateway opens another one, under the next number."""
    order = await mall.order()
    former = await mall.check_out(order)
    mall.clock.move(PAY_WITHIN)
    latter = await mall.check_out(order)
    assert latter.reference == f"{order.order_no}_2"
    assert mall.current(former).status is PaymentStatus.CANCELED


async def test_paid_orders_are_not_checked_out(mall: Mall) -> None:
    """The callback has told; the order is paid at the gateway's own time."""
    order = await mall.order()
    payment = await mall.check_out(order)
    mall.clock.move(LATER)
    assert await mall.pay(payment)
    mall.clock.move(LATER)
    await mall.tell(payment)
    paid = mall.now(order)
    assert (paid.status, paid.paid_at) == (OrderStatus.PAID, paid.created_at + LATER)
    with pytest.raises(OrderStateRefused):
        await mall.check_out(order, "wechat")


async def test_a_payment_found_while_switching_pays_the_order(mall: Mall) -> None:
    """The customer has paid and nobody has told us: closing finds out, and no second payment is opened."""
    order = await mall.order()
    payment = await mall.check_out(order, "alipay")
    await mall.pay(payment)
    with pytest.raises(OrderStateRefused):
        await mall.check_out(order, "wechat")
    assert mall.now(order).status is OrderStatus.PAID
    assert mall.wechat.calls == []


async def test_what_cannot_be_closed_expires_and_comes_too_late(mall: Mall) -> None:
    """A page that was never opened cannot be closed: the customer is sent elsewhere, and what they still pay there goes back."""
    mall.alipay.closable = False
    order = await mall.order()
    former = await mall.check_out(order, "alipay")
    latter = await mall.check_out(order, "wechat")
    assert mall.current(former).status is PaymentStatus.PROCESSING
    assert await mall.pay(former)
    assert await mall.pay(latter)
    await mall.tell(former)
    await mall.tell(latter)
    await mall.pass_time(LATER)
    assert (mall.now(order).status, mall.now(order).payment_id) == (OrderStatus.PAID, latter.id)
    assert mall.current(former).status is PaymentStatus.REFUNDED
    assert (mall.alipay.kept_minor(), mall.wechat.kept_minor()) == (0, 10_000)
    assert [entry.action for entry in mall.tables.audit.values()] == [AuditAction.PAYMENT_LATE]


async def test_what_cannot_be_closed_ends_when_its_time_is_over(mall: Mall) -> None:
    """Nobody paid: nothing is left to ask for."""
    mall.alipay.closable = False
    order = await mall.order()
    former = await mall.check_out(order, "alipay")
    await mall.check_out(order, "wechat")
    await mall.pass_time(PAY_WITHIN + timedelta(hours=2))
    assert mall.current(former).status is PaymentStatus.CANCELED
    mall.assert_nothing_is_forgotten()


async def test_a_late_payment_can_be_flagged_instead() -> None:
    """Where the operator wants to decide, the money stays and the audit log tells."""
    mall = Mall(LatePayments.FLAG)
    mall.alipay.closable = False
    order = await mall.order()
    former = await mall.check_out(order, "alipay")
    await mall.check_out(order, "wechat")
    await mall.pay(former)
    await mall.tell(former)
    await mall.pass_time(LATER)
    assert mall.current(former).status is PaymentStatus.SUCCEEDED
    (entry,) = mall.tables.audit.values()
    assert entry.details["decision"] == "flag"


async def test_no_second_payment_while_the_former_is_unknown(mall: Mall) -> None:
    """The answer to closing was lost: the former may be paid at this very moment."""
    order = await mall.order()
    await mall.check_out(order, "alipay")
    mall.alipay.next("void", Unknown("lost"))
    with pytest.raises(GatewayTimedOut):
        await mall.check_out(order, "wechat")
    assert len(mall.payments_of(order)) == 1
    payment = await mall.check_out(order, "wechat")
    assert mall.now(order).payment_id == payment.id


async def test_a_gateway_that_cannot_be_reached_keeps_the_former_payment(mall: Mall) -> None:
    """Nothing was sent, so the former can still be paid and is still the order's."""
    order = await mall.order()
    former = await mall.check_out(order, "alipay")
    mall.alipay.next("void", NotSent("no way there"))
    with pytest.raises(GatewayUnavailable):
        await mall.check_out(order, "wechat")
    assert mall.current(former).status is PaymentStatus.PENDING
    assert await mall.check_out(order, "alipay") == mall.current(former)


async def test_a_lost_answer_is_resumed_by_the_next_checkout(mall: Mall) -> None:
    """Where to pay was never heard: the same payment is asked for, under the same number."""
    order = await mall.order()
    mall.alipay.next("authorise", Unknown("lost"))
    with pytest.raises(GatewayTimedOut):
        await mall.check_out(order)
    payment = await mall.check_out(order)
    assert (payment.reference, payment.status) == (order.order_no, PaymentStatus.PENDING)
    assert len(mall.payments_of(order)) == 1


@pytest.mark.parametrize("gateway", ["square", "stripe", ""])
async def test_the_mall_has_three_gateways(mall: Mall, gateway: str) -> None:
    """Cards are for v1."""
    order = await mall.order()
    with pytest.raises(GatewayUnsupported):
        await mall.check_out(order, gateway)


async def test_a_gateway_that_is_off_opens_nothing(mall: Mall) -> None:
    """And leaves the order as it was."""
    order = await mall.order()
    mall.gateways.off.add("alipay")
    with pytest.raises(GatewayNotEnabled):
        await mall.check_out(order)
    assert mall.now(order) == order


@pytest.mark.parametrize("refusal", [GatewayNotEnabled, InvalidCurrency])
async def test_a_refused_switch_leaves_the_former_payment_open(mall: Mall, refusal: type[DomainError]) -> None:
    """Whether the other gateway is off, or does not take the currency: nothing is closed for it."""
    order = await mall.order()
    payment = await mall.check_out(order)
    if refusal is GatewayNotEnabled:
        mall.gateways.off.add("wechat")
    else:
        mall.wechat.capabilities = replace(mall.wechat.capabilities, currencies=frozenset({"USD"}))
    before = mall.now(order), mall.current(payment), list(mall.alipay.calls)
    with pytest.raises(refusal):
        await mall.check_out(order, "wechat")
    assert (mall.now(order), mall.current(payment), mall.alipay.calls) == before


async def test_a_gateway_that_was_switched_off_shows_its_open_payment_no_more(mall: Mall) -> None:
    """What customers were shown before can still be paid, or be paid at another gateway."""
    order = await mall.order()
    payment = await mall.check_out(order)
    before = mall.current(payment)
    mall.gateways.off.add("alipay")
    with pytest.raises(GatewayNotEnabled):
        await mall.check_out(order)
    assert mall.current(payment) == before
    assert (await mall.check_out(order, "wechat")).status is PaymentStatus.PENDING


@pytest.mark.parametrize(
    ("gateway", "channel", "field"),
    [("alipay", "native", "channel"), ("wechat", "jsapi", "openid"), ("wechat", "h5", "client_ip")],
)
async def test_a_channel_needs_what_it_needs(mall: Mall, gateway: str, channel: str, field: str) -> None:
    """Named before anything is stored."""
    order = await mall.order()
    with pytest.raises(ValidationError) as refused:
        await mall.check_out(order, gateway, channel=channel)
    assert refused.value.field == field
    assert not mall.payments_of(order)


async def test_another_users_order_does_not_exist(mall: Mall) -> None:
    """The same answer as for none at all; an administrator may pay it."""
    order = await mall.order()
    with pytest.raises(OrderNotFound):
        await mall.check_out(order, call=mall.call(ANOTHER_USER))
    assert (await mall.check_out(order, call=mall.call(AN_ADMIN))).mall_order_id == order.id


async def test_checkouts_at_once_open_one_payment(mall: Mall) -> None:
    """Whoever comes second finds what the first one opened."""
    order = await mall.order()
    shown = await asyncio.gather(*(mall.check_out(order) for _ in range(8)))
    assert {payment.id for payment in shown} == {mall.now(order).payment_id}
    assert len(mall.payments_of(order)) == 1


class Held:
    """The next call of a gateway's operation, which waits until it may go on; others pass by."""

    def __init__(self, gateway: PageGateway, operation: str) -> None:
        self.reached, self.may_go_on = asyncio.Event(), asyncio.Event()
        self._call = getattr(gateway, operation)
        setattr(gateway, operation, self._held)

    async def _held(self, attempt: Attempt) -> Outcome:
        if not self.reached.is_set():
            self.reached.set()
            await self.may_go_on.wait()
        outcome: Outcome = await self._call(attempt)
        return outcome


async def test_a_payment_that_another_call_has_just_begun_is_shown(mall: Mall) -> None:
    """Both calls close the former payment; whoever is late does not push the new one aside, which would stay open beside its own."""
    order = await mall.order()
    await mall.check_out(order, "wechat")
    closing, opening = Held(mall.wechat, "void"), Held(mall.alipay, "authorise")
    late = asyncio.create_task(mall.check_out(order))
    await closing.reached.wait()
    quick = asyncio.create_task(mall.check_out(order))
    await opening.reached.wait()
    closing.may_go_on.set()
    shown = await late
    opening.may_go_on.set()
    assert (await quick).id == shown.id == mall.now(order).payment_id
    assert [payment.id for payment in mall.payments_of(order) if payment.open] == [shown.id]


async def test_cancelling_closes_the_open_payment(mall: Mall) -> None:
    """The customer cannot pay any more."""
    order = await mall.order()
    payment = await mall.check_out(order)
    cancelled = await mall.cancelling.cancel(mall.call(), order.id, None)
    assert cancelled.status is OrderStatus.CANCELLED
    assert not await mall.pay(payment)


async def test_cancelling_a_paid_order_returns_the_money(mall: Mall) -> None:
    """All of it; the order is `refunded` once the gateway has done so."""
    order = await mall.order()
    payment = await mall.check_out(order)
    await mall.pay(payment)
    await mall.tell(payment)
    refunded = await mall.cancelling.cancel(mall.call(), order.id, None)
    assert refunded.status is OrderStatus.REFUNDED
    assert mall.alipay.kept_minor() == 0


async def test_money_for_a_cancelled_order_goes_back(mall: Mall) -> None:
    """Its page could not be closed."""
    mall.alipay.closable = False
    order = await mall.order()
    payment = await mall.check_out(order)
    await mall.cancelling.cancel(mall.call(), order.id, None)
    assert await mall.pay(payment)
    await mall.tell(payment)
    await mall.pass_time(LATER)
    assert mall.now(order).status is OrderStatus.CANCELLED
    assert mall.alipay.kept_minor() == 0


async def test_shipped_orders_are_not_cancelled(mall: Mall) -> None:
    """From paid to shipped to completed, and no step left out."""
    order = await mall.order()
    with pytest.raises(OrderStateRefused):
        await mall.orders.ship(mall.call(AN_ADMIN), order.id)
    payment = await mall.check_out(order)
    await mall.pay(payment)
    await mall.tell(payment)
    await mall.orders.ship(mall.call(AN_ADMIN), order.id)
    with pytest.raises(OrderStateRefused):
        await mall.cancelling.cancel(mall.call(), order.id, None)
    assert (await mall.orders.complete(mall.call(AN_ADMIN), order.id)).status is OrderStatus.COMPLETED


async def test_a_part_that_is_refunded_changes_nothing_of_an_order(mall: Mall) -> None:
    """What was shipped stays shipped, whether the refund succeeds or comes back."""
    order = await mall.order()
    payment = await mall.check_out(order)
    await mall.pay(payment)
    await mall.tell(payment)
    await mall.orders.ship(mall.call(AN_ADMIN), order.id)
    shipped = mall.now(order)
    refund = await mall.refunds.create(
        mall.call(A_KEY), CreateRefund(payment_id=payment.id, amount="1.00", metadata={})
    )
    assert mall.now(order) == shipped
    await mall.refund_settling.settle(refund, RefundFailed("the account is closed"))
    assert mall.now(order) == shipped


_STEPS = st.lists(
    st.sampled_from(["alipay", "wechat", "pay oldest", "pay newest", "tell oldest", "tell newest", "cancel", "wait"]),
    max_size=12,
)


@given(_STEPS, st.booleans(), st.booleans())
@example(["wechat", "alipay", "pay newest", "tell oldest"], False, True)
async def test_a_customer_never_pays_twice(steps: list[str], alipay_closes: bool, wechat_closes: bool) -> None:
    """Whatever a customer does in whatever order: once everything has settled, the mall keeps the order's price if it is paid, and else nothing."""
    mall = Mall()
    mall.alipay.closable, mall.wechat.closable = alipay_closes, wechat_closes
    order = await mall.order()
    for step in steps:
        await _take(mall, order, step)
    await mall.pass_time(timedelta(hours=12))
    price = order.total.amount_minor if mall.now(order).status is OrderStatus.PAID else 0
    assert mall.alipay.kept_minor() + mall.wechat.kept_minor() == price
    assert {payment.status for payment in mall.payments_of(order)} <= {
        *(PaymentStatus.CANCELED, PaymentStatus.REFUNDED, PaymentStatus.SUCCEEDED)
    }
    mall.assert_nothing_is_forgotten()


async def _take(mall: Mall, order: Order, step: str) -> None:
    payments = mall.payments_of(order)
    try:
        match step.split():
            case ["pay" | "tell" as does, which] if payments:
                payment = payments[0] if which == "oldest" else payments[-1]
                await (mall.pay(payment) if does == "pay" else mall.tell(payment))
            case ["cancel"]:
                await mall.cancelling.cancel(mall.call(A_USER), order.id, None)
            case ["wait"]:
                await mall.pass_time(timedelta(minutes=6))
            case ["alipay" | "wechat" as gateway]:
                await mall.check_out(order, gateway)
            case _:
                pass
    except (OrderStateRefused, GatewayTimedOut):
        pass
