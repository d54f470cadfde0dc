"""Orders: which verb takes them from where to where, and by what numbers they go."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.errors import OrderStateRefused
from server.domain.money import Money
from server.domain.order import Order, OrderStatus, order_number, order_reference
from server.domain.payment import Payment
from tests.builders import NOON, a_payment, an_id

LATER = NOON + timedelta(hours=1)
ORDER = Order(
    id=7,
    uuid=an_id(7),
    merchant_id="default",
    order_no="2024011512000000000007",
    user_id="1001",
    total=Money.parse("59.49", "USD"),
    created_at=NOON,
    updated_at=NOON,
)
PAYMENT: Payment = replace(a_payment(captured="59.49"), gateway="alipay", captured_at=LATER, updated_at=LATER)

# Each verb that has a place where alone it begins, and where it ends.
VERBS: dict[str, tuple[Callable[[Order], Order], OrderStatus, OrderStatus]] = {
    "check_out": (lambda order: order.check_out(PAYMENT, LATER), OrderStatus.PENDING, OrderStatus.PENDING),
    "pay": (lambda order: order.pay(PAYMENT), OrderStatus.PENDING, OrderStatus.PAID),
    "cancel": (lambda order: order.cancel(LATER), OrderStatus.PENDING, OrderStatus.CANCELLED),
    "ship": (lambda order: order.ship(LATER), OrderStatus.PAID, OrderStatus.SHIPPED),
    "complete": (lambda order: order.complete(LATER), OrderStatus.SHIPPED, OrderStatus.COMPLETED),
}


@pytest.mark.parametrize(("verb", "status"), list(product(VERBS, OrderStatus)))
def test_a_verb_begins_where_it_may(verb: str, status: OrderStatus) -> None:
    """And is refused everywhere else, with the order's number and where it stands."""
    does, begins, ends = VERBS[verb]
    order = replace(ORDER, status=status)
    if status is begins:
        moved = does(order)
        assert (moved.status, moved.updated_at) == (ends, LATER)
        return
    with pytest.raises(OrderStateRefused) as refused:
        does(order)
    assert status.value in str(refused.value)


def test_a_checkout_names_its_payment() -> None:
    """A later one takes its place."""
    first = ORDER.check_out(PAYMENT, NOON)
    assert (first.payment_id, first.payment_gateway, first.paid_at) == (PAYMENT.id, "alipay", None)
    other = replace(PAYMENT, id=an_id(2), gateway="wechat")
    second = first.check_out(other, LATER)
    assert (second.payment_id, second.payment_gateway) == (other.id, "wechat")


def test_an_order_is_paid_when_its_gateway_says() -> None:
    """Not when we heard of it."""
    payment = replace(PAYMENT, captured_at=NOON, updated_at=LATER)
    paid = ORDER.pay(payment)
    assert (paid.paid_at, paid.updated_at) == (NOON, LATER)


@pytest.mark.parametrize("status", [OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.COMPLETED])
def test_a_refund_that_comes_back_leaves_the_order_where_it_was(status: OrderStatus) -> None:
    """The money is the mall's again, and what was shipped is not to be shipped once more. As often as that happens."""
    order = replace(ORDER, status=status)
    for _ in range(2):
        refunded = order.refund(LATER)
        assert (refunded.status, refunded.updated_at) == (OrderStatus.REFUNDED, LATER)
        order = refunded.refund_failed(LATER)
        assert order == replace(ORDER, status=status, updated_at=LATER)


def test_an_order_that_was_refunded_before_its_past_was_kept_is_paid_again() -> None:
    """Nobody knows better."""
    assert replace(ORDER, status=OrderStatus.REFUNDED).refund_failed(LATER).status is OrderStatus.PAID


def test_no_verb_changes_what_was_ordered() -> None:
    """Whose it is, what it costs, its numbers."""
    moved = ORDER.check_out(PAYMENT, LATER).pay(PAYMENT).ship(LATER).complete(LATER).refund(LATER)
    fixed = ("id", "uuid", "merchant_id", "order_no", "user_id", "total", "created_at", "subject")
    assert [getattr(moved, name) for name in fixed] == [getattr(ORDER, name) for name in fixed]


def test_the_number_begins_with_the_malls_own_time() -> None:
    """A second past four in Shanghai is one past eight in the evening before it in Greenwich."""
    shanghai = timezone(timedelta(hours=8))
    moment = datetime(2024, 1, 14, 20, 0, 1, tzinfo=UTC)
    assert order_number(123456789, moment.astimezone(shanghai)) == "20240115040001123456789"
    assert order_number(1, moment) == "2024011420000100000001"


@given(
    st.integers(1, 10**12 - 1),
    st.datetimes(datetime(2024, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  (made aware)
    st.integers(1, 99),
)
def test_every_number_fits_every_gateway(order_id: int, local_time: datetime, tries: int) -> None:
    """WeChat Pay takes the fewest: six to 32 characters of digits, letters and a few signs."""
    number = order_number(order_id, local_time)
    assert 22 <= len(number) <= 26
    reference = order_reference(number, tries)
    assert 6 <= len(reference) <= 32
    assert reference.replace("_", "").isdigit()


def test_the_first_payment_goes_by_the_orders_number() -> None:
    """Those after it count on."""
    assert [order_reference("N", tries) for tries in (1, 2, 3, 99)] == ["N", "N_2", "N_3", "N_99"]
