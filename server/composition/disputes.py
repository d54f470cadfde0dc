"""Disputes, and the documents that are evidence in them."""

from dataclasses import dataclass

from server.composition.ground import Ground
from server.operations.dispute_following import DisputeFollowing
from server.operations.disputes import DisputeOperations
from server.operations.evidence_settling import EvidenceSettling
from server.operations.files import FileOperations


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeParts:
    """What is done with disputes."""

    disputes: DisputeOperations
    files: FileOperations
    following: DisputeFollowing
    evidence_settling: EvidenceSettling


def dispute_parts(ground: Ground) -> DisputeParts:
    """What follows a dispute, and what answers it."""
    store, gateways, clock = ground.store, ground.gateways, ground.clock
    evidence_settling = EvidenceSettling(store, gateways, ground.journal, clock)
    return DisputeParts(
        disputes=DisputeOperations(store=store, gateways=gateways, settling=evidence_settling, clock=clock),
        files=FileOperations(store, clock),
        following=DisputeFollowing(ground.journal, clock, ground.ids),
        evidence_settling=evidence_settling,
    )
