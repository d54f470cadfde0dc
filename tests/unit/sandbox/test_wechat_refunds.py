"""Laws of the simulated WeChat Pay's refunds, and that every refusal has its words in both APIs."""

from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.wechat.calls import customer, orders, refunds
from sandbox.wechat.refusals import Reason, Refused
from sandbox.wechat.v2.errors import ERROR_CODES
from sandbox.wechat.v3.errors import error_of
from tests.unit.sandbox.wechat_world import World, new_world

TOTAL = 100
End = Literal["SUCCESS", "CLOSED", "ABNORMAL"]
ASKED = st.tuples(st.integers(0, 5), st.integers(1, TOTAL))
ENDED = st.tuples(st.integers(0, 5), st.sampled_from(["SUCCESS", "CLOSED", "ABNORMAL"]))


@settings(deadline=None, max_examples=60)
@given(steps=st.lists(ASKED | ENDED, max_size=12))
def test_no_sequence_of_refunds_returns_more_than_was_paid(steps: list[tuple[int, int] | tuple[int, End]]) -> None:
    """What the order counts is what its refunds come to, those that were closed left out, and never above its total."""
    with new_world() as world:
        customer.pay(world.ledger(), world.place("order-1"))
        for number, step in steps:
            if isinstance(step, int):
                ask(world, f"refund-{number}", step)
            else:
                end(world, f"refund-{number}", step)
            order = orders.find(world.ledger(), "order-1", None)
            kept = [
                each for each in world.ledger().refunds_where("$.out_trade_no", "order-1") if each.status != "CLOSED"
            ]
            assert order.refunded == sum(each.refund for each in kept) <= TOTAL
            assert order.refundable == TOTAL - order.refunded


def ask(world: World, out_refund_no: str, amount: int) -> None:
    before = world.ledger().refund(out_refund_no)
    refundable = orders.find(world.ledger(), "order-1", None).refundable
    try:
        world.refund("order-1", out_refund_no, amount)
    except Refused:
        assert amount > refundable if before is None else amount != before.refund
        assert world.ledger().refund(out_refund_no) == before
    else:
        assert before is None or world.ledger().refund(out_refund_no) == before


def end(world: World, out_refund_no: str, status: End) -> None:
    refund = world.ledger().refund(out_refund_no)
    if refund is not None and refund.status == "PROCESSING":
        refunds.end(world.ledger(), refund, status)


def test_every_refusal_has_its_words_in_both_apis() -> None:
    """A status and a code in API v3, a code in API v2."""
    assert set(ERROR_CODES) == set(Reason)
    assert all(400 <= error_of(Refused(reason))[0] < 500 for reason in Reason)
