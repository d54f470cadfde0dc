"""An intent's payment is tried more than once, each time under a number of its own: what a gateway tells of one try is that one's."""

from datetime import timedelta

from server.domain.attempt import AttemptStatus
from server.domain.outcomes import Declined, DeclineReason
from server.domain.payment import Payment, PaymentStatus
from server.operations.commands import ConfirmIntent, CreateIntent
from tests.mall import A_KEY, Mall
from tests.page_gateway import Page


def the_payment(mall: Mall) -> Payment:
    (payment,) = mall.tables.payments.values()
    return payment


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
