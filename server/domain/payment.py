"""A payment and the verbs that change it; each verb gives the changed payment with the events and the posting that belong to the same transaction."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from server.domain.dispute import Dispute
from server.domain.errors import AlreadyCaptured, AlreadyRefunded, InvalidAmount, InvalidState, RefundAmountInvalid
from server.domain.events import EventType
from server.domain.ledger import Posting
from server.domain.money import Money
from server.domain.outcomes import Card, NextAction
from server.domain.refund import Refund, RefundStatus


class PaymentStatus(StrEnum):
    """Where a payment stands."""

    PENDING = "pending"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"
    REFUNDED = "refunded"


class CaptureMethod(StrEnum):
    """When the money is taken."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class ConfirmationMethod(StrEnum):
    """Who confirms after the customer's part is done."""

    AUTOMATIC = "automatic"
    MANUAL = "manual"


class FutureUsage(StrEnum):
    """For which later payments a payment method is kept."""

    ON_SESSION = "on_session"
    """With the customer present."""

    OFF_SESSION = "off_session"
    """Also without them."""


class PaymentMethodKind(StrEnum):
    """What is paid with."""

    CARD = "card"
    ALIPAY = "alipay"
    WECHAT = "wechat"
    PAYPAL = "paypal"


@dataclass(frozen=True, slots=True)
class Payment:
    """A merchant's wish to be paid. `sequence` is the number of its last event; `version` counts changes, for compare-and-set.

    `mall_order_id` is set for the checkout of a mall order, `intent_id` for the payment of an intent; a caller's own `order_id` is never looked up.
    `reference` is our number for it at its gateway: the latest try's, or the one's that took the money.
    `refunds` are all of its refunds, oldest first, the failed ones too; `disputes` are all of its disputes, likewise.
    """

    id: UUID
    merchant_id: str
    money: Money
    gateway: str
    reference: str
    method: PaymentMethodKind
    created_at: datetime
    updated_at: datetime
    capture_method: CaptureMethod = CaptureMethod.AUTOMATIC
    confirmation_method: ConfirmationMethod = ConfirmationMethod.AUTOMATIC
    order_id: UUID | None = None
    mall_order_id: int | None = None
    intent_id: UUID | None = None
    customer_id: UUID | None = None
    card: Card | None = None
    description: str | None = None
    receipt_email: str | None = None
    metadata: Mapping[str, str] = field(default_factory=dict)
    status: PaymentStatus = PaymentStatus.PROCESSING
    gateway_payment_id: str | None = None
    authorised: bool = False
    captured_minor: int = 0
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    receipt_url: str | None = None
    next_action: NextAction | None = None
    failure_code: str | None = None
    failure_message: str | None = None
    captured_at: datetime | None = None
    canceled_at: datetime | None = None
    expires_at: datetime | None = None
    sequence: int = 0
    version: int = 1

    def __post_init__(self) -> None:
        """A payment's metadata never change."""
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))

    @property
    def captured(self) -> bool:
        """Whether the money was taken."""
        return self.captured_at is not None

    @property
    def refunded_minor(self) -> int:
        """What was returned to the customer."""
        return self._refunds_minor(RefundStatus.SUCCEEDED)

    @property
    def refunding_minor(self) -> int:
        """What pending refunds hold: it may be on its way already."""
        return self._refunds_minor(RefundStatus.PENDING)

    @property
    def refundable_minor(self) -> int:
        """What of the captured money neither went back nor is held to go back."""
        return self.captured_minor - self.refunded_minor - self.refunding_minor

    @property
    def dispute(self) -> Dispute | None:
        """The dispute that callers are shown: the last one."""
        return self.disputes[-1] if self.disputes else None

    @property
    def open(self) -> bool:
        """Whether the payment can still change by a capture, a cancel or the gateway's answer."""
        return self.status in (PaymentStatus.PENDING, PaymentStatus.PROCESSING)

    @property
    def operated_on(self) -> bool:
        """Whether a capture or a cancel is under way: nothing else takes a payment from where it waits to `processing` and keeps what it waits for."""
        return self.status is PaymentStatus.PROCESSING and (self.authorised or self.next_action is not None)

    @property
    def between_tries(self) -> bool:
        """Whether a try at it has failed and its intent may make another: nothing is at the gateway that anybody could pay."""
        return self.status is PaymentStatus.PENDING and not self.authorised and self.next_action is None

    def begin(self) -> "Change":
        """The payment as it is first stored, before anything is sent."""
        return _change(self, EventType.PAYMENT_CREATED, at=self.updated_at)

    def begin_capture(self, amount: Money | None, at: datetime) -> tuple["Change", Money]:
        """Goes to `processing` for a capture of `amount`, all of it by default; also gives what to capture.

        Raises AlreadyCaptured, InvalidState unless authorised, InvalidAmount above what was authorised.
        """
        self._refuse_captured()
        if self.status is not PaymentStatus.PENDING or not self.authorised:
            raise InvalidState(self.id, f"a payment that is {self._standing} cannot be captured")
        wanted = amount or self.money
        if wanted.amount_minor > self.money.amount_minor:
            raise InvalidAmount("amount", f"must be at most {self.money}, what was authorised")
        return _change(replace(self, status=PaymentStatus.PROCESSING), at=at), wanted

    def begin_cancel(self, at: datetime) -> "Change":
        """Goes to `processing` until the gateway has ended it. Raises AlreadyCaptured, or InvalidState unless `pending`."""
        self._refuse_captured()
        if self.status is not PaymentStatus.PENDING:
            raise InvalidState(self.id, f"a payment that is {self._standing} cannot be canceled")
        return _change(replace(self, status=PaymentStatus.PROCESSING), at=at)

    def authorise(self, gateway_payment_id: str, at: datetime, valid_for: timedelta) -> "Change":
        """The money is reserved: waits for a capture until `expires_at`. A cancel that is under way goes on."""
        return _change(
            replace(
                self,
                status=PaymentStatus.PROCESSING if self.operated_on else PaymentStatus.PENDING,
                authorised=True,
                gateway_payment_id=gateway_payment_id,
                next_action=None,
                failure_code=None,
                failure_message=None,
                expires_at=self.expires_at if self.authorised else at + valid_for,
            ),
            at=at,
        )

    def capture(
        self,
        gateway_payment_id: str,
        amount: Money,
        at: datetime,
        receipt_url: str | None,
        paid_at: datetime | None = None,
        *,
        fee_minor: int = 0,
        available_on: date | None = None,
    ) -> "Change":
        """The money is taken: `succeeded`, and posted to the ledger. The one place where a payment earns money. `paid_at` is the gateway's own time, where it says one."""
        captured = replace(
            self,
            status=PaymentStatus.SUCCEEDED,
            authorised=True,
            gateway_payment_id=gateway_payment_id,
            captured_minor=amount.amount_minor,
            captured_at=paid_at or at,
            canceled_at=None,
            receipt_url=receipt_url or self.receipt_url,
            next_action=None,
            failure_code=None,
            failure_message=None,
            expires_at=None,
        )
        events = (
            (EventType.PAYMENT_CAPTURED, EventType.PAYMENT_SUCCEEDED)
            if self.authorised
            else (EventType.PAYMENT_SUCCEEDED,)
        )
        posting = Posting.charge(
            self.id, self.gateway, amount, fee_minor=fee_minor, available_on=available_on, moved_at=paid_at
        )
        return _change(captured, *events, at=at, posting=posting)

    def wait(
        self, gateway_payment_id: str | None, next_action: NextAction | None, at: datetime, expires_at: datetime
    ) -> "Change":
        """The customer must act (`pending`), or the gateway still works on it (`processing`)."""
        return _change(
            replace(
                self,
                status=PaymentStatus.PENDING if next_action else PaymentStatus.PROCESSING,
                gateway_payment_id=gateway_payment_id or self.gateway_payment_id,
                next_action=next_action,
                expires_at=self.expires_at or expires_at,
            ),
            at=at,
        )

    def fail(self, code: str, message: str, at: datetime, gateway_payment_id: str | None) -> "Change":
        """No money moved and none can any more: `failed`, with a code of the contract."""
        return _change(
            replace(
                self,
                status=PaymentStatus.FAILED,
                gateway_payment_id=gateway_payment_id or self.gateway_payment_id,
                failure_code=code,
                failure_message=message,
                next_action=None,
                expires_at=None,
            ),
            EventType.PAYMENT_FAILED,
            at=at,
        )

    def await_another_try(self, code: str, message: str, at: datetime, gateway_payment_id: str | None) -> "Change":
        """This try moved no money and can move none any more; the payment's intent may make another: `pending`, for as long as that takes."""
        return _change(
            replace(
                self,
                status=PaymentStatus.PENDING,
                gateway_payment_id=gateway_payment_id or self.gateway_payment_id,
                failure_code=code,
                failure_message=message,
                next_action=None,
                expires_at=None,
            ),
            at=at,
        )

    def under(self, reference: str) -> "Payment":
        """The payment by the number under which the gateway knows one of its tries."""
        return replace(self, reference=reference)

    def try_again(self, card: Card | None, reference: str, at: datetime) -> "Change":
        """Another try begins under another number, maybe with another card: `processing`. Raises InvalidState unless the last one has failed."""
        if not self.between_tries:
            raise InvalidState(self.id, f"a payment that is {self._standing} cannot be tried again")
        return _change(
            replace(
                self,
                status=PaymentStatus.PROCESSING,
                reference=reference,
                card=card,
                gateway_payment_id=None,
                failure_code=None,
                failure_message=None,
            ),
            at=at,
        )

    def cancel(self, gateway_payment_id: str | None, at: datetime) -> "Change":
        """Ended at the gateway before capture: `canceled`."""
        return _change(
            replace(
                self,
                status=PaymentStatus.CANCELED,
                gateway_payment_id=gateway_payment_id or self.gateway_payment_id,
                canceled_at=at,
                next_action=None,
                expires_at=None,
            ),
            EventType.PAYMENT_CANCELED,
            at=at,
        )

    def reopen(self, at: datetime) -> "Change":
        """A capture or a cancel did not happen: `pending` again, as before it."""
        return _change(replace(self, status=PaymentStatus.PENDING), at=at)

    def refund(self, refund_id: UUID) -> Refund | None:
        """The payment's refund of that id, if there is one."""
        return next((refund for refund in self.refunds if refund.id == refund_id), None)

    def check_refund(self, amount: Money | None) -> Money:
        """What a refund of `amount` returns: all that is left by default.

        Raises InvalidState unless captured, AlreadyRefunded when nothing is left, RefundAmountInvalid above that.
        """
        if not self.captured:
            raise InvalidState(self.id, f"a payment that is {self._standing} has nothing to refund")
        left = Money(self.refundable_minor, self.money.currency)
        if left.amount_minor == 0:
            if self.refunding_minor:
                raise InvalidState(self.id, "all that is left is held by refunds whose outcome is not known yet")
            raise AlreadyRefunded(self.id)
        if amount is not None and amount.amount_minor > left.amount_minor:
            raise RefundAmountInvalid("amount", f"must be at most {left}, what is left to refund")
        return amount or left

    def with_refund(self, refund: Refund) -> "Payment":
        """The payment with a refund as it has become: `refunded` when all of it is returned, and no longer so when money came back."""
        others = tuple(other for other in self.refunds if other.id != refund.id)
        refunds = tuple(sorted((*others, refund), key=lambda each: (each.created_at, each.id)))
        changed = replace(self, refunds=refunds, updated_at=refund.updated_at)
        full = changed.refunded_minor == self.captured_minor
        return replace(changed, status=PaymentStatus.REFUNDED if full else PaymentStatus.SUCCEEDED)

    def with_dispute(self, dispute: Dispute) -> "Payment":
        """The payment with a dispute as it has become. A dispute changes nothing else of it: its money was taken, and who keeps it is the dispute's to say."""
        others = tuple(other for other in self.disputes if other.id != dispute.id)
        disputes = tuple(sorted((*others, dispute), key=lambda each: (each.created_at, each.id)))
        return replace(self, disputes=disputes, updated_at=max(self.updated_at, dispute.updated_at))

    def _refunds_minor(self, status: RefundStatus) -> int:
        return sum(refund.money.amount_minor for refund in self.refunds if refund.status is status)

    def _refuse_captured(self) -> None:
        if self.captured:
            raise AlreadyCaptured(self.id)

    @property
    def _standing(self) -> str:
        return f"{self.status.value} and not authorised" if self.status is PaymentStatus.PENDING else self.status.value


@dataclass(frozen=True, slots=True)
class Change:
    """A payment as it has become, with its numbered events and its posting: one transaction."""

    payment: Payment
    events: tuple[tuple[EventType, int], ...]
    posting: Posting | None


def _change(payment: Payment, *events: EventType, at: datetime, posting: Posting | None = None) -> Change:
    numbered = tuple((event, payment.sequence + place) for place, event in enumerate(events, start=1))
    return Change(replace(payment, updated_at=at, sequence=payment.sequence + len(events)), numbered, posting)
