"""Disputes, and the documents that are evidence in them."""

from dataclasses import dataclass

from server.composition.ground import Ground
from server.operations.dispute_following import DisputeFollowing
from server.operations.dispute_lists import DisputeLists
from server.operations.disputes import DisputeOperations
from server.operations.evidence_settling import EvidenceSettling
from server.operations.files import FileOperations
from server.operations.list_following import ListFollowing


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeParts:
    """What is done with disputes."""

    disputes: DisputeOperations
    files: FileOperations
    following: DisputeFollowing
    lists: ListFollowing
    evidence_settling: EvidenceSettling


def dispute_parts(ground: Ground) -> DisputeParts:
    """What follows a dispute, and what answers it."""
    store, gateways, clock = ground.store, ground.gateways, ground.clock
    evidence_settling = EvidenceSettling(store, gateways, ground.journal, clock)
    following = DisputeFollowing(ground.journal, clock, ground.ids)
    return DisputeParts(
        disputes=DisputeOperations(store=store, gateways=gateways, settling=evidence_settling, clock=clock),
        files=FileOperations(store, clock),
        following=following,
        lists=ListFollowing(
            store=store,
            gateways=gateways,
            clock=clock,
            followed=DisputeLists(store=store, following=following, clock=clock),
        ),
        evidence_settling=evidence_settling,
    )
