"""What callers ask of payments, checked for form and not yet for sense."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from server.domain.evidence import Evidence
from server.domain.file import FilePurpose
from server.domain.gateway import Instrument
from server.domain.payment import CaptureMethod, ConfirmationMethod, FutureUsage, PaymentMethodKind
from server.domain.refund import RefundReason


@dataclass(frozen=True, slots=True)
class SavedInstrument:
    """What a customer has saved to pay with."""

    kind: PaymentMethodKind
    method_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePayment:
    """A wish to be paid. `amount` is a decimal string in the major unit; `gateway` is the instrument's own when None."""

    amount: str
    currency: str
    instrument: Instrument | SavedInstrument
    gateway: str | None = None
    capture_method: CaptureMethod = CaptureMethod.AUTOMATIC
    confirmation_method: ConfirmationMethod = ConfirmationMethod.AUTOMATIC
    order_id: UUID | None = None
    customer_id: UUID | None = None
    description: str | None = None
    receipt_email: str | None = None
    return_url: str | None = None
    cancel_url: str | None = None
    setup_future_usage: FutureUsage | None = None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateIntent:
    """A wish to be paid in several steps. `gateway` is the payment method's own when None, or else the usual one for cards."""

    amount: str
    currency: str
    gateway: str | None = None
    customer_id: UUID | None = None
    method_id: UUID | None = None
    capture_method: CaptureMethod = CaptureMethod.AUTOMATIC
    confirmation_method: ConfirmationMethod = ConfirmationMethod.AUTOMATIC
    setup_future_usage: FutureUsage | None = None
    return_url: str | None = None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ConfirmIntent:
    """Send an intent's payment to its gateway; what is None is as the intent has it."""

    intent_id: UUID
    method_id: UUID | None = None
    return_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaveMethod:
    """A wish to keep what a customer pays with."""

    customer_id: UUID
    instrument: Instrument
    set_as_default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateOrder:
    """A wish to buy. `user_id` names the buyer where the caller is not the buyer."""

    total_amount: str
    currency: str
    subject: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckoutOrder:
    """A wish to pay an order at a gateway. `channel` is where the customer pays, the gateway's usual place when None."""

    order_id: int
    gateway: str
    channel: str | None = None
    openid: str | None = None
    client_ip: str | None = None
    return_url: str | None = None
    cancel_url: str | None = None
    user_id: str | None = None


@dataclass(frozen=True, slots=True)
class CapturePayment:
    """Take `amount` of an authorised payment, a decimal string in the major unit; all of it when None."""

    payment_id: UUID
    amount: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatePayout:
    """Send `amount`, a decimal string in the major unit, from a gateway to the bank."""

    amount: str
    currency: str
    gateway: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateRefund:
    """Return `amount` of a captured payment, a decimal string in the major unit; all that is left when None."""

    payment_id: UUID
    amount: str | None = None
    reason: RefundReason | None = None
    metadata: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SubmitEvidence:
    """Answer a dispute; what `evidence` does not say stays as it was sent before."""

    dispute_id: UUID
    evidence: Evidence


@dataclass(frozen=True, slots=True, repr=False)
class UploadFile:
    """Keep a document."""

    purpose: FilePurpose
    content: bytes
    filename: str | None = None
