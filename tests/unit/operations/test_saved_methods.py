"""Saved payment methods: kept at the gateway once, one default per customer, gone for good when they are deleted, and paid with by their customer alone."""

from datetime import timedelta

import pytest

from server.domain.errors import (
    CardDeclined,
    DomainError,
    GatewayError,
    GatewayUnavailable,
    IncorrectCvc,
    InvalidPaymentMethod,
    NotSupported,
    PaymentMethodNotFound,
)
from server.domain.gateway import Instrument
from server.domain.jobs import JobKind
from server.domain.listing import SavedMethodQuery
from server.domain.payment import PaymentMethodKind, PaymentStatus
from server.domain.saved_method import SavedMethod
from server.operations import gateway_choosing
from server.operations.commands import CreatePayment, SavedInstrument, SaveMethod
from tests.builders import A_CALLER, a_call, an_id
from tests.crashing import Crash
from tests.fake_gateway import A_CARD, Fault
from tests.shop import Shop

ALICE, BOB = an_id(901), an_id(902)
A_DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _kept_by_the_fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cards are kept where the shop's only gateway is."""
    monkeypatch.setitem(gateway_choosing.GATEWAY_OF, PaymentMethodKind.CARD, "fake")


async def save(
    shop: Shop, operation: int = 1, token: str = "tok_good", *, default: bool = False, resumed: bool = False
) -> SavedMethod:
    instrument = Instrument(PaymentMethodKind.CARD, token=token)
    wish = SaveMethod(customer_id=ALICE, instrument=instrument, set_as_default=default)
    return await shop.saved_methods.save(a_call(operation, resumed=resumed), wish)


async def listed(shop: Shop) -> dict[str, bool]:
    """The tokens of what Alice can pay with, newest first, and which is her default."""
    page = await shop.saved_methods.list(A_CALLER, SavedMethodQuery(ALICE))
    return {method.token: method.is_default for method in page.items}


def a_wish_with(method: SavedMethod, **changes: object) -> CreatePayment:
    wish = {
        "amount": "59.49",
        "currency": "USD",
        "instrument": SavedInstrument(PaymentMethodKind.CARD, method.id),
        "gateway": "fake",
        "metadata": {},
    }
    return CreatePayment(**(wish | changes))  # type: ignore[arg-type]


async def test_the_first_one_is_the_default(shop: Shop) -> None:
    """And a later one where it is asked for; there is never another one beside it."""
    first = await save(shop)
    assert (first.is_default, first.card, first.customer_id) == (True, A_CARD, ALICE)
    await save(shop, 2, "tok_declined")
    assert await listed(shop) == {"tok_declined": False, "tok_good": True}
    await save(shop, 3, "tok_challenge", default=True)
    assert await listed(shop) == {"tok_challenge": True, "tok_declined": False, "tok_good": False}


async def test_another_default_takes_the_place_of_the_former(shop: Shop) -> None:
    """However often it is said."""
    first = await save(shop)
    second = await save(shop, 2, "tok_declined")
    for operation in (3, 4):
        assert (await shop.saved_methods.make_default(a_call(operation), ALICE, second.id)).is_default
        assert await listed(shop) == {"tok_declined": True, "tok_good": False}
    await shop.saved_methods.make_default(a_call(5), ALICE, first.id)
    assert await listed(shop) == {"tok_declined": False, "tok_good": True}


async def test_a_token_that_is_saved_is_not_saved_twice(shop: Shop) -> None:
    """The same method again; also after an execution that was cut off."""
    first = await save(shop)
    assert await save(shop, 2) == first
    assert await save(shop, 1, resumed=True) == first
    assert len(shop.tables.saved_methods) == 1


@pytest.mark.parametrize(
    ("token", "fault", "error"),
    [
        ("tok_unusable", None, InvalidPaymentMethod),
        ("tok_not_to_keep", None, CardDeclined),
        ("tok_good", Fault.DECLINED, IncorrectCvc),
        ("tok_good", Fault.REFUSED, GatewayError),
        ("tok_good", Fault.UNREACHABLE, GatewayUnavailable),
    ],
)
async def test_what_the_gateway_does_not_keep_is_not_saved(
    shop: Shop, token: str, fault: Fault | None, error: type[DomainError]
) -> None:
    """Each refusal with its documented reason, and nothing is stored."""
    shop.gateway.next("tokenise", *([fault] if fault else []))
    with pytest.raises(error) as raised:
        await save(shop, token=token)
    assert "payment_id" not in raised.value.facts
    assert not shop.tables.saved_methods


async def test_a_gateway_that_keeps_nothing_is_not_asked(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """NOT_SUPPORTED."""
    monkeypatch.setitem(gateway_choosing.GATEWAY_OF, PaymentMethodKind.PAYPAL, "fake")
    wish = SaveMethod(customer_id=ALICE, instrument=Instrument(PaymentMethodKind.PAYPAL, token="t"))
    with pytest.raises(NotSupported):
        await shop.saved_methods.save(a_call(1), wish)
    assert shop.gateway.calls == []


async def test_a_deleted_one_is_gone_here_and_at_the_gateway(shop: Shop) -> None:
    """And is nobody's default; the next one becomes it."""
    method = await save(shop)
    await shop.saved_methods.delete(a_call(2), ALICE, method.id)
    assert await listed(shop) == {}
    assert shop.gateway.kept == {}
    assert not any(kind is JobKind.RELEASE_METHOD for kind, _ in shop.tables.jobs)
    for use in (shop.saved_methods.delete, shop.saved_methods.make_default):
        with pytest.raises(PaymentMethodNotFound):
            await use(a_call(3), ALICE, method.id)
    assert (await save(shop, 4)).is_default


@pytest.mark.parametrize("fault", [Fault.UNREACHABLE, Fault.REQUEST_LOST, Fault.REPLY_LOST])
async def test_the_background_tells_the_gateway_what_a_call_could_not(shop: Shop, fault: Fault) -> None:
    """Until it has said that nobody can pay with it any more."""
    method = await save(shop)
    shop.gateway.next("let_go", fault, fault)
    await shop.saved_methods.delete(a_call(2), ALICE, method.id)
    await shop.pass_time(A_DAY)
    assert shop.gateway.kept == {}
    assert not shop.tables.jobs


async def test_a_deletion_that_was_cut_off_goes_on(shop: Shop) -> None:
    """Killed at any step: repeated, it is done; not repeated, the background does it."""
    method = await save(shop)
    shop.fuse.light(10_000)
    await shop.saved_methods.delete(a_call(2), ALICE, method.id)
    steps = shop.fuse.steps
    assert steps > 4
    for kill_at in range(1, steps + 1):
        for repeated in (True, False):
            other = Shop()
            victim = await save(other)
            other.fuse.light(kill_at)
            with pytest.raises(Crash):
                await other.saved_methods.delete(a_call(2), ALICE, victim.id)
            other.start()
            if repeated:
                await other.saved_methods.delete(a_call(2, resumed=True), ALICE, victim.id)
            await other.pass_time(A_DAY)
            deleted = other.tables.saved_methods[victim.id].deleted_at is not None
            assert deleted is (repeated or kill_at > 1)
            assert (other.gateway.kept == {}) is deleted


async def test_a_save_that_was_cut_off_is_one_method(shop: Shop) -> None:
    """Killed at any step and repeated: one method here, one at the gateway."""
    shop.fuse.light(10_000)
    await save(shop)
    for kill_at in range(1, shop.fuse.steps + 1):
        other = Shop()
        other.fuse.light(kill_at)
        with pytest.raises(Crash):
            await save(other)
        other.start()
        assert await save(other, resumed=True) == other.tables.saved_methods[an_id(1)]
        assert list(other.gateway.kept) == ["tok_good"]


async def test_another_customers_does_not_exist(shop: Shop) -> None:
    """PAYMENT_METHOD_NOT_FOUND, whatever is asked of it."""
    method = await save(shop)
    for use in (shop.saved_methods.delete, shop.saved_methods.make_default):
        with pytest.raises(PaymentMethodNotFound):
            await use(a_call(2), BOB, method.id)
    with pytest.raises(PaymentMethodNotFound):
        await shop.payments.create(a_call(3), a_wish_with(method, customer_id=BOB))
    assert not shop.tables.payments


async def test_a_payment_is_made_with_a_saved_method(shop: Shop) -> None:
    """As often as its customer likes, for that customer, without a token being made anew."""
    method = await save(shop)
    shop.gateway.calls.clear()
    for operation, customer in ((2, None), (3, ALICE)):
        payment = await shop.payments.create(a_call(operation), a_wish_with(method, customer_id=customer))
        assert (payment.status, payment.customer_id, payment.card) == (PaymentStatus.SUCCEEDED, ALICE, A_CARD)
        request = shop.tables.attempts[an_id(operation)].request
        assert (request["token"], request["customer"]) == ("tok_good", method.gateway_customer_id)
    assert shop.gateway.calls == ["authorise", "authorise"]


async def test_a_deleted_one_pays_nothing(shop: Shop) -> None:
    """PAYMENT_METHOD_NOT_FOUND, before anything is sent."""
    method = await save(shop)
    await shop.saved_methods.delete(a_call(2), ALICE, method.id)
    with pytest.raises(PaymentMethodNotFound):
        await shop.payments.create(a_call(3), a_wish_with(method))
