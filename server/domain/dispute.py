"""A dispute: a payment that a customer contests at the bank or at the gateway, which opens it, moves it on and decides it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from server.domain.evidence import Evidence
from server.domain.money import Money


class DisputeStatus(StrEnum):
    """Where a dispute stands."""

    NEEDS_RESPONSE = "needs_response"
    """Waits for our evidence."""

    UNDER_REVIEW = "under_review"
    """The bank or the gateway decides."""

    WON = "won"
    LOST = "lost"
    WARNING_CLOSED = "warning_closed"
    """An inquiry that ended without a chargeback."""


_CLOSED = frozenset({DisputeStatus.WON, DisputeStatus.LOST, DisputeStatus.WARNING_CLOSED})


@dataclass(frozen=True, slots=True)
class Moved:
    """All that a gateway has moved for a dispute so far, in minor units of the dispute's currency; each of the sums only grows.

    `taken_minor` left the merchant's balance and `returned_minor` came back, in one go or in parts; `fee_minor` was kept for that on top and `returned_fee_minor` of it given back.
    No more comes back than was taken: of what goes beyond that nothing is known here that it could belong to.
    """

    taken_minor: int = 0
    returned_minor: int = 0
    fee_minor: int = 0
    returned_fee_minor: int = 0

    def with_news(self, told: Self) -> Self:
        """With what a report tells beyond it. An older report tells less and takes nothing back, so that reports may come in any order, and twice."""
        taken_minor, fee_minor = max(self.taken_minor, told.taken_minor), max(self.fee_minor, told.fee_minor)
        return replace(
            self,
            taken_minor=taken_minor,
            returned_minor=max(self.returned_minor, min(told.returned_minor, taken_minor)),
            fee_minor=fee_minor,
            returned_fee_minor=max(self.returned_fee_minor, min(told.returned_fee_minor, fee_minor)),
        )


NOTHING_MOVED = Moved()


@dataclass(frozen=True, slots=True)
class DisputeReport:
    """What a gateway says of a dispute at one moment.

    `rank` orders the reports on one dispute: what is told later has a higher one, so that reports may arrive in any order. `moved` is what the gateway has moved by then, all told.
    """

    gateway_dispute_id: str
    status: DisputeStatus
    money: Money
    reason: str
    rank: int
    evidence_due_by: datetime | None = None
    moved: Moved = NOTHING_MOVED


@dataclass(frozen=True, slots=True)
class Dispute:
    """One dispute. `sequence` is the number of its last event, `rank` that of the newest report that it follows.

    `moved` is what of the gateway's movements is posted, and `movements` in how many steps that was.
    """

    id: UUID
    merchant_id: str
    payment_id: UUID
    gateway: str
    gateway_dispute_id: str
    money: Money
    status: DisputeStatus
    reason: str
    rank: int
    created_at: datetime
    updated_at: datetime
    evidence: Evidence | None = None
    evidence_due_by: datetime | None = None
    moved: Moved = NOTHING_MOVED
    movements: int = 0
    sequence: int = 0

    @property
    def closed(self) -> bool:
        """Whether it is decided, for good."""
        return self.status in _CLOSED

    def follow(self, report: DisputeReport, at: datetime) -> Self:
        """The dispute as a report has it. One that is decided stays so, and an older report takes nothing back."""
        if self.closed or report.rank <= self.rank:
            return self
        told = replace(
            self,
            money=report.money,
            status=report.status,
            reason=report.reason,
            evidence_due_by=report.evidence_due_by,
        )
        return replace(told, rank=report.rank, updated_at=self.updated_at if told == self else at)

    def answer(self, evidence: Evidence, at: datetime) -> Self:
        """The gateway has taken our evidence: it decides now, unless it has decided already."""
        waiting = self.status is DisputeStatus.NEEDS_RESPONSE
        status = DisputeStatus.UNDER_REVIEW if waiting else self.status
        return replace(self, evidence=evidence, status=status, updated_at=at)
