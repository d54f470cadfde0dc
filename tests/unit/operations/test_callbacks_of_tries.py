"""An intent's payment is tried more than once, each time under a number of its own: what a gateway tells of one try is that one's."""

from server.domain.outcomes import Declined, DeclineReason
from server.domain.payment import Payment, PaymentStatus
from server.operations.commands import ConfirmIntent, CreateIntent
from tests.mall import A_KEY, Mall


def the_payment(mall: Mall) -> Payment:
    (payment,) = mall.tables.payments.values()
    return payment


async def test_money_that_an_earlier_try_took_is_looked_for_there() -> None:
    """A callback that names the first try has that one looked up, and not the one that is under way."""
    mall = Mall()
    intent = await mall.intents.create(
        mall.call(A_KEY), CreateIntent(amount="100.00", currency="CNY", gateway="alipay", metadata={})
    )
    first = the_payment(mall)
    mall.alipay.next("resume", Declined(DeclineReason.CARD_DECLINED, "not this one"))
    await mall.tell(first, state="ask")
    await mall.intents.confirm(mall.call(A_KEY), ConfirmIntent(intent.id))
    assert the_payment(mall).reference != first.reference
    assert mall.alipay.customer_pays(first.reference)
    await mall.tell(first, state="ask")
    paid = the_payment(mall)
    assert (paid.status, paid.captured_minor, paid.reference) == (PaymentStatus.SUCCEEDED, 10000, first.reference)
