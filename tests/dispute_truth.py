"""What a gateway in memory has of our evidence."""

from server.domain.dispute import Dispute
from server.domain.evidence import Submission
from server.domain.evidence_outcomes import EvidenceOutcome, EvidenceRefused, EvidenceTaken
from server.domain.file import Document


class DisputeTruth:
    """Evidence by the gateway's number for the dispute; what a gateway has once, it keeps."""

    def __init__(self) -> None:
        self.pleaded: dict[str, tuple[Submission, Document | None]] = {}
        self.closed_to_evidence: set[str] = set()

    def hear(self, submission: Submission, dispute: Dispute, document: Document | None) -> EvidenceOutcome:
        known = self.pleaded.get(dispute.gateway_dispute_id)
        if known is not None and known[0].id == submission.id:
            return EvidenceTaken()
        if dispute.gateway_dispute_id in self.closed_to_evidence:
            return EvidenceRefused("too late")
        self.pleaded[dispute.gateway_dispute_id] = (submission, document)
        return EvidenceTaken()
