"""Payment intents and saved methods on the databases that they run on: what locks and unique indexes make of calls at once."""

import asyncio
from collections.abc import Awaitable
from functools import partial
from typing import TypeVar
from uuid import UUID

import pytest

from server.domain.access import DEFAULT_MERCHANT
from server.domain.errors import DomainError, InsufficientFunds
from server.domain.gateway import Instrument
from server.domain.ledger import Posting, PostingKind
from server.domain.listing import PaymentFilter, PaymentQuery, SavedMethodQuery
from server.domain.outcomes import Approved
from server.domain.payment import PaymentMethodKind
from server.domain.payment_intent import IntentStatus, PaymentIntent
from server.domain.ports import Transaction
from server.operations import gateway_choosing
from server.operations.commands import ConfirmIntent, CreateIntent, SaveMethod
from server.storage.store import SqlStore
from tests.builders import A_CALLER, a_call, an_id
from tests.gateway_truth import Standing
from tests.shop import Shop

T = TypeVar("T")

ALICE, INTENT, GOOD, BAD = an_id(901), an_id(1), an_id(101), an_id(102)
AT_ONCE = range(10, 18)


@pytest.fixture
def shop(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A service over the database; cards are kept where its only gateway is."""
    monkeypatch.setitem(gateway_choosing.GATEWAY_OF, PaymentMethodKind.CARD, "fake")
    return Shop(store)


async def saved(shop: Shop, operation: int, token: str, *, default: bool = False) -> None:
    instrument = Instrument(PaymentMethodKind.CARD, token=token)
    wish = SaveMethod(customer_id=ALICE, instrument=instrument, set_as_default=default)
    await shop.saved_methods.save(a_call(operation), wish)


async def opened(shop: Shop) -> None:
    """An intent without a payment method, of a customer with two."""
    await saved(shop, 101, "tok_good")
    await saved(shop, 102, "tok_declined")
    wish = CreateIntent(amount="59.49", currency="USD", gateway="fake", customer_id=ALICE, metadata={})
    await shop.intents.create(a_call(INTENT), wish)


async def stored(shop: Shop) -> PaymentIntent:
    return await shop.store.look_up(lambda tx: tx.intents.get(DEFAULT_MERCHANT, INTENT))


async def at_once(*calls: Awaitable[T]) -> None:
    """Anything but an answer or a refusal in words fails: no deadlock comes to the surface."""
    for answer in await asyncio.gather(*calls, return_exceptions=True):
        assert not isinstance(answer, BaseException) or isinstance(answer, DomainError), repr(answer)


def standings(shop: Shop) -> list[Standing]:
    return sorted(held.standing for held in shop.gateway.payments.values())


async def test_confirmations_at_once_charge_once(shop: Shop) -> None:
    """The first of them makes the payment; the others find it."""
    await opened(shop)
    await at_once(*(shop.intents.confirm(a_call(each), ConfirmIntent(INTENT, GOOD)) for each in AT_ONCE))
    assert (await stored(shop)).status is IntentStatus.SUCCEEDED
    assert standings(shop) == [Standing.TAKEN]


async def test_further_tries_at_once_charge_once(shop: Shop) -> None:
    """After a decline there is a payment, which each of them would try again."""
    await opened(shop)
    with pytest.raises(InsufficientFunds):
        await shop.intents.confirm(a_call(2), ConfirmIntent(INTENT, BAD))
    await at_once(*(shop.intents.confirm(a_call(each), ConfirmIntent(INTENT, GOOD)) for each in AT_ONCE))
    assert (await stored(shop)).status is IntentStatus.SUCCEEDED
    assert standings(shop) == [Standing.DECLINED, Standing.TAKEN]


async def test_money_that_two_tries_took_is_booked_once(shop: Shop) -> None:
    """However often and at once its gateway tells of it: one payment beside the intent's, with one posting and one refund."""
    await opened(shop)
    with pytest.raises(InsufficientFunds):
        await shop.intents.confirm(a_call(2), ConfirmIntent(INTENT, BAD))
    await shop.intents.confirm(a_call(3), ConfirmIntent(INTENT, GOOD))
    declined = await shop.store.look_up(lambda tx: tx.attempts.find(DEFAULT_MERCHANT, an_id(2)))
    assert declined is not None
    taken = Approved("gp_declined", 5949, captured=True)
    await at_once(*(shop.settling.settle(declined, taken) for _ in AT_ONCE))
    query = PaymentQuery(PaymentFilter())
    surplus, paid = (await shop.payments.list(A_CALLER, query)).items
    assert (paid.id, paid.refunds) == ((await stored(shop)).payment_id, ())
    assert (surplus.reference, surplus.captured_minor, len(surplus.refunds)) == (declined.reference, 5949, 1)
    for payment in (paid, surplus):
        charge = partial(_charge_of, payment_id=payment.id)
        assert await shop.store.look_up(charge) is not None


def _charge_of(tx: Transaction, payment_id: UUID) -> Posting | None:
    return tx.ledger.find(DEFAULT_MERCHANT, PostingKind.CHARGE, payment_id)


async def test_a_cancel_among_confirmations_ends_one_way(shop: Shop) -> None:
    """Paid once, or canceled and nothing taken."""
    await opened(shop)
    calls = [shop.intents.confirm(a_call(each), ConfirmIntent(INTENT, GOOD)) for each in AT_ONCE]
    await at_once(*calls[:3], shop.intents.cancel(a_call(3), INTENT), *calls[3:])
    paid = (await stored(shop)).status is IntentStatus.SUCCEEDED
    assert paid or (await stored(shop)).status is IntentStatus.CANCELED
    assert standings(shop) == ([Standing.TAKEN] if paid else [])


async def test_defaults_at_once_leave_one(shop: Shop) -> None:
    """Whoever comes last has the say."""
    tokens = ("tok_good", "tok_declined", "tok_challenge", "tok_works")
    await at_once(*(saved(shop, 20 + number, token, default=True) for number, token in enumerate(tokens)))
    page = await shop.store.read(lambda tx: tx.saved_methods.list(DEFAULT_MERCHANT, SavedMethodQuery(ALICE)))
    assert len(page.items) == len(tokens)
    assert sum(method.is_default for method in page.items) == 1
