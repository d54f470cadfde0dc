"""Gateways' own movements in memory."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from server.domain.own_movement import OwnMovement, own_movement_id
from tests.memory_payments import add_row


class MemoryOwnMovements:
    def __init__(self, rows: dict[tuple[str, UUID], OwnMovement]) -> None:
        self._rows = rows

    def insert(self, merchant_id: str, gateway: str, movement: OwnMovement, _at: datetime) -> None:
        key = merchant_id, own_movement_id(gateway, movement.gateway_transaction_id)
        add_row(self._rows, key, movement, "pk_own_movements")

    def known(self, merchant_id: str, ids: Sequence[UUID]) -> frozenset[UUID]:
        return frozenset(each for each in ids if (merchant_id, each) in self._rows)
