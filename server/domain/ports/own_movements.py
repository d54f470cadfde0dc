"""Where gateways' own movements are kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from server.domain.own_movement import OwnMovement


class OwnMovements(Protocol):
    """What gateways moved by themselves, each visible to its merchant alone. None of them ever changes."""

    def insert(self, merchant_id: str, gateway: str, movement: OwnMovement, at: datetime) -> None:
        """Stores one that was posted at that time. Raises UniqueViolation when the merchant's books have the gateway's number."""
        ...

    def known(self, merchant_id: str, ids: Sequence[UUID]) -> frozenset[UUID]:
        """Which of these ids are stored."""
        ...
