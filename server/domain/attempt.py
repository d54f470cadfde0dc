"""An attempt: one operation at a gateway, stored before it is sent, so that a lost answer can always be asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Self, assert_never
from uuid import UUID

from server.domain.money import Money
from server.domain.outcomes import Approved, Canceled, Declined, NotSent, Outcome, Refused, Unknown, Unpaid, Waiting


class AttemptKind(StrEnum):
    """What is asked of the gateway."""

    AUTHORISE = "authorise"
    """Reserve the money, and take it at once where the payment captures automatically."""

    CAPTURE = "capture"
    VOID = "void"


class AttemptStatus(StrEnum):
    """Where an attempt stands. A payment has at most one whose outcome is not known: `in_flight` or `needs_review`."""

    IN_FLIGHT = "in_flight"
    """Sent, or about to be; its outcome is not known."""

    NEEDS_REVIEW = "needs_review"
    """Asked for in vain for so long that a person must find out; still not failed."""

    WAITING = "waiting"
    """The customer must act, or the gateway works on it."""

    APPROVED = "approved"
    DECLINED = "declined"
    REFUSED = "refused"
    CANCELED = "canceled"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One operation at a gateway. Its id is the operation's id, from which the gateway's idempotency key derives.

    `request` is everything the adapter needs to send byte-identical parameters again; it holds tokens, never a card number.
    """

    id: UUID
    merchant_id: str
    payment_id: UUID
    kind: AttemptKind
    gateway: str
    config_version: int
    reference: str
    money: Money
    request: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
    status: AttemptStatus = AttemptStatus.IN_FLIGHT
    gateway_payment_id: str | None = None
    reason: str | None = None
    message: str | None = None

    def __post_init__(self) -> None:
        """The request's parameters never change after they are stored."""
        object.__setattr__(self, "request", MappingProxyType(dict(self.request)))

    @property
    def final(self) -> bool:
        """Whether its outcome is known for good."""
        return self.status not in (AttemptStatus.IN_FLIGHT, AttemptStatus.NEEDS_REVIEW, AttemptStatus.WAITING)

    @property
    def untold(self) -> bool:
        """Whether nobody has brought any word of it, not even that nothing is known: its own call alone can have sent it so far."""
        return self.status is AttemptStatus.IN_FLIGHT and self.message is None

    def give_up_asking(self, at: datetime) -> Self:
        """The gateway does not tell: a person must."""
        return replace(self, status=AttemptStatus.NEEDS_REVIEW, updated_at=at)

    def settle(self, outcome: Outcome, at: datetime) -> Self:
        """The attempt with what became of it; an unknown outcome leaves it in flight.

        That the payment waits is an answer to its authorisation alone: a capture or a void has neither happened then nor been refused.
        """
        match outcome:
            case Approved(gateway_payment_id=number):
                return self._ended(AttemptStatus.APPROVED, at, number)
            case Waiting() if self.kind is not AttemptKind.AUTHORISE:
                return replace(self, updated_at=at)
            case Unpaid(gateway_payment_id=number):
                return replace(self, updated_at=at, gateway_payment_id=number or self.gateway_payment_id)
            case Waiting(gateway_payment_id=number):
                return self._ended(AttemptStatus.WAITING, at, number)
            case Canceled(gateway_payment_id=number):
                return self._ended(AttemptStatus.CANCELED, at, number)
            case Declined(reason=reason, message=message, gateway_payment_id=number):
                return self._ended(AttemptStatus.DECLINED, at, number, reason.value, message)
            case Refused(message=message, gateway_payment_id=number):
                return self._ended(AttemptStatus.REFUSED, at, number, "GATEWAY_ERROR", message)
            case NotSent(message=message):
                return self._ended(AttemptStatus.NOT_SENT, at, None, "GATEWAY_UNAVAILABLE", message)
            case Unknown(message=message):
                return replace(self, updated_at=at, message=message)
        assert_never(outcome)

    def _ended(
        self,
        status: AttemptStatus,
        at: datetime,
        gateway_payment_id: str | None,
        reason: str | None = None,
        message: str | None = None,
    ) -> Self:
        return replace(
            self,
            status=status,
            updated_at=at,
            gateway_payment_id=gateway_payment_id or self.gateway_payment_id,
            reason=reason,
            message=message,
        )
