"""Payment intents: each step leaves what the contract says, one payment over all tries, one charge at most."""

from dataclasses import replace
from datetime import timedelta

import pytest

from server.domain.attempt import AttemptKind
from server.domain.errors import (
    AlreadyCaptured,
    GatewayError,
    GatewayUnavailable,
    InsufficientFunds,
    IntentStateRefused,
    InvalidPaymentMethod,
    InvalidState,
    NotSupported,
    PaymentIntentNotFound,
    PaymentMethodNotFound,
)
from server.domain.gateway import Instrument
from server.domain.ids import reference_of
from server.domain.jobs import JobKind
from server.domain.ledger import Account, PostingKind
from server.domain.listing import IntentFilter, IntentQuery
from server.domain.outcomes import Approved
from server.domain.payment import CaptureMethod, ConfirmationMethod, FutureUsage, PaymentMethodKind, PaymentStatus
from server.domain.payment_intent import IntentStatus, PaymentIntent
from server.domain.saved_method import SavedMethod
from server.domain.settlement import CUSTOMER_MAY_TAKE
from server.operations import gateway_choosing
from server.operations.commands import CapturePayment, ConfirmIntent, CreateIntent, SaveMethod
from server.operations.policy import Policy
from server.operations.refund_settling import charge_of
from tests.builders import A_CALLER, A_CHALLENGE, NOON, a_call, a_wish_to_be_refunded, an_id
from tests.fake_gateway import Fault
from tests.gateway_truth import Standing
from tests.shop import Shop

ALICE, BOB = an_id(901), an_id(902)
A_WHILE = timedelta(minutes=30)
TODAY = NOON.date()


@pytest.fixture(autouse=True)
def _kept_by_the_fake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cards are kept where the shop's only gateway is."""
    monkeypatch.setitem(gateway_choosing.GATEWAY_OF, PaymentMethodKind.CARD, "fake")


async def saved(shop: Shop, token: str = "tok_good", operation: int = 100) -> SavedMethod:
    wish = SaveMethod(customer_id=ALICE, instrument=Instrument(PaymentMethodKind.CARD, token=token))
    return await shop.saved_methods.save(a_call(operation), wish)


async def created(
    shop: Shop,
    method: SavedMethod | None = None,
    *,
    operation: int = 1,
    manual: bool = False,
    reserve: bool = False,
    usage: FutureUsage | None = None,
    resumed: bool = False,
) -> PaymentIntent:
    """An intent; `manual` is its confirmation, `reserve` its capture."""
    wish = CreateIntent(
        amount="59.49",
        currency="USD",
        gateway="fake",
        method_id=method.id if method else None,
        confirmation_method=ConfirmationMethod.MANUAL if manual else ConfirmationMethod.AUTOMATIC,
        capture_method=CaptureMethod.MANUAL if reserve else CaptureMethod.AUTOMATIC,
        setup_future_usage=usage,
        metadata={"till": "7"},
    )
    return await shop.intents.create(a_call(operation, resumed=resumed), wish)


async def confirmed(
    shop: Shop, intent: PaymentIntent, method: SavedMethod | None = None, *, operation: int = 2, resumed: bool = False
) -> PaymentIntent:
    command = ConfirmIntent(intent.id, method.id if method else None)
    return await shop.intents.confirm(a_call(operation, resumed=resumed), command)


def stored(shop: Shop) -> PaymentIntent:
    """The only intent."""
    (intent,) = shop.tables.intents.values()
    return intent


async def test_an_intent_without_a_payment_method_needs_one(shop: Shop) -> None:
    """It stands there with nothing sent and no payment; confirming it without one is refused."""
    intent = await created(shop)
    assert (intent.status, intent.payment_id) == (IntentStatus.REQUIRES_PAYMENT_METHOD, None)
    with pytest.raises(InvalidPaymentMethod):
        await confirmed(shop, intent)
    assert shop.gateway.calls == []
    assert not shop.tables.payments


async def test_an_automatic_intent_confirms_itself(shop: Shop) -> None:
    """Its payment is another object, for its customer, and follows no other call."""
    method = await saved(shop)
    intent = await created(shop, method)
    payment = shop.payment()
    assert (intent.status, intent.payment_id, intent.customer_id) == (IntentStatus.SUCCEEDED, payment.id, ALICE)
    assert payment.id != intent.id
    assert (payment.status, payment.intent_id, payment.customer_id) == (PaymentStatus.SUCCEEDED, intent.id, ALICE)
    assert intent.gateway_payment_id == payment.gateway_payment_id
    assert stored(shop) == intent


async def test_a_manual_intent_waits_to_be_confirmed(shop: Shop) -> None:
    """Nothing is sent before; confirming it again changes nothing."""
    intent = await created(shop, await saved(shop), manual=True)
    assert (intent.status, intent.payment_id) == (IntentStatus.REQUIRES_CONFIRMATION, None)
    done = await confirmed(shop, intent)
    assert done.status is IntentStatus.SUCCEEDED
    calls = list(shop.gateway.calls)
    assert await confirmed(shop, intent, operation=3) == done
    assert shop.gateway.calls == calls


async def test_a_decline_asks_for_another_payment_method(shop: Shop) -> None:
    """The payment stays open; the next try has a reference of its own, and the money is taken once."""
    bad, good = await saved(shop, "tok_declined"), await saved(shop, operation=101)
    with pytest.raises(InsufficientFunds) as declined:
        await created(shop, bad)
    intent, payment = stored(shop), shop.payment()
    assert declined.value.facts == {"payment_id": str(payment.id), "payment_intent_id": str(intent.id)}
    assert (intent.status, intent.method_id) == (IntentStatus.REQUIRES_PAYMENT_METHOD, None)
    assert intent.error is not None
    assert (intent.error.code, intent.error.message) == ("INSUFFICIENT_FUNDS", "not enough money")
    assert (payment.status, payment.expires_at) == (PaymentStatus.PENDING, None)
    for operation in (2, 3):
        with pytest.raises(InsufficientFunds):
            await confirmed(shop, intent, bad, operation=operation)
    done = await confirmed(shop, intent, good, operation=4)
    assert (done.status, done.error, done.method_id) == (IntentStatus.SUCCEEDED, None, good.id)
    assert (shop.payment().id, shop.payment().reference) == (payment.id, reference_of(payment.id, 4))
    references = [reference_of(payment.id, number) for number in range(1, 5)]
    assert sorted(attempt.reference for attempt in shop.tables.attempts.values()) == references
    standings = [held.standing for held in shop.gateway.payments.values()]
    assert standings == [Standing.DECLINED] * 3 + [Standing.TAKEN]


async def test_a_refund_goes_back_to_the_try_that_took_the_money(shop: Shop) -> None:
    """Though an earlier one, of a call that began later, had failed."""
    with pytest.raises(InsufficientFunds):
        await created(shop, await saved(shop, "tok_declined"), operation=9)
    await confirmed(shop, stored(shop), await saved(shop, operation=101), operation=2)
    refund = await shop.refunds.create(a_call(10), a_wish_to_be_refunded(shop.payment().id))
    assert refund.gateway_refund_id is not None
    (taken,) = [held for held in shop.gateway.payments.values() if held.standing is Standing.TAKEN]
    assert taken.attempt.id == an_id(2)


async def test_a_challenge_leaves_the_customer_to_act(shop: Shop) -> None:
    """Then the background finds what they did; confirming again only looks."""
    intent = await created(shop, await saved(shop, "tok_challenge"))
    assert (intent.status, intent.next_action) == (IntentStatus.REQUIRES_ACTION, A_CHALLENGE)
    assert await confirmed(shop, intent) == intent
    shop.gateway.customer(shop.payment().reference, pays=True)
    await shop.pass_time(A_WHILE)
    assert (stored(shop).status, stored(shop).next_action) == (IntentStatus.SUCCEEDED, None)


async def test_confirming_after_the_challenge_finds_it_passed(shop: Shop) -> None:
    """Without waiting for the background."""
    intent = await created(shop, await saved(shop, "tok_challenge"), reserve=True)
    shop.gateway.customer(shop.payment().reference, pays=True)
    assert (await confirmed(shop, intent)).status is IntentStatus.REQUIRES_CAPTURE


async def test_a_failed_challenge_asks_for_another_payment_method(shop: Shop) -> None:
    """Whoever finds it: here the one who confirms again."""
    intent = await created(shop, await saved(shop, "tok_challenge"))
    shop.gateway.customer(shop.payment().reference, pays=False)
    with pytest.raises(InsufficientFunds):
        await confirmed(shop, intent)
    assert stored(shop).status is IntentStatus.REQUIRES_PAYMENT_METHOD
    done = await confirmed(shop, intent, await saved(shop, operation=101), operation=3)
    assert done.status is IntentStatus.SUCCEEDED


async def test_another_method_beside_an_open_challenge_is_refused(shop: Shop) -> None:
    """The customer could pay with both."""
    intent = await created(shop, await saved(shop, "tok_challenge"))
    with pytest.raises(IntentStateRefused):
        await confirmed(shop, intent, await saved(shop, operation=101))
    assert stored(shop) == intent


async def test_an_abandoned_challenge_ends_the_intent(shop: Shop) -> None:
    """As every payment that waits too long: closed at the gateway, then canceled."""
    await created(shop, await saved(shop, "tok_challenge"))
    await shop.pass_time(CUSTOMER_MAY_TAKE + A_WHILE)
    assert (stored(shop).status, shop.payment().status) == (IntentStatus.CANCELED, PaymentStatus.CANCELED)
    assert stored(shop).canceled_at is not None


@pytest.mark.parametrize(("amount", "taken"), [(None, 5949), ("12.50", 1250)])
async def test_what_is_reserved_is_captured(shop: Shop, amount: str | None, taken: int) -> None:
    """All of it or a part; a second capture is refused."""
    intent = await created(shop, await saved(shop), reserve=True)
    assert intent.status is IntentStatus.REQUIRES_CAPTURE
    assert (await shop.intents.capture(a_call(2), intent.id, amount)).status is IntentStatus.SUCCEEDED
    assert shop.payment().captured_minor == taken
    with pytest.raises(AlreadyCaptured):
        await shop.intents.capture(a_call(3), intent.id, None)


async def test_what_is_not_reserved_is_not_captured(shop: Shop) -> None:
    """Before any try, and between two."""
    intent = await created(shop)
    with pytest.raises(IntentStateRefused):
        await shop.intents.capture(a_call(2), intent.id, None)
    with pytest.raises(InsufficientFunds):
        await confirmed(shop, intent, await saved(shop, "tok_declined"), operation=3)
    with pytest.raises(InvalidState):
        await shop.intents.capture(a_call(4), intent.id, None)


@pytest.mark.parametrize("token", [None, "tok_declined", "tok_challenge", "tok_good"])
async def test_an_intent_is_canceled_before_capture(shop: Shop, token: str | None) -> None:
    """Wherever it stands, and once; what was reserved is released."""
    method = await saved(shop, token) if token else None
    if token == "tok_declined":
        with pytest.raises(InsufficientFunds):
            await created(shop, method, reserve=True)
    else:
        await created(shop, method, reserve=True)
    canceled = await shop.intents.cancel(a_call(2), an_id(1))
    assert canceled.status is IntentStatus.CANCELED
    assert canceled.canceled_at == shop.clock.now()
    assert await shop.intents.cancel(a_call(3), an_id(1)) == canceled
    with pytest.raises(IntentStateRefused):
        await confirmed(shop, canceled, await saved(shop, operation=101), operation=4)
    held = {payment.standing for payment in shop.gateway.payments.values()}
    assert held <= {Standing.ENDED, Standing.DECLINED}
    assert {payment.status for payment in shop.tables.payments.values()} <= {PaymentStatus.CANCELED}


async def test_the_payment_itself_is_canceled_between_two_tries(shop: Shop) -> None:
    """Its intent follows; nothing has to be sent for it."""
    with pytest.raises(InsufficientFunds):
        await created(shop, await saved(shop, "tok_declined"))
    shop.gateway.calls.clear()
    await shop.payments.cancel(a_call(2), shop.payment().id)
    payment = shop.payment()
    assert (payment.status, stored(shop).status) == (PaymentStatus.CANCELED, IntentStatus.CANCELED)
    assert await shop.payments.cancel(a_call(2, resumed=True), payment.id) == payment
    assert shop.gateway.calls == []


async def test_a_captured_intent_is_not_canceled(shop: Shop) -> None:
    """ALREADY_CAPTURED: its money can be refunded."""
    intent = await created(shop, await saved(shop))
    with pytest.raises(AlreadyCaptured):
        await shop.intents.cancel(a_call(2), intent.id)


@pytest.mark.parametrize("fault", [Fault.REPLY_LOST, Fault.REQUEST_LOST])
async def test_an_unknown_outcome_is_processing_and_never_tried_beside(shop: Shop, fault: Fault) -> None:
    """Confirming again answers it as it is, with whatever method; then it is found out, and charged once."""
    good = await saved(shop)
    shop.gateway.next("authorise", fault)
    intent = await created(shop, good)
    assert intent.status is IntentStatus.PROCESSING
    other = await saved(shop, "tok_challenge", operation=101)
    assert await confirmed(shop, intent, other) == intent
    assert len(shop.tables.attempts) == 1
    await shop.pass_time(A_WHILE)
    assert stored(shop).status is IntentStatus.SUCCEEDED
    assert [held.standing for held in shop.gateway.payments.values()] == [Standing.TAKEN]


async def test_what_was_not_sent_can_be_confirmed_again(shop: Shop) -> None:
    """GATEWAY_UNAVAILABLE; the payment method stays."""
    good = await saved(shop)
    shop.gateway.next("authorise", Fault.UNREACHABLE)
    with pytest.raises(GatewayUnavailable):
        await created(shop, good)
    assert (stored(shop).status, stored(shop).method_id) == (IntentStatus.REQUIRES_CONFIRMATION, good.id)
    assert (await confirmed(shop, stored(shop))).status is IntentStatus.SUCCEEDED


async def test_what_the_gateway_refuses_needs_another_payment_method(shop: Shop) -> None:
    """GATEWAY_ERROR, and it says so afterwards."""
    with pytest.raises(GatewayError):
        await created(shop, await saved(shop, "tok_refused"))
    error = stored(shop).error
    assert stored(shop).status is IntentStatus.REQUIRES_PAYMENT_METHOD
    assert error is not None
    assert error.code == "GATEWAY_ERROR"


async def test_a_method_that_was_set_up_pays_without_its_customer(shop: Shop) -> None:
    """Once a payment with that agreement has gone through; before, and with a page to return to, the customer is there."""
    method = await saved(shop)
    for operation, usage, alone in ((1, None, None), (2, FutureUsage.OFF_SESSION, None), (3, None, "true")):
        await created(shop, method, operation=operation, usage=usage)
        assert shop.tables.attempts[an_id(operation)].request.get("off_session") == alone
    assert shop.tables.saved_methods[method.id].off_session


async def test_an_agreement_that_came_to_nothing_sets_up_nothing(shop: Shop) -> None:
    """Declined: the next payment asks the customer again."""
    method = await saved(shop, "tok_declined")
    with pytest.raises(InsufficientFunds):
        await created(shop, method, usage=FutureUsage.OFF_SESSION)
    assert not shop.tables.saved_methods[method.id].off_session


async def test_what_does_not_fit_is_refused_at_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is stored: another customer's method, and a usage that the gateway has none for."""
    method = await saved(shop)
    wish = CreateIntent(amount="1.00", currency="USD", customer_id=BOB, method_id=method.id, metadata={})
    with pytest.raises(PaymentMethodNotFound):
        await shop.intents.create(a_call(1), wish)
    monkeypatch.setattr(shop.gateway, "capabilities", replace(shop.gateway.capabilities, keeps=frozenset()))
    with pytest.raises(NotSupported):
        await created(shop, usage=FutureUsage.ON_SESSION)
    assert not shop.tables.intents


async def test_a_second_execution_of_a_creation_is_one_intent(shop: Shop) -> None:
    """Also where it was declined: told the same again."""
    good, bad = await saved(shop), await saved(shop, "tok_declined", operation=101)
    assert await created(shop, good) == await created(shop, good, resumed=True)
    for resumed in (False, True):
        with pytest.raises(InsufficientFunds):
            await created(shop, bad, operation=5, resumed=resumed)
    assert len(shop.tables.intents) == len(shop.tables.payments) == 2


async def test_intents_are_read_and_listed(shop: Shop) -> None:
    """By their own merchant, newest first, with filters."""
    first, second = await created(shop), await created(shop, await saved(shop), operation=2)
    page = await shop.intents.list(A_CALLER, IntentQuery(IntentFilter()))
    assert (page.items, page.total) == ((second, first), 2)
    succeeded = IntentQuery(IntentFilter(status=IntentStatus.SUCCEEDED, customer_id=ALICE))
    assert (await shop.intents.list(A_CALLER, succeeded)).items == (second,)
    assert await shop.intents.get(A_CALLER, first.id) == first
    with pytest.raises(PaymentIntentNotFound):
        await shop.intents.get(A_CALLER, an_id(404))


async def test_void_under_way_is_processing(shop: Shop) -> None:
    """Until the gateway has told; then canceled."""
    intent = await created(shop, await saved(shop), reserve=True)
    shop.gateway.next("void", Fault.REPLY_LOST)
    assert (await shop.intents.cancel(a_call(2), intent.id)).status is IntentStatus.PROCESSING
    assert shop.attempt_of(AttemptKind.VOID).id == an_id(2)
    await shop.pass_time(A_WHILE)
    assert stored(shop).status is IntentStatus.CANCELED


async def test_money_that_an_earlier_try_took_after_all_is_refunded_there(shop: Shop) -> None:
    """Its gateway says so late; from then on the refund, and nothing else, goes by its number."""
    with pytest.raises(InsufficientFunds):
        await created(shop, await saved(shop, "tok_declined"))
    with pytest.raises(InsufficientFunds):
        await confirmed(shop, stored(shop), await saved(shop, "tok_declined", operation=101))
    first = shop.tables.attempts[an_id(1)]
    await shop.settling.settle(first, Approved("gp_1", 5949, captured=True))
    assert (stored(shop).status, shop.payment().captured_minor) == (IntentStatus.SUCCEEDED, 5949)
    charge = await shop.store.look_up(lambda tx: charge_of(tx, shop.payment()))
    assert (charge.id, charge.reference, charge.gateway_payment_id) == (first.id, first.reference, "gp_1")
    assert shop.payment().reference == first.reference


async def test_money_that_two_tries_took_is_two_payments(shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    """The intent's keeps that of the first to say so; the other's has one of its own, once its gateway has told, and goes back. What is only repeated does nothing."""
    with pytest.raises(InsufficientFunds):
        await created(shop, await saved(shop, "tok_declined"))
    await confirmed(shop, stored(shop), await saved(shop, operation=101))
    paid, first, second = shop.payment(), shop.tables.attempts[an_id(1)], shop.tables.attempts[an_id(2)]
    await shop.settling.settle(second, Approved(paid.gateway_payment_id or "", 5949, captured=True))
    assert caplog.records == []
    for _ in range(2):
        await shop.settling.settle(first, Approved("gp_1", 5949, captured=True))
    (told,) = caplog.records
    assert (told.levelname, told.__dict__["reference"]) == ("WARNING", first.reference)
    assert shop.tables.payments[paid.id] == paid
    (surplus,) = (row for row in shop.tables.payments.values() if row.id != paid.id)
    assert (surplus.reference, surplus.gateway_payment_id, surplus.captured_minor) == (first.reference, "gp_1", 5949)
    assert (surplus.intent_id, surplus.customer_id) == (None, ALICE)
    assert stored(shop).payment_id == paid.id
    (refund,) = shop.tables.refunds.values()
    assert (refund.payment_id, refund.money) == (surplus.id, surplus.money)
    (late,) = shop.tables.audit.values()
    assert (late.action, late.object_id) == ("payment.late", str(surplus.id))
    assert dict(late.details) == {
        "paid_by": str(paid.id),
        "reference": first.reference,
        "gateway": "fake",
        "decision": "refund",
    }


async def test_the_fee_of_money_that_a_second_try_took_is_its_own(shop: Shop) -> None:
    """Named later, it is posted with the payment that was made for that money, once; whoever does not name it is asked."""
    shop.policy = Policy(tell_fees=frozenset({"fake"}))
    shop.start()
    with pytest.raises(InsufficientFunds):
        await created(shop, await saved(shop, "tok_declined"))
    await confirmed(shop, stored(shop), await saved(shop, operation=101))
    paid, first = shop.payment(), shop.tables.attempts[an_id(1)]
    for fee_minor in (None, 60, 60):
        await shop.settling.settle(first, Approved("gp_1", 5949, captured=True, fee_minor=fee_minor))
    (surplus,) = (row for row in shop.tables.payments.values() if row.id != paid.id)
    assert surplus.id in {job.id for job in shop.tables.jobs.values() if job.kind is JobKind.FIND_FEE}
    fees = [posted.posting for (kind, *_), posted in shop.tables.postings.items() if kind is PostingKind.CHARGE_FEE]
    assert [fee.source_id for fee in fees] == [surplus.id]


async def test_a_refund_goes_to_the_try_whose_money_the_payment_has(shop: Shop) -> None:
    """Also when a later try took money too: that goes back to where it came from, and the payment's own by its own refunds."""
    with pytest.raises(InsufficientFunds):
        await created(shop, await saved(shop, "tok_declined"))
    shop.gateway.next("authorise", Fault.REQUEST_LOST)
    await confirmed(shop, stored(shop), await saved(shop, operation=101))
    paid, first, second = shop.payment(), shop.tables.attempts[an_id(1)], shop.tables.attempts[an_id(2)]
    await shop.settling.settle(first, Approved("gp_1", 5949, captured=True))
    await shop.settling.settle(second, Approved("gp_2", 5949, captured=True))
    await shop.settling.settle(first, Approved("gp_1", 5949, captured=True))
    (surplus,) = (row for row in shop.tables.payments.values() if row.id != paid.id)
    for payment_id, attempt, number in ((paid.id, first, "gp_1"), (surplus.id, second, "gp_2")):
        payment = shop.tables.payments[payment_id]
        charge = await shop.store.look_up(lambda tx, payment=payment: charge_of(tx, payment))  # type: ignore[misc]
        assert (charge.id, charge.reference, charge.gateway_payment_id) == (attempt.id, attempt.reference, number)


async def test_a_try_that_may_not_have_arrived_is_not_sent_again_once_an_earlier_one_has_paid(shop: Shop) -> None:
    """It is only looked for: sent again, it would take the money once more."""
    with pytest.raises(InsufficientFunds):
        await created(shop, await saved(shop, "tok_declined"))
    shop.gateway.next("authorise", Fault.REQUEST_LOST)
    await confirmed(shop, stored(shop), await saved(shop, operation=101))
    first, second = shop.tables.attempts[an_id(1)], shop.tables.attempts[an_id(2)]
    await shop.settling.settle(first, Approved("gp_1", 5949, captured=True))
    await shop.pass_time(A_WHILE)
    assert shop.gateway.of_reference(second.reference) is None
    assert (stored(shop).status, shop.payment().reference) == (IntentStatus.SUCCEEDED, first.reference)


async def test_a_try_whose_answer_was_lost_is_closed_once_an_earlier_one_has_paid(shop: Shop) -> None:
    """The gateway is asked by our number alone, as it has told none; whoever has the page could pay twice."""
    with pytest.raises(InsufficientFunds):
        await created(shop, await saved(shop, "tok_declined"))
    shop.gateway.next("authorise", Fault.REPLY_LOST)
    await confirmed(shop, stored(shop), await saved(shop, "tok_challenge", operation=101))
    first, second = shop.tables.attempts[an_id(1)], shop.tables.attempts[an_id(2)]
    await shop.settling.settle(first, Approved("gp_1", 5949, captured=True))
    await shop.pass_time(A_WHILE)
    held = shop.gateway.of_reference(second.reference)
    assert held is not None
    assert held.standing is Standing.ENDED
    assert (stored(shop).status, shop.payment().reference) == (IntentStatus.SUCCEEDED, first.reference)


async def test_money_that_a_lost_try_took_beside_an_earlier_one_goes_back(shop: Shop) -> None:
    """Its answer was lost: only asking by our number shows that it took any."""
    with pytest.raises(InsufficientFunds):
        await created(shop, await saved(shop, "tok_declined"))
    shop.gateway.next("authorise", Fault.REPLY_LOST)
    await confirmed(shop, stored(shop), await saved(shop, operation=101))
    paid, first, second = shop.payment(), shop.tables.attempts[an_id(1)], shop.tables.attempts[an_id(2)]
    await shop.settling.settle(first, Approved("gp_1", 5949, captured=True))
    await shop.pass_time(A_WHILE)
    (surplus,) = (row for row in shop.tables.payments.values() if row.id != paid.id)
    assert (surplus.reference, surplus.captured_minor) == (second.reference, 5949)
    assert shop.gateway.returned_minor(second.reference) == 5949
    charge = await shop.store.look_up(lambda tx: tx.ledger.find(surplus.merchant_id, PostingKind.CHARGE, surplus.id))
    assert charge is not None
    # It becomes available as every charge's money does.
    assert [entry.available_on for entry in charge.entries if entry.account is Account.GATEWAY_RECEIVABLE] == [TODAY]


async def test_money_that_a_second_try_took_is_neither_captured_nor_canceled_again(shop: Shop) -> None:
    """The payment that was made for it answers as any other that is captured, though it was authorised for another."""
    with pytest.raises(InsufficientFunds):
        await created(shop, await saved(shop, "tok_declined"))
    await confirmed(shop, stored(shop), await saved(shop, operation=101))
    paid, first = shop.payment(), shop.tables.attempts[an_id(1)]
    await shop.settling.settle(first, Approved("gp_1", 5949, captured=True))
    (surplus,) = (row for row in shop.tables.payments.values() if row.id != paid.id)
    with pytest.raises(AlreadyCaptured):
        await shop.payments.capture(a_call(3), CapturePayment(surplus.id))
    with pytest.raises(AlreadyCaptured):
        await shop.payments.cancel(a_call(4), surplus.id)


async def test_a_fee_is_asked_for_where_the_money_was_taken(shop: Shop) -> None:
    """The try behind it has none."""
    shop.policy = Policy(tell_fees=frozenset({"fake"}))
    shop.start()
    with pytest.raises(InsufficientFunds):
        await created(shop, await saved(shop, "tok_declined"))
    shop.gateway.next("authorise", Fault.REQUEST_LOST)
    await confirmed(shop, stored(shop), await saved(shop, operation=101))
    first = shop.tables.attempts[an_id(1)]
    shop.gateway.payments[first.id] = replace(
        shop.gateway.payments[first.id], standing=Standing.TAKEN, taken_minor=5949
    )
    await shop.settling.settle(first, await shop.gateway.fetch(first))
    shop.gateway.fee_minor = 203
    await shop.pass_time(timedelta(hours=2))
    assert [kind for kind, *_ in shop.tables.postings].count(PostingKind.CHARGE_FEE) == 1
