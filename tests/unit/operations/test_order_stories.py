"""Whatever happens to an order, in whatever order, with callbacks that are lost, repeated and late and a service that dies: the money adds up."""

from datetime import timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from server.domain.access import Call
from server.domain.errors import DomainError
from server.domain.order import Order, OrderStatus
from server.domain.outcomes import Unknown
from server.domain.payment import PaymentStatus
from tests.crashing import Crash
from tests.mall import A_USER, AN_ADMIN, Mall
from tests.page_gateway import native

Step = tuple[str, ...] | tuple[str, int]

_WHICH = st.integers(0, 3)
_STEPS = st.one_of(
    st.tuples(st.just("check out"), st.sampled_from(["alipay", "wechat"])),
    st.tuples(st.just("pay"), _WHICH),
    st.tuples(st.just("write"), _WHICH),
    st.tuples(st.just("deliver"), _WHICH),
    st.tuples(st.just("call to look"), _WHICH),
    st.tuples(st.just("cancel")),
    st.tuples(st.just("ship")),
    st.tuples(st.just("wait"), st.integers(1, 10)),
    st.tuples(st.just("lose"), st.sampled_from(["authorise", "void", "resume", "fetch"])),
    st.tuples(st.just("crash"), st.integers(1, 8)),
)
_KEPT = (OrderStatus.PAID, OrderStatus.SHIPPED, OrderStatus.COMPLETED)


class Story:
    """One order, everybody who has to do with it, and the callbacks that its gateways have written."""

    def __init__(self, *, alipay_closes: bool, wechat_closes: bool) -> None:
        self.mall = Mall()
        self.mall.alipay.closable, self.mall.wechat.closable = alipay_closes, wechat_closes
        self._letters: list[tuple[str, dict[str, Any]]] = []

    async def happen(self, steps: list[Step]) -> Order:
        """All of it, and then peace until everything has settled."""
        order = await self.mall.order()
        for step in steps:
            await self._happen(order, step)
        self.mall.fuse.light(0)
        for gateway in (self.mall.alipay, self.mall.wechat):
            gateway.answers.clear()
        await self.mall.pass_time(timedelta(hours=12))
        return self.mall.now(order)

    async def _happen(self, order: Order, step: Step) -> None:
        """A step, which a crash cuts off and a restart repeats under the same operation."""
        call = self.mall.call(AN_ADMIN if step[0] == "ship" else A_USER)
        for resumed in (False, True):
            try:
                await self._take(order, step, Call(call.caller, call.operation_id, resumed=resumed))
            except DomainError:
                return
            except Crash:
                self.mall.assert_nothing_is_forgotten()
                self.mall.start()
            else:
                return

    async def _take(self, order: Order, step: Step, call: Call) -> None:
        match step:
            case ("check out", str(name)):
                await self.mall.check_out(order, name, call)
            case ("cancel",):
                await self.mall.cancelling.cancel(call, order.id, None)
            case ("ship",):
                await self.mall.orders.ship(call, order.id)
            case ("wait", int(minutes)):
                await self.mall.pass_time(timedelta(minutes=minutes))
            case ("lose", str(operation)):
                for gateway in (self.mall.alipay, self.mall.wechat):
                    gateway.next(operation, Unknown("lost"))
            case ("crash", int(at)):
                self.mall.fuse.light(at)
            case (str(what), int(which)):
                await self._outside(order, what, which)
            case _:
                raise AssertionError(step)

    async def _outside(self, order: Order, what: str, which: int) -> None:
        """What customers and gateways do; nothing where there is nothing yet to do it with."""
        if what == "deliver" and self._letters:
            name, letter = self._letters[which % len(self._letters)]
            await self.mall.post(letter, native(name))
        shown = [each for each in self.mall.payments_of(order) if each.reference in self.mall.gateway_of(each).shown]
        if not shown:
            return
        payment = shown[which % len(shown)]
        gateway = self.mall.gateway_of(payment)
        match what:
            case "pay":
                await self.mall.pay(payment)
            case "write":
                self._letters.append((gateway.name, gateway.told(payment.reference)))
            case "call to look":
                await self.mall.tell(payment, state="ask")
            case _:
                assert what == "deliver", what


@settings(max_examples=200, deadline=None)
@given(st.lists(_STEPS, max_size=16), st.booleans(), st.booleans())
@example([("check out", "alipay"), ("pay", 0), ("write", 0), ("crash", 3), ("cancel",), ("deliver", 0)], True, True)
@example([("check out", "alipay"), ("cancel",), ("pay", 0), ("call to look", 0)], False, True)
@example(
    [("check out", "alipay"), ("check out", "wechat"), ("pay", 0), ("pay", 1), ("crash", 2), ("call to look", 0)],
    False,
    True,
)
@example(
    [("check out", "wechat"), ("pay", 0), ("call to look", 0), ("ship",), ("cancel",), ("deliver", 0)], True, False
)
async def test_the_money_adds_up_in_every_story(steps: list[Step], alipay_closes: bool, wechat_closes: bool) -> None:
    """The mall keeps the price of an order that is paid or shipped, and of any other nothing; nothing stays open."""
    story = Story(alipay_closes=alipay_closes, wechat_closes=wechat_closes)
    order = await story.happen(steps)
    mall = story.mall
    assert mall.alipay.kept_minor() + mall.wechat.kept_minor() == (10_000 if order.status in _KEPT else 0)
    ends = {PaymentStatus.CANCELED, PaymentStatus.REFUNDED, PaymentStatus.SUCCEEDED, PaymentStatus.FAILED}
    assert {payment.status for payment in mall.payments_of(order)} <= ends
    if order.status in _KEPT:
        assert order.payment_id is not None
        assert mall.tables.payments[order.payment_id].captured_minor == 10_000
    mall.assert_nothing_is_forgotten()
