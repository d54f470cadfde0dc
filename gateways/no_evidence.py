"""The part of a gateway that takes no evidence for disputes: its capabilities say so, and it is never asked."""

from server.domain.dispute import Dispute
from server.domain.errors import NotSupported
from server.domain.evidence import Evidence, Submission
from server.domain.evidence_outcomes import EvidenceOutcome
from server.domain.file import Document, StoredFile


class NoEvidence:
    """Refuses whatever it is asked."""

    name: str

    def check_evidence(self, evidence: Evidence, file: StoredFile | None) -> None:
        """Raises NotSupported."""
        raise self._refusal

    async def submit_evidence(
        self, submission: Submission, dispute: Dispute, document: Document | None
    ) -> EvidenceOutcome:
        """Raises NotSupported."""
        raise self._refusal

    resume_evidence = submit_evidence

    @property
    def _refusal(self) -> NotSupported:
        return NotSupported(self.name, "evidence for disputes")
