"""What gateways' lists of disputes say: values, as all of a gateway's answers are."""

from dataclasses import dataclass
from datetime import datetime

from server.domain.dispute import DisputeReport


@dataclass(frozen=True, slots=True)
class DisputeSighting:
    """A dispute as its gateway shows it. `reference` is our number for the payment that is disputed, `gateway_payment_id` the gateway's: either may be missing."""

    report: DisputeReport
    reference: str | None = None
    gateway_payment_id: str | None = None

    @property
    def gateway_dispute_id(self) -> str:
        """The gateway's own number for the dispute."""
        return self.report.gateway_dispute_id


@dataclass(frozen=True, slots=True)
class DisputeSummary:
    """A dispute on a list that does not tell all of it: the rest is to be asked for.

    `rank` is that of the report which would be given now, or above it where the list cannot tell that well: never below, as nobody would ask then.
    `changed_at` is the gateway's time of the last change, before whose end more may be told under the same rank.
    """

    gateway_dispute_id: str
    rank: int
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class UnreadableDispute:
    """A dispute on a list that is not of the form that is documented."""

    gateway_dispute_id: str


ListedDispute = DisputeSighting | DisputeSummary | UnreadableDispute
