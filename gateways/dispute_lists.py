"""The parts of gateways that are alike in how they list disputes: those whose list tells all, and those that have none."""

from collections.abc import Sequence
from datetime import datetime

from server.domain.dispute_list import DisputeSighting, ListedDispute

MOST_LISTED = 1_000
"""Of a list that is longer the newest are read: each dispute on it stands for itself."""

MOST_PAGES = 250
"""So many are asked for. A list that goes on, as it is full of what is not the merchant's or its pages lead in a circle, is not told."""


class WholeDisputes:
    """Its list tells all of each dispute: nobody asks for one."""

    async def dispute(self, _gateway_dispute_id: str) -> DisputeSighting | None:
        return None


class NoDisputes(WholeDisputes):
    """A gateway without disputes, as its capabilities say, or without a list of them."""

    async def disputes(self, _since: datetime) -> Sequence[ListedDispute] | None:
        return []
