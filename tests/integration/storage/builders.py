"""Values of the domain as tests of storage need them: complete, and different where a test says so."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from server.domain.access import ApiKey, KeyKind
from server.domain.attempt import Attempt, AttemptKind
from server.domain.callback import CallbackFormat, CallbackMessage
from server.domain.events import Event, EventType
from server.domain.idempotency import Claim
from server.domain.inbox import ReceivedCallback
from server.domain.jobs import Job, JobKind
from server.domain.money import Money
from server.domain.order import Order
from server.domain.outcomes import Card, NextAction, NextActionKind
from server.domain.payment import Payment, PaymentMethodKind
from server.domain.payout import Payout
from server.domain.refund import Refund

MERCHANT, OTHER_MERCHANT = "default", "other"
NOON = datetime(2024, 1, 15, 12, 0, tzinfo=UTC)


def an_id(number: int) -> UUID:
    """A UUIDv7-shaped id; later numbers sort behind earlier ones."""
    return UUID(int=(number << 80) | (7 << 76) | (2 << 62))


def a_payment(number: int, amount: str = "59.49", currency: str = "USD", **changes: object) -> Payment:
    """A payment that was just created, `number` seconds after noon."""
    payment = Payment(
        id=an_id(number),
        merchant_id=MERCHANT,
        money=Money.parse(amount, currency),
        gateway="stripe",
        reference=f"REF{number}",
        method=PaymentMethodKind.CARD,
        created_at=NOON + timedelta(seconds=number),
        updated_at=NOON + timedelta(seconds=number),
    )
    return replace(payment, **changes)  # type: ignore[arg-type]


def a_full_payment(number: int) -> Payment:
    """A payment with a value in every field."""
    moment = NOON + timedelta(days=1)
    return a_payment(
        number,
        mall_order_id=7,
        intent_id=an_id(903),
        order_id=an_id(901),
        customer_id=an_id(902),
        card=Card("visa", "4242", 12, 2030, "fp_1"),
        description="two ingots 元宝",
        receipt_email="a@example.com",
        metadata={"z": "1", "a": "2"},
        gateway_payment_id="pi_1",
        authorised=True,
        captured_minor=5000,
        receipt_url="https://example.com/r",
        next_action=NextAction(NextActionKind.INVOKE_SDK, None, (("b", "1"), ("a", "2"))),
        failure_code="CARD_DECLINED",
        failure_message="declined",
        captured_at=moment,
        canceled_at=moment,
        expires_at=moment,
        sequence=3,
    )


def an_order(number: int, **changes: object) -> Order:
    """An order that was just created, `number` seconds after noon."""
    order = Order(
        id=number,
        uuid=an_id(number),
        merchant_id=MERCHANT,
        order_no=f"202401151200{number:010d}",
        user_id="1001",
        total=Money.parse("100.00", "CNY"),
        created_at=NOON + timedelta(seconds=number),
        updated_at=NOON + timedelta(seconds=number),
    )
    return replace(order, **changes)  # type: ignore[arg-type]


def a_callback(number: int, **changes: object) -> ReceivedCallback:
    """A callback that was received `number` seconds after noon, and is not decided about."""
    message = CallbackMessage(
        format=CallbackFormat.FORM,
        content_type="application/x-www-form-urlencoded",
        headers={"z": "1", "a": "元"},
        body=b"\x00\xff=1",
        received_at=NOON + timedelta(seconds=number),
    )
    callback = ReceivedCallback(an_id(number), MERCHANT, "alipay", message, stored=True)
    return replace(callback, **changes)  # type: ignore[arg-type]


def an_attempt(number: int, payment: Payment, **changes: object) -> Attempt:
    """The payment's attempt to authorise, just stored."""
    attempt = Attempt(
        id=an_id(number),
        merchant_id=payment.merchant_id,
        payment_id=payment.id,
        kind=AttemptKind.AUTHORISE,
        gateway=payment.gateway,
        config_version=1,
        reference=f"{payment.reference}_{number}",
        money=payment.money,
        request={"z": "1", "a": "2"},
        created_at=payment.created_at,
        updated_at=payment.created_at,
    )
    return replace(attempt, **changes)  # type: ignore[arg-type]


def a_refund(number: int, payment: Payment, amount: str | None = None, **changes: object) -> Refund:
    """A refund that was just recorded, `number` seconds after noon: of all that was captured unless `amount` says otherwise."""
    currency = payment.money.currency
    refund = Refund(
        id=an_id(number),
        merchant_id=payment.merchant_id,
        payment_id=payment.id,
        money=Money(payment.captured_minor, currency) if amount is None else Money.parse(amount, currency),
        gateway=payment.gateway,
        reference=f"REFUND{number}",
        created_at=NOON + timedelta(seconds=number),
        updated_at=NOON + timedelta(seconds=number),
    )
    return replace(refund, **changes)  # type: ignore[arg-type]


def a_payout(number: int, amount: str = "10.00", currency: str = "USD", **changes: object) -> Payout:
    """A payout that was just recorded, `number` seconds after noon."""
    payout = Payout(
        id=an_id(number),
        merchant_id=MERCHANT,
        money=Money.parse(amount, currency),
        gateway="stripe",
        config_version=1,
        created_at=NOON + timedelta(seconds=number),
        updated_at=NOON + timedelta(seconds=number),
        reference=f"PAYOUT{number}",
    )
    return replace(payout, **changes)  # type: ignore[arg-type]


def an_event(number: int, object_id: UUID, sequence: int, merchant_id: str = MERCHANT) -> Event:
    """An event that tells of an object."""
    return Event(an_id(number), merchant_id, EventType.PAYMENT_CREATED, object_id, sequence, b"{}", NOON)


def a_job(number: int, due_at: datetime = NOON, kind: JobKind = JobKind.SETTLE_ATTEMPT, gateway: str = "stripe") -> Job:
    """A job that nobody has claimed."""
    return Job(an_id(number), kind, MERCHANT, gateway, due_at, NOON)


def a_claim(key: str = "key", request: bytes = b"request", **changes: object) -> Claim:
    """A caller's claim on a key, leased for a minute from noon."""
    claim = Claim(
        merchant_id=MERCHANT,
        credential="sk_1",
        method="/sycee.v1.PaymentService/CreatePayment",
        key=key,
        request_hash=request,
        operation_id=an_id(700),
        leased_until=NOON + timedelta(minutes=1),
        created_at=NOON,
    )
    return replace(claim, **changes)  # type: ignore[arg-type]


def an_api_key(number: int, secret_hash: bytes, merchant_id: str = MERCHANT) -> ApiKey:
    """A restricted key that works."""
    scopes = frozenset({"payments:read", "payments:write"})
    created_at = NOON + timedelta(seconds=number)
    return ApiKey(an_id(number), merchant_id, KeyKind.RESTRICTED, "till", scopes, secret_hash, created_at)
