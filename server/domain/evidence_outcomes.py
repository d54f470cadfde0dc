"""What a gateway's answer to evidence means."""

from dataclasses import dataclass

from server.domain.dispute import DisputeReport
from server.domain.outcomes import NotSent, Unknown


@dataclass(frozen=True, slots=True)
class EvidenceTaken:
    """The gateway has the evidence. `report` is how the dispute stands after that, where the gateway tells."""

    report: DisputeReport | None = None


@dataclass(frozen=True, slots=True)
class EvidenceRefused:
    """The gateway does not take it, and will not any more. `message` is for people and quotes no secret."""

    message: str


EvidenceOutcome = EvidenceTaken | EvidenceRefused | NotSent | Unknown
