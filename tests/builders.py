"""Values of the domain as tests speak of them: complete, and different where a test says so."""

from collections.abc import Mapping
from datetime import UTC, datetime
from uuid import UUID

from server.domain.access import DEFAULT_MERCHANT, Call, Caller
from server.domain.attempt import Attempt, AttemptKind, AttemptStatus
from server.domain.gateway import Instrument
from server.domain.ids import reference_of
from server.domain.money import Money
from server.domain.outcomes import NextAction, NextActionKind
from server.domain.payment import CaptureMethod, Payment, PaymentMethodKind, PaymentStatus
from server.domain.refund import Refund
from server.operations.commands import CreatePayment, CreateRefund
from server.vault.envelope import EnvelopeVault

NOON = datetime(2024, 1, 15, 12, 0, tzinfo=UTC)
A_CHALLENGE = NextAction(NextActionKind.REDIRECT, "https://bank.example/challenge")
A_CALLER = Caller(DEFAULT_MERCHANT, "sk_till")


def an_id(number: int = 1) -> UUID:
    """A UUIDv7; later numbers sort behind earlier ones."""
    return UUID(int=number << 80 | 7 << 76 | 2 << 62)


def a_payment(
    amount: str = "59.49",
    currency: str = "USD",
    *,
    id: UUID | None = None,
    status: PaymentStatus | None = None,
    authorised: bool = False,
    captured: str | None = None,
    next_action: NextAction | None = None,
    gateway_payment_id: str | None = None,
    expires_at: datetime | None = None,
) -> Payment:
    """A payment that is on its way to the gateway; `authorised`, waiting for `next_action`, or `captured` (a decimal) where the test says so."""
    name, money = id or an_id(), Money.parse(amount, currency)
    taken = 0 if captured is None else Money.parse(captured, currency).amount_minor
    standing = PaymentStatus.PENDING if authorised or next_action else PaymentStatus.PROCESSING
    if captured is not None:
        standing = PaymentStatus.SUCCEEDED
    known = authorised or next_action is not None or captured is not None
    return Payment(
        id=name,
        merchant_id=DEFAULT_MERCHANT,
        money=money,
        gateway="fake",
        reference=reference_of(name),
        method=PaymentMethodKind.CARD,
        created_at=NOON,
        updated_at=NOON,
        status=status or standing,
        gateway_payment_id=gateway_payment_id or ("gp_1" if known else None),
        authorised=authorised or captured is not None,
        captured_minor=taken,
        captured_at=None if captured is None else NOON,
        next_action=next_action,
        expires_at=expires_at,
        sequence=1,
    )


def an_attempt(
    payment: Payment,
    kind: AttemptKind = AttemptKind.AUTHORISE,
    status: AttemptStatus = AttemptStatus.IN_FLIGHT,
    *,
    id: UUID | None = None,
    amount: str | None = None,
    request: Mapping[str, str] | None = None,
    created_at: datetime = NOON,
) -> Attempt:
    """An attempt of a payment, just recorded unless `status` says otherwise."""
    return Attempt(
        id=id or payment.id,
        merchant_id=payment.merchant_id,
        payment_id=payment.id,
        kind=kind,
        gateway=payment.gateway,
        config_version=1,
        reference=payment.reference,
        money=payment.money if amount is None else Money.parse(amount, payment.money.currency),
        request=request or {},
        created_at=created_at,
        updated_at=created_at,
        status=status,
        gateway_payment_id=payment.gateway_payment_id,
    )


def a_refund(payment: Payment, amount: str | None = None, *, id: UUID | None = None) -> Refund:
    """A refund of a payment that is not stored yet: of all that was captured unless `amount` says otherwise."""
    name, currency = id or an_id(500), payment.money.currency
    money = Money(payment.captured_minor, currency) if amount is None else Money.parse(amount, currency)
    return Refund(
        id=name,
        merchant_id=payment.merchant_id,
        payment_id=payment.id,
        money=money,
        gateway=payment.gateway,
        reference=reference_of(name),
        created_at=NOON,
        updated_at=NOON,
    )


def a_wish_to_be_refunded(payment_id: UUID, amount: str | None = None, *, slow_bank: bool = False) -> CreateRefund:
    """What a caller asks to have returned."""
    return CreateRefund(payment_id=payment_id, amount=amount, metadata={"bank": "slow"} if slow_bank else {})


def a_wish_to_be_paid(
    amount: str = "59.49", currency: str = "USD", *, token: str = "tok_good", manual: bool = False
) -> CreatePayment:
    """What a caller asks of the fake gateway; `token` decides what its issuer says."""
    return CreatePayment(
        amount=amount,
        currency=currency,
        instrument=Instrument(PaymentMethodKind.CARD, token=token),
        gateway="fake",
        capture_method=CaptureMethod.MANUAL if manual else CaptureMethod.AUTOMATIC,
        metadata={"till": "7"},
    )


def a_call(operation: int | UUID, *, resumed: bool = False, caller: Caller = A_CALLER) -> Call:
    """A call of the merchant's till; `resumed` after an earlier execution of the same operation was cut off."""
    return Call(caller, an_id(operation) if isinstance(operation, int) else operation, resumed)


def a_vault() -> EnvelopeVault:
    """Encryption at rest under a key that is none."""
    return EnvelopeVault({"test": bytes(32)})
