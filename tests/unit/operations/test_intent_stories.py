"""Any sequence of calls, customers, faults and crashes around an intent ends in a state that agrees with the gateway's truth, with one charge at most."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.domain.errors import DomainError
from server.domain.gateway import Instrument
from server.domain.payment import CaptureMethod, ConfirmationMethod, PaymentMethodKind
from server.operations import gateway_choosing
from server.operations.commands import ConfirmIntent, CreateIntent, SaveMethod
from tests.builders import a_call, an_id
from tests.crashing import Crash
from tests.fake_gateway import Fault
from tests.laws import assert_intents_are_told
from tests.shop import Shop

ALICE, INTENT = an_id(901), an_id(1)
A_DAY = timedelta(days=1)
TOKENS = ("tok_good", "tok_declined", "tok_challenge", "tok_refused")
METHODS = {token: an_id(100 + number) for number, token in enumerate(TOKENS)}
FAULTS = [(operation, fault) for operation in ("authorise", "void", "capture", "resume", "fetch") for fault in Fault]

Step = tuple[str, Any]
STEPS = st.one_of(
    st.tuples(st.just("confirm"), st.sampled_from((None, *TOKENS))),
    st.tuples(st.just("customer"), st.booleans()),
    st.tuples(st.just("capture"), st.sampled_from((None, "12.50"))),
    st.tuples(st.just("cancel"), st.none()),
    st.tuples(st.just("cancel payment"), st.none()),
    st.tuples(st.just("fault"), st.sampled_from(FAULTS)),
    st.tuples(st.just("late"), st.none()),
    st.tuples(st.just("time"), st.sampled_from((timedelta(seconds=6), timedelta(minutes=5), timedelta(hours=2)))),
)


@pytest.fixture(autouse=True, scope="module")
def _kept_by_the_fake() -> Any:
    """Cards are kept where the shop's only gateway is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(gateway_choosing.GATEWAY_OF, PaymentMethodKind.CARD, "fake")
        yield


async def opened() -> Shop:
    """A shop whose customer has saved cards of every kind."""
    shop = Shop()
    for token, method_id in METHODS.items():
        wish = SaveMethod(customer_id=ALICE, instrument=Instrument(PaymentMethodKind.CARD, token=token))
        await shop.saved_methods.save(a_call(method_id), wish)
    return shop


async def create(shop: Shop, token: str | None, *, reserve: bool, manual: bool, resumed: bool = False) -> None:
    wish = CreateIntent(
        amount="59.49",
        currency="USD",
        gateway="fake",
        method_id=METHODS[token] if token else None,
        capture_method=CaptureMethod.MANUAL if reserve else CaptureMethod.AUTOMATIC,
        confirmation_method=ConfirmationMethod.MANUAL if manual else ConfirmationMethod.AUTOMATIC,
        metadata={},
    )
    await shop.intents.create(a_call(INTENT, resumed=resumed), wish)


def at_the_challenge(shop: Shop, *, pays: bool) -> None:
    """The customer at whatever challenge there is."""
    for held in list(shop.gateway.payments.values()):
        shop.gateway.customer(held.attempt.reference, pays=pays)


async def does(shop: Shop, operation: int, step: Step) -> None:
    name, detail = step
    call = a_call(operation)
    match name:
        case "confirm":
            await shop.intents.confirm(call, ConfirmIntent(INTENT, METHODS[detail] if detail else None))
        case "customer":
            at_the_challenge(shop, pays=detail)
        case "capture":
            await shop.intents.capture(call, INTENT, detail)
        case "cancel":
            await shop.intents.cancel(call, INTENT)
        case "cancel payment":
            payment_id = shop.tables.intents[INTENT].payment_id
            if payment_id is not None:
                await shop.payments.cancel(call, payment_id)
        case "fault":
            shop.gateway.next(*detail)
        case "late":
            shop.gateway.deliver_late()
        case "time":
            await shop.pass_time(detail)
        case _:
            raise AssertionError(f"nobody does {name}")


@settings(max_examples=300, deadline=None)
@given(st.sampled_from((None, *TOKENS)), st.booleans(), st.booleans(), st.lists(STEPS, max_size=12))
def test_any_story_agrees_with_the_gateways_truth(
    token: str | None, reserve: bool, manual: bool, steps: list[Step]
) -> None:
    """After a day without faults nothing is unknown any more."""

    async def tell() -> None:
        shop = await opened()
        with suppress(DomainError):
            await create(shop, token, reserve=reserve, manual=manual)
        for number, step in enumerate(steps, start=2):
            with suppress(DomainError):
                await does(shop, number, step)
            shop.assert_nothing_is_forgotten()
        shop.gateway.heal()
        shop.gateway.deliver_late()
        await shop.pass_time(A_DAY)
        assert_intents_are_told(shop.tables, shop.gateway)

    asyncio.run(tell())


Act = Callable[[Shop, bool], Awaitable[object]]


async def _created(shop: Shop, resumed: bool, token: str = "tok_good", **how: bool) -> None:
    await create(shop, token, resumed=resumed, **({"reserve": False, "manual": False} | how))


async def _confirm(shop: Shop, resumed: bool, token: str | None = None) -> None:
    command = ConfirmIntent(INTENT, METHODS[token] if token else None)
    await shop.intents.confirm(a_call(2, resumed=resumed), command)


ACTS: dict[str, tuple[list[Act], Act]] = {
    "create": ([], _created),
    "create declined": ([], lambda shop, resumed: _created(shop, resumed, "tok_declined")),
    "confirm": ([lambda shop, _: _created(shop, False, manual=True)], _confirm),
    "confirm again": (
        [lambda shop, _: _created(shop, False, "tok_declined")],
        lambda shop, resumed: _confirm(shop, resumed, "tok_good"),
    ),
    "capture": (
        [lambda shop, _: _created(shop, False, reserve=True)],
        lambda shop, resumed: shop.intents.capture(a_call(2, resumed=resumed), INTENT, "12.50"),
    ),
    "cancel reserved": (
        [lambda shop, _: _created(shop, False, reserve=True)],
        lambda shop, resumed: shop.intents.cancel(a_call(2, resumed=resumed), INTENT),
    ),
    "cancel between tries": (
        [lambda shop, _: _created(shop, False, "tok_declined")],
        lambda shop, resumed: shop.intents.cancel(a_call(2, resumed=resumed), INTENT),
    ),
    "cancel untried": (
        [lambda shop, _: _created(shop, False, manual=True)],
        lambda shop, resumed: shop.intents.cancel(a_call(2, resumed=resumed), INTENT),
    ),
}
AS_WITHOUT_A_CRASH = {
    "create": "succeeded",
    "create declined": "requires_payment_method",
    "confirm": "succeeded",
    "confirm again": "succeeded",
    "capture": "succeeded",
    "cancel reserved": "canceled",
    "cancel between tries": "canceled",
    "cancel untried": "canceled",
}


async def prepared(name: str) -> Shop:
    shop = await opened()
    for act in ACTS[name][0]:
        with suppress(DomainError):
            await act(shop, False)
    return shop


@pytest.mark.parametrize("name", ACTS)
async def test_a_crash_at_any_step_changes_nothing_of_the_end(name: str) -> None:
    """Repeated, the call ends as if there had been none; not repeated, as far as it had come, and the gateway's truth is told."""
    shop = await prepared(name)
    shop.fuse.light(10_000)
    with suppress(DomainError):
        await ACTS[name][1](shop, False)
    steps = shop.fuse.steps
    assert steps >= 2
    for kill_at in range(1, steps + 1):
        for repeated in (True, False):
            other = await prepared(name)
            other.fuse.light(kill_at)
            with pytest.raises(Crash):
                await ACTS[name][1](other, False)
            other.start()
            if repeated:
                with suppress(DomainError):
                    await ACTS[name][1](other, True)
            await other.pass_time(A_DAY)
            assert_intents_are_told(other.tables, other.gateway)
            if repeated:
                assert other.tables.intents[INTENT].status == AS_WITHOUT_A_CRASH[name]
