"""A payout: money on its way from a gateway to the merchant's bank, asked for here or made by the gateway itself; each verb gives the changed payout."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from server.domain.money import Money


class PayoutStatus(StrEnum):
    """Where a payout stands."""

    PENDING = "pending"
    """Asked for; not yet on its way, or the gateway's answer is not known."""

    IN_TRANSIT = "in_transit"
    PAID = "paid"
    """Arrived; the bank can still send it back."""

    FAILED = "failed"
    CANCELED = "canceled"


class PayoutFailure(StrEnum):
    """In which way the payout, or the order to stop it, came to nothing."""

    NOT_SENT = "not_sent"
    """Provably nothing reached the gateway."""

    REFUSED = "refused"
    """The gateway did not do it."""

    INSUFFICIENT = "insufficient"
    """The gateway did not do it, as it holds less than that for the merchant."""

    RETURNED = "returned"
    """The bank did not take the money; it is back in the balance."""


@dataclass(frozen=True, slots=True)
class Stop:
    """The last order to stop a payout, under the id of its operation; `failure` and its words once it is known that it came to nothing."""

    id: UUID
    ordered_at: datetime
    failure: PayoutFailure | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Payout:
    """One payout. `reference` is our number for it at the gateway; None for what was not asked for here. Amounts below zero are what a gateway took from the bank.

    A payout with a `gateway_payout_id` has left the balance, and is posted; one without is known to nobody but us. `sequence` is the number of its last event.
    `needs_review` says that the gateway was asked in vain for so long that a person should find out; it is asked on.
    """

    id: UUID
    merchant_id: str
    money: Money
    gateway: str
    config_version: int
    created_at: datetime
    updated_at: datetime
    reference: str | None = None
    status: PayoutStatus = PayoutStatus.PENDING
    gateway_payout_id: str | None = None
    arrival_date: date | None = None
    failure: PayoutFailure | None = None
    failure_reason: str | None = None
    stop: Stop | None = None
    needs_review: bool = False
    sequence: int = 0

    @property
    def pending(self) -> bool:
        """Whether it is not on its way yet."""
        return self.status is PayoutStatus.PENDING

    @property
    def returned(self) -> bool:
        """Whether its money is, or never left, the balance."""
        return self.status in (PayoutStatus.FAILED, PayoutStatus.CANCELED)

    @property
    def stopping(self) -> bool:
        """Whether it is being stopped, and the gateway has not told yet whether it is."""
        return self.pending and self.stop is not None and self.stop.failure is None

    @property
    def unknown(self) -> bool:
        """Whether the gateway's answer to what was asked of it is not known."""
        return self.pending and (self.gateway_payout_id is None or self.stopping)

    @property
    def asked_at(self) -> datetime:
        """When the last thing was asked of the gateway."""
        return self.created_at if self.stop is None else self.stop.ordered_at

    def fail(self, failure: PayoutFailure, message: str, at: datetime) -> Self:
        """The gateway did not make it; no money left."""
        return replace(
            self,
            status=PayoutStatus.FAILED,
            failure=failure,
            failure_reason=message,
            needs_review=False,
            updated_at=at,
        )

    def begin_stop(self, operation_id: UUID, at: datetime) -> Self:
        """It is to be stopped."""
        return replace(self, stop=Stop(operation_id, at), updated_at=at)

    def fail_stop(self, failure: PayoutFailure, message: str, at: datetime) -> Self:
        """It was not stopped, and goes on as before."""
        assert self.stop is not None, "only what was ordered comes to nothing"
        return replace(
            self, stop=replace(self.stop, failure=failure, message=message), needs_review=False, updated_at=at
        )

    def ask_a_person(self) -> Self:
        """The gateway does not tell. No change that a caller sees."""
        return replace(self, needs_review=True)
