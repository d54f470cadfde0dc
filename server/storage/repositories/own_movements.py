"""What gateways have moved by themselves: stored once, and never changed."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.own_movement import OwnMovement, own_movement_id
from server.storage.prepared import Prepared
from server.storage.repositories.any_of import any_of, each_in_its_place, places_for
from server.storage.session import Session
from server.storage.tables import own_movements

_columns = own_movements.c
_INSERT = Prepared(own_movements.insert())


class OwnMovementRepository:
    """Gateways' own movements, each visible to its merchant alone."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def insert(self, merchant_id: str, gateway: str, movement: OwnMovement, at: datetime) -> None:
        """Store one that was posted at that time. Raises UniqueViolation when the merchant's books have the gateway's number."""
        row = {
            "merchant_id": merchant_id,
            "id": own_movement_id(gateway, movement.gateway_transaction_id),
            "gateway": gateway,
            "gateway_transaction_id": movement.gateway_transaction_id,
            "kind": movement.kind.value,
            "amount_minor": movement.money.amount_minor,
            "fee_minor": movement.fee_minor,
            "currency": movement.money.currency,
            "available_on": movement.available_on,
            "made_at": movement.created_at,
            "created_at": at,
        }
        self._session.run(_INSERT, row)

    def known(self, merchant_id: str, ids: Sequence[UUID]) -> frozenset[UUID]:
        """Which of these ids are stored."""
        if not ids:
            return frozenset()
        wanted = {**each_in_its_place(ids), "merchant_id": merchant_id}
        return frozenset(row.id for row in self._session.rows(_known(places_for(ids)), wanted))


@lru_cache(maxsize=16)
def _known(places: int) -> Prepared:
    of_merchant = _columns.merchant_id == bindparam("merchant_id")
    return Prepared(sa.select(_columns.id).where(of_merchant, any_of(_columns.id, places)))
