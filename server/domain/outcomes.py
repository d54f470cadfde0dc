"""What a gateway's answer means: values, not exceptions, so that every case is handled where an attempt is settled."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class DeclineReason(StrEnum):
    """Why an issuer said no, in the contract's words."""

    CARD_DECLINED = "CARD_DECLINED"
    INSUFFICIENT_FUNDS = "INSUFFICIENT_FUNDS"
    EXPIRED_CARD = "EXPIRED_CARD"
    INCORRECT_CVC = "INCORRECT_CVC"
    PROCESSING_ERROR = "PROCESSING_ERROR"


class NextActionKind(StrEnum):
    """The kind of a customer's action."""

    REDIRECT = "redirect"
    DISPLAY_QR_CODE = "display_qr_code"
    INVOKE_SDK = "invoke_sdk"


@dataclass(frozen=True, slots=True)
class NextAction:
    """What the customer must do: `url` for a redirect or a QR code, `parameters` for the gateway's client SDK."""

    kind: NextActionKind
    url: str | None = None
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Approved:
    """The gateway took the money (`captured`) or reserved it. `amount_minor` is what was taken or reserved, in our minor units; `paid_at` the gateway's own time of it.

    `fee_minor` is what the gateway keeps of it, in the payment's currency, and `available_on` the day (UTC) from which on it pays the rest out; None where it does not say.
    """

    gateway_payment_id: str
    amount_minor: int
    captured: bool
    receipt_url: str | None = None
    paid_at: datetime | None = None
    fee_minor: int | None = None
    available_on: date | None = None


@dataclass(frozen=True, slots=True)
class Declined:
    """The issuer said no; no money moved."""

    reason: DeclineReason
    message: str
    gateway_payment_id: str | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The customer must act (`next_action`), or the gateway still works on it (none). No money moved yet. Some gateways give a payment its number only once it is paid."""

    gateway_payment_id: str | None
    next_action: NextAction | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Unpaid:
    """The customer has not paid and still can: what they were shown stands, and nothing changes. To a void it says that the payment cannot be closed yet."""

    gateway_payment_id: str | None = None


@dataclass(frozen=True, slots=True)
class Canceled:
    """The payment is ended at the gateway; what was reserved is released and nothing can be charged any more. No number where a person alone could tell."""

    gateway_payment_id: str | None


@dataclass(frozen=True, slots=True)
class Refused:
    """The gateway refused for a reason that is not the customer's; the operation did not happen."""

    message: str
    gateway_payment_id: str | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """Provably nothing was executed: the connection was refused, or the gateway turned the call away before looking at it."""

    message: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The answer was lost or says nothing: the operation may have happened. Never failed by age."""

    message: str


Outcome = Approved | Declined | Waiting | Unpaid | Canceled | Refused | NotSent | Unknown


@dataclass(frozen=True, slots=True)
class Refunded:
    """The gateway has returned the money, or will certainly do so without another word of ours."""

    gateway_refund_id: str


@dataclass(frozen=True, slots=True)
class RefundPending:
    """The gateway has taken the refund in and works on it; it may still fail."""

    gateway_refund_id: str | None


@dataclass(frozen=True, slots=True)
class RefundFailed:
    """The refund did not happen and, under its number, will not any more: the gateway's no, or its later failure. `message` is for people and quotes no secret.

    `by_verdict` says that an operator found it, as the gateway does not tell.
    """

    message: str
    gateway_refund_id: str | None = None
    by_verdict: bool = False


RefundOutcome = Refunded | RefundPending | RefundFailed | NotSent | Unknown


@dataclass(frozen=True, slots=True)
class Card:
    """What may be known of a card. `fingerprint` is ours: a keyed hash of the gateway's own."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Tokenised:
    """A payment method that the gateway knows by `token`; it moves no money."""

    token: str | None
    card: Card | None = None


@dataclass(frozen=True, slots=True)
class Unusable:
    """A payment method that the gateway does not accept as one: a wrong number, an unknown token. `field` is its path below `payment_method`."""

    field: str
    message: str


TokeniseOutcome = Tokenised | Unusable | Declined | Refused | NotSent


@dataclass(frozen=True, slots=True)
class Kept:
    """A payment method that the gateway keeps under `token` for a customer, whom it calls `gateway_customer_id`."""

    token: str
    gateway_customer_id: str
    card: Card | None


KeepOutcome = Kept | Unusable | Declined | Refused | NotSent
