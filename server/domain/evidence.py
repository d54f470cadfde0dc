"""Evidence: our answer to a dispute, and each time that it is sent."""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for us. None of it is ours to judge; `shipping_date` is `YYYY-MM-DD`, `uncategorized_file` the id of an uploaded file."""

    product_description: str | None = None
    customer_email: str | None = None
    shipping_date: str | None = None
    shipping_carrier: str | None = None
    shipping_tracking_number: str | None = None
    access_activity_log: str | None = None
    uncategorized_text: str | None = None
    uncategorized_file: UUID | None = None

    def over(self, earlier: "Evidence | None") -> Self:
        """This evidence with what was sent before where this says nothing."""
        if earlier is None:
            return self
        kept = {each.name: getattr(earlier, each.name) for each in fields(self) if getattr(self, each.name) is None}
        return replace(self, **kept)

    @property
    def empty(self) -> bool:
        """Whether it says nothing at all."""
        return all(getattr(self, each.name) is None for each in fields(self))


class SubmissionStatus(StrEnum):
    """What became of evidence that was sent."""

    IN_FLIGHT = "in_flight"
    """Sent, or about to be; the gateway's answer is not known."""

    TAKEN = "taken"
    REFUSED = "refused"
    NOT_SENT = "not_sent"


@dataclass(frozen=True, slots=True)
class Submission:
    """Evidence on its way to the gateway: all of it, what was sent before included. Its id is the operation's, by which the gateway's own record of it is known again."""

    id: UUID
    merchant_id: str
    dispute_id: UUID
    evidence: Evidence
    created_at: datetime
    updated_at: datetime
    status: SubmissionStatus = SubmissionStatus.IN_FLIGHT
    message: str | None = None

    @property
    def in_flight(self) -> bool:
        """Whether its outcome is not known."""
        return self.status is SubmissionStatus.IN_FLIGHT

    def end(self, status: SubmissionStatus, at: datetime, message: str | None = None) -> Self:
        """The submission with what became of it."""
        return replace(self, status=status, message=message, updated_at=at)
