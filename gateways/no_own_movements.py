"""What a gateway says that tells of no fees and adjustments beside what they belong to, and whose capabilities tell so."""

from collections.abc import Sequence
from datetime import datetime

from server.domain.own_movement import ListedMovement


class NoOwnMovements:
    """Nobody asks such a gateway."""

    async def own_movements(self, _since: datetime) -> Sequence[ListedMovement] | None:
        return []
