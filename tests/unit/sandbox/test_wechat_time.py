"""What the simulated WeChat Pay does when time has passed: it closes orders, settles refunds, forgets nonces."""

from collections.abc import Iterator

import pytest

from sandbox.wechat.calls import customer, refunds
from sandbox.wechat.refusals import Reason, Refused
from tests.unit.sandbox.wechat_world import BEGIN, World, new_world

YEAR = 365 * 24 * 3600


@pytest.fixture
def world() -> Iterator[World]:
    with new_world() as opened:
        yield opened


def test_an_unpaid_order_closes_at_its_time(world: World) -> None:
    """Not before it; and nobody can pay it afterwards."""
    order = world.place("order-1", BEGIN + 90)
    world.wait(89)
    assert world.state("order-1") == "NOTPAY"
    assert customer.can_pay(world.ledger(), order)
    world.wait(1)
    assert world.state("order-1") == "CLOSED"
    assert not customer.can_pay(world.ledger(), order)


def test_an_order_without_a_time_closes_after_a_week(world: World) -> None:
    """And a declined one with it."""
    world.place("order-2")
    customer.decline(world.ledger(), world.place("order-3"))
    world.wait(7 * 24 * 3600 - 1)
    assert (world.state("order-2"), world.state("order-3")) == ("NOTPAY", "PAYERROR")
    world.wait(1)
    assert (world.state("order-2"), world.state("order-3")) == ("CLOSED", "CLOSED")


def test_a_paid_order_stays_paid(world: World) -> None:
    """Its time has no meaning any more."""
    customer.pay(world.ledger(), world.place("order-4", BEGIN + 90))
    world.wait(100)
    assert world.state("order-4") == "SUCCESS"


def test_an_order_must_stay_open_for_a_minute(world: World) -> None:
    """A shorter time is refused, and so is one that is over."""
    for seconds in (-1, 0, 59):
        with pytest.raises(Refused) as caught:
            world.place("order-5", BEGIN + seconds)
        assert (caught.value.reason, caught.value.field) == (Reason.PARAM_ERROR, "/time_expire")


def test_a_refund_settles_some_time_later(world: World) -> None:
    """It is being processed until then."""
    customer.pay(world.ledger(), world.place("order-6"))
    world.refund("order-6", "refund-1", 40)
    world.wait(4)
    assert refunds.need(world.ledger(), "refund-1").status == "PROCESSING"
    world.wait(1)
    assert refunds.need(world.ledger(), "refund-1").status == "SUCCESS"


def test_a_payment_is_refunded_within_a_year(world: World) -> None:
    """On the last day still, and no later."""
    customer.pay(world.ledger(), world.place("order-7"))
    world.wait(YEAR)
    world.refund("order-7", "refund-2", 1)
    world.wait(1)
    with pytest.raises(Refused) as caught:
        world.refund("order-7", "refund-3", 1)
    assert caught.value.reason is Reason.TRADE_OVERDUE


def test_an_order_is_refunded_in_fifty_parts_at_most(world: World) -> None:
    """The fifty-first is refused though there is money left."""
    customer.pay(world.ledger(), world.place("order-8"))
    for number in range(50):
        world.refund("order-8", f"part-{number}", 1)
    with pytest.raises(Refused) as caught:
        world.refund("order-8", "part-50", 1)
    assert caught.value.reason is Reason.INVALID_REQUEST


def test_old_notices_and_nonces_are_forgotten(world: World) -> None:
    """After a month a notification, after ten minutes a nonce."""
    customer.pay(world.ledger(), world.place("order-9"))
    (merchant,) = world.gateway.merchants.all()
    world.around.documents.put(merchant.id, "wechat.nonce", "nonce", int(BEGIN), "{}")
    world.wait(600)
    world.gateway.tidy()
    assert world.around.documents.get(merchant.id, "wechat.nonce", "nonce") is not None
    world.wait(2)
    world.gateway.tidy()
    assert world.around.documents.get(merchant.id, "wechat.nonce", "nonce") is None
    (delivery,) = world.around.callbacks.due(merchant.id, 10)
    assert world.gateway.callback(merchant.id, delivery.subject) is not None
    world.wait(31 * 24 * 3600)
    world.gateway.tidy()
    assert world.gateway.callback(merchant.id, delivery.subject) is None
