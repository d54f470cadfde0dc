"""An intent's payment is tried more than once, each time under a number of its own: what a gateway tells of one try is that one's."""

from collections import Counter
from datetime import timedelta

import pytest

from server.domain.attempt import AttemptStatus
from server.domain.inbox import Decision
from server.domain.ledger import PostingKind
from server.domain.outcomes import Approved, Declined, DeclineReason
from server.domain.payment import Payment, PaymentStatus
from server.operations.commands import ConfirmIntent, CreateIntent
from server.operations.policy import LatePayments
from tests.mall import A_KEY, Mall
from tests.page_gateway import Page, native


def the_payment(mall: Mall) -> Payment:
    """The intent's."""
    (payment,) = (row for row in mall.tables.payments.values() if row.intent_id is not None)
    return payment


def surplus_of(mall: Mall) -> list[Payment]:
    """Those of money that was taken beside it, with their refunds."""
    return [mall.current(row) for row in mall.tables.payments.values() if row.intent_id is None]


async def paid_after_all(mall: Mall) -> tuple[str, str]:
    """The numbers of two tries: the first was declined, and has taken the money after all while its customer can pay through the second."""
    intent = await mall.intents.create(
        mall.call(A_KEY), CreateIntent(amount="100.00", currency="CNY", gateway="alipay", metadata={})
    )
    first = the_payment(mall)
    mall.alipay.next("resume", Declined(DeclineReason.CARD_DECLINED, "not this one"))
    await mall.tell(first, state="ask")
    await mall.intents.confirm(mall.call(A_KEY), ConfirmIntent(intent.id))
    assert the_payment(mall).reference != first.reference
    assert mall.alipay.customer_pays(first.reference)
    second = the_payment(mall)
    await mall.tell(first, state="ask")
    return first.reference, second.reference


async def test_money_that_an_earlier_try_took_is_looked_for_there() -> None:
    """A callback that names the first try has that one looked up, and not the one that is under way."""
    mall = Mall()
    first, _ = await paid_after_all(mall)
    paid = the_payment(mall)
    assert (paid.status, paid.captured_minor, paid.reference) == (PaymentStatus.SUCCEEDED, 10000, first)


async def test_the_try_that_is_not_needed_any_more_is_closed() -> None:
    """Its customer would pay twice."""
    mall = Mall()
    first, second = await paid_after_all(mall)
    assert mall.alipay.shown[second].page is Page.OPEN
    await mall.pass_time(timedelta(minutes=2))
    assert (mall.alipay.shown[second].page, mall.alipay.customer_pays(second)) == (Page.CLOSED, False)
    paid = the_payment(mall)
    assert (paid.status, paid.captured_minor, paid.reference) == (PaymentStatus.SUCCEEDED, 10000, first)
    assert {each.status for each in mall.tables.attempts.values()} == {AttemptStatus.APPROVED, AttemptStatus.CANCELED}


@pytest.mark.parametrize("state", ["paid", "ask"])
async def test_money_that_a_second_try_took_goes_back(state: str) -> None:
    """The customer was quicker than we were: what they paid twice is booked as a payment of its own and returned there, whether the callback says it or makes us look."""
    mall = Mall()
    first, second = await paid_after_all(mall)
    assert mall.alipay.customer_pays(second)
    paid = the_payment(mall)
    told = mall.alipay.told(second, state=state)
    for _ in range(2):
        await mall.post(told, native("alipay"))
    assert [(row.judgement.decision, row.repeats) for row in mall.inbox()][-1] == (Decision.APPLIED, 1)
    assert the_payment(mall) == paid
    await mall.pass_time(timedelta(minutes=2))
    (surplus,) = surplus_of(mall)
    assert (surplus.reference, surplus.status, surplus.captured_minor) == (second, PaymentStatus.REFUNDED, 10000)
    assert (the_payment(mall).reference, the_payment(mall).captured_minor) == (first, 10000)
    assert mall.alipay.refunded == {refund.reference: (second, 10000) for refund in surplus.refunds}
    assert mall.alipay.kept_minor() == 10000
    assert Counter(kind for kind, *_ in mall.tables.postings) == {PostingKind.CHARGE: 2, PostingKind.REFUND: 1}


async def test_a_fee_of_what_a_second_try_took_is_told_once() -> None:
    """The callback that makes us look finds it, and is kept as what changed the books; its repeat tells nothing."""
    mall = Mall(LatePayments.FLAG)
    _, second = await paid_after_all(mall)
    assert mall.alipay.customer_pays(second)
    await mall.post(mall.alipay.told(second), native("alipay"))
    (surplus,) = surplus_of(mall)
    named = Approved(f"trade_{second}", 10000, captured=True, fee_minor=60)
    for event, decision in (("1", Decision.APPLIED), ("2", Decision.IGNORED)):
        mall.alipay.next("fetch", named)
        await mall.post(mall.alipay.told(second, state="reckoned", event=event), native("alipay"))
        assert mall.inbox()[-1].judgement.decision is decision
    fees = [posted.posting for (kind, *_), posted in mall.tables.postings.items() if kind is PostingKind.CHARGE_FEE]
    assert [fee.source_id for fee in fees] == [surplus.id]


async def test_a_dispute_of_money_that_a_second_try_took_is_its_payments() -> None:
    """And one of the first try's money that of the intent's payment."""
    for disputed in (0, 1):
        mall = Mall()
        tries = await paid_after_all(mall)
        assert mall.alipay.customer_pays(tries[1])
        await mall.post(mall.alipay.told(tries[1]), native("alipay"))
        await mall.post(mall.alipay.told(tries[disputed], state="disputed"), native("alipay"))
        (dispute,) = mall.tables.disputes.values()
        assert dispute.payment_id == (the_payment(mall), *surplus_of(mall))[disputed].id


async def test_money_that_a_second_try_took_stays_where_it_is_to_be_flagged() -> None:
    """By the setting for late payments: it is booked, and the audit log tells of it."""
    mall = Mall(LatePayments.FLAG)
    _, second = await paid_after_all(mall)
    assert mall.alipay.customer_pays(second)
    await mall.post(mall.alipay.told(second), native("alipay"))
    (surplus,) = surplus_of(mall)
    assert (surplus.status, surplus.refunds) == (PaymentStatus.SUCCEEDED, ())
    (late,) = mall.tables.audit.values()
    assert (late.action, late.object_id, late.details["decision"]) == ("payment.late", str(surplus.id), "flag")
    assert mall.alipay.kept_minor() == 20000


async def test_a_try_that_was_over_is_asked_about_when_another_has_paid() -> None:
    """A callback that only makes us look speaks of a try that was declined, after the next one was paid: its gateway is asked, and the money found."""
    mall = Mall()
    intent = await mall.intents.create(
        mall.call(A_KEY), CreateIntent(amount="100.00", currency="CNY", gateway="alipay", metadata={})
    )
    first = the_payment(mall)
    mall.alipay.next("resume", Declined(DeclineReason.CARD_DECLINED, "not this one"))
    await mall.tell(first, state="ask")
    await mall.intents.confirm(mall.call(A_KEY), ConfirmIntent(intent.id))
    second = the_payment(mall).reference
    for reference in (second, first.reference):
        assert mall.alipay.customer_pays(reference)
        await mall.post(mall.alipay.told(reference, state="ask"), native("alipay"))
    (surplus,) = surplus_of(mall)
    assert (surplus.reference, the_payment(mall).reference) == (first.reference, second)
    await mall.pass_time(timedelta(minutes=2))
    assert mall.alipay.kept_minor() == 10000
