"""A mall that is paid through PayPal: orders, checkouts, callbacks, look-ups and refunds over our adapter and the simulated PayPal."""

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from gateways.paypal.adapter import PayPalGateway
from server.composition import Choices, Configuring, compose
from server.domain.access import Call
from server.domain.attempt import Attempt
from server.domain.gateway import Gateway
from server.domain.order import Order, OrderStatus
from server.domain.payment import Payment, PaymentStatus
from server.domain.payout import Payout
from server.operations.callback_forms import Post
from server.operations.callbacks import CallbackAnswer
from server.operations.commands import CheckoutOrder, CreateOrder, CreateRefund
from tests.builders import a_vault, an_id
from tests.clock_and_ids import CountedIds
from tests.integration.paypal_bench import CONFIG, Bench, opened_bench
from tests.integration.paypal_sandbox import Message
from tests.mall import A_USER
from tests.memory import MemoryStore


class OneGateway:
    """PayPal, with the credentials that it has now."""

    def __init__(self, gateway: PayPalGateway) -> None:
        self._gateway = gateway

    async def enabled(self, merchant_id: str, name: str) -> Gateway:
        assert name == "paypal"
        return self._gateway

    async def of_attempt(self, attempt: Attempt) -> Gateway:
        return self._gateway

    async def of_payout(self, payout: Payout) -> Gateway:
        return self._gateway

    async def versions(self, merchant_id: str, name: str) -> Sequence[Gateway]:
        return [self._gateway]

    async def newest_version(self, merchant_id: str, name: str) -> int:
        return self._gateway.config_version


class Mall:
    """The operations over one store, and the customer's and PayPal's parts."""

    def __init__(self, bench: Bench, config: Mapping[str, str]) -> None:
        self.bench = bench
        self._store = MemoryStore()
        self._calls = 0
        operations = compose(
            self._store,
            OneGateway(bench.open(config)),
            bench.clock,
            CountedIds(),
            configuring=Configuring(a_vault()),
            choices=Choices(
                payment_snapshot=lambda payment: payment.status.encode(),
                refund_snapshot=lambda refund: refund.status.encode(),
            ),
        )
        self._orders, self._checkout = operations.orders, operations.checkout
        self._callbacks, self._cancelling = operations.callbacks, operations.cancelling
        self._refunds = operations.refunds

    async def checked_out(self) -> tuple[Order, Payment]:
        """An order whose customer is shown where to pay."""
        wish = CreateOrder(total_amount="59.49", currency="USD")
        order = await self._orders.create(self._call(), wish)
        command = CheckoutOrder(order_id=order.id, gateway="paypal")
        order, payment = await self._checkout.check_out(self._call(), command)
        assert payment.next_action is not None
        return order, payment

    async def approved(self) -> tuple[Order, Payment]:
        """An order whose customer has approved on PayPal's page, before anybody has told us."""
        order, payment = await self.checked_out()
        assert payment.next_action is not None
        assert payment.next_action.url is not None
        await self.bench.sandbox.decide(payment.next_action.url, "approve")
        return order, payment

    async def tell(self, message: Message, content_type: str = "application/json", path: str = "") -> CallbackAnswer:
        """What PayPal sent, at our callback's address."""
        headers = {name.lower(): value for name, value in message.headers.items()}
        return await self._callbacks.receive(Post(path, content_type, headers, message.body))

    async def refund(self, payment: Payment, amount: str | None = None) -> None:
        await self._refunds.create(self._call(), CreateRefund(payment_id=payment.id, amount=amount, metadata={}))

    async def cancel(self, order: Order) -> Order:
        return await self._cancelling.cancel(self._call(), order.id, A_USER.user_id)

    def now(self, order: Order) -> Order:
        return self._store.tables.orders[order.id]

    def payment_now(self, payment: Payment) -> Payment:
        return self._store.tables.payments[payment.id]

    async def captured(self, payment: Payment) -> list[int]:
        return [each["captured_minor"] for each in await self.bench.sandbox.payments(payment.reference)]

    def _call(self) -> Call:
        self._calls += 1
        return Call(A_USER, an_id(self._calls))


@pytest_asyncio.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with opened_bench(tmp_path) as opened:
        yield opened


@pytest.fixture
def mall(bench: Bench) -> Mall:
    return Mall(bench, CONFIG)


async def test_an_approval_that_paypal_tells_of_pays_the_order(mall: Mall) -> None:
    """The webhook makes us look, the look captures, and the order is paid: acknowledged by an empty 200."""
    order, payment = await mall.approved()
    answer = await mall.tell(await mall.bench.sandbox.inbox.wait_for("CHECKOUT.ORDER.APPROVED"))
    assert answer.acknowledgement is not None
    assert (answer.acknowledgement.status, answer.acknowledgement.body) == (200, b"")
    assert mall.now(order).status is OrderStatus.PAID
    assert mall.payment_now(payment).gateway_payment_id == payment.gateway_payment_id
    assert await mall.captured(payment) == [5949]


async def test_the_capture_that_follows_changes_nothing(mall: Mall) -> None:
    """Nor does any repeat, of webhooks and IPNs alike: the order is as it was, to the second, and the money is taken once."""
    order, payment = await mall.approved()
    approved = await mall.bench.sandbox.inbox.wait_for("CHECKOUT.ORDER.APPROVED")
    await mall.tell(approved)
    paid, settled = mall.now(order), mall.payment_now(payment)
    captured = await mall.bench.sandbox.inbox.wait_for("PAYMENT.CAPTURE.COMPLETED")
    ipn = await mall.bench.sandbox.inbox.wait_for_ipn("Completed")
    for message in (captured, captured, approved, ipn, ipn):
        answer = await mall.tell(message)
        assert answer.acknowledgement is not None
        assert answer.acknowledgement.status == 200
    assert (mall.now(order), mall.payment_now(payment)) == (paid, settled)
    assert await mall.captured(payment) == [5949]


async def test_the_documented_json_pays_an_approved_order(mall: Mall) -> None:
    """Nothing in it is believed but the number by which the order is looked up; its sender gets the order."""
    order, payment = await mall.approved()
    body = (
        f'{{"gateway": "paypal", "invoice_id": "{payment.reference}", "payment_id": "PAYID-1234567890",'
        ' "payment_status": "Completed", "mc_gross": "0.01", "payment_date": "2024-01-01 12:00:00"}'
    )
    answer = await mall.tell(Message({}, body.encode()))
    assert answer.order is not None
    assert (answer.order.id, answer.order.status) == (order.id, OrderStatus.PAID)
    assert mall.payment_now(payment).captured_minor == 5949


async def test_the_documented_json_pays_nothing_by_itself(mall: Mall) -> None:
    """Whoever claims that an order is paid makes us look, and nothing more."""
    order, payment = await mall.checked_out()
    body = f'{{"gateway": "paypal", "invoice_id": "{payment.reference}", "payment_status": "Completed"}}'
    await mall.tell(Message({}, body.encode()))
    assert mall.now(order).status is OrderStatus.PENDING
    assert mall.payment_now(payment).status is PaymentStatus.PENDING


async def test_a_forged_webhook_is_refused(mall: Mall) -> None:
    """With another amount under a genuine signature, the answer is a 400 and nothing changes."""
    order, _ = await mall.checked_out()
    genuine = await mall.bench.paid(mall.bench.open())
    message = await mall.bench.sandbox.inbox.wait_for("PAYMENT.CAPTURE.COMPLETED")
    payment_reference = mall.now(order).order_no
    forged = Message(message.headers, message.body.replace(genuine.reference.encode(), payment_reference.encode()))
    answer = await mall.tell(forged)
    assert answer.acknowledgement is not None
    assert answer.acknowledgement.status == 400
    assert mall.now(order).status is OrderStatus.PENDING


async def test_a_genuine_webhook_of_a_smaller_payment_pays_nothing(mall: Mall) -> None:
    """Signed rightly and with the order's number, but not the money that was asked for: kept for an operator, acknowledged, not believed."""
    order, payment = await mall.checked_out()
    other = {"amount": {"currency_code": "USD", "value": "0.01"}, "invoice_id": payment.reference}
    await mall.bench.sandbox.captured({"intent": "CAPTURE", "purchase_units": [other]})
    answer = await mall.tell(await mall.bench.sandbox.inbox.wait_for("PAYMENT.CAPTURE.COMPLETED"))
    assert answer.acknowledgement is not None
    assert answer.acknowledgement.status == 200
    assert mall.now(order).status is OrderStatus.PENDING


async def test_a_paid_order_is_refunded(mall: Mall) -> None:
    """Cancelling it returns the money; the webhook that tells of it changes nothing."""
    order, payment = await mall.approved()
    await mall.tell(await mall.bench.sandbox.inbox.wait_for("CHECKOUT.ORDER.APPROVED"))
    await mall.refund(payment, "10.00")
    assert (await mall.cancel(order)).status is OrderStatus.REFUNDED
    refunded = mall.now(order)
    answer = await mall.tell(await mall.bench.sandbox.inbox.wait_for("PAYMENT.CAPTURE.REFUNDED"))
    assert answer.acknowledgement is not None
    assert answer.acknowledgement.status == 200
    assert mall.now(order) == refunded
    (told,) = await mall.bench.sandbox.payments(payment.reference)
    assert told["refunded_minor"] == 5949


async def test_a_cancelled_order_is_not_captured_any_more(mall: Mall) -> None:
    """Though PayPal's page still lets its customer approve: nobody takes the money."""
    order, payment = await mall.checked_out()
    assert (await mall.cancel(order)).status is OrderStatus.CANCELLED
    assert mall.payment_now(payment).status is PaymentStatus.CANCELED
    assert payment.next_action is not None
    assert payment.next_action.url is not None
    await mall.bench.sandbox.decide(payment.next_action.url, "approve")
    await mall.tell(await mall.bench.sandbox.inbox.wait_for("CHECKOUT.ORDER.APPROVED"))
    assert mall.now(order).status is OrderStatus.CANCELLED
    assert await mall.captured(payment) == [0]
