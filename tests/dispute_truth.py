"""What a gateway in memory has of disputes and of our evidence."""

from collections.abc import Sequence
from datetime import UTC, datetime

from server.domain.dispute import Dispute
from server.domain.dispute_list import DisputeSighting, DisputeSummary, ListedDispute
from server.domain.evidence import Submission
from server.domain.evidence_outcomes import EvidenceOutcome, EvidenceRefused, EvidenceTaken
from server.domain.file import Document

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class DisputeTruth:
    """Evidence by the gateway's number for the dispute; what a gateway has once, it keeps. It lists disputes whole, or `in_part`."""

    def __init__(self) -> None:
        self.pleaded: dict[str, tuple[Submission, Document | None]] = {}
        self.closed_to_evidence: set[str] = set()
        self.opened: dict[str, tuple[datetime, DisputeSighting]] = {}
        self.changed_at = _LONG_AGO
        self.in_part = False
        self.unreadable: list[ListedDispute] = []

    def hear(self, submission: Submission, dispute: Dispute, document: Document | None) -> EvidenceOutcome:
        known = self.pleaded.get(dispute.gateway_dispute_id)
        if known is not None and known[0].id == submission.id:
            return EvidenceTaken()
        if dispute.gateway_dispute_id in self.closed_to_evidence:
            return EvidenceRefused("too late")
        self.pleaded[dispute.gateway_dispute_id] = (submission, document)
        return EvidenceTaken()

    def show(self, sighting: DisputeSighting, opened_at: datetime) -> None:
        """A dispute is open, or goes on."""
        self.opened[sighting.gateway_dispute_id] = opened_at, sighting

    def listed(self, since: datetime) -> Sequence[ListedDispute]:
        whole = [sighting for at, sighting in self.opened.values() if at >= since]
        if self.in_part:
            return [DisputeSummary(each.gateway_dispute_id, each.report.rank, self.changed_at) for each in whole]
        return [*self.unreadable, *whole]

    def shown(self, gateway_dispute_id: str) -> DisputeSighting:
        return self.opened[gateway_dispute_id][1]
