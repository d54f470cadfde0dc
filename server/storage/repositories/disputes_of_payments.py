"""The disputes of the payments that are read: one statement for a whole page of them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.dispute import Dispute
from server.storage.prepared import Prepared
from server.storage.repositories.dispute_rows import dispute_of_row
from server.storage.session import Session
from server.storage.tables import disputes


def disputes_of(session: Session, merchant_id: str, payment_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Dispute]]:
    """Each payment's disputes, oldest first; a payment without any is left out."""
    found: dict[UUID, list[Dispute]] = {}
    if not payment_ids:
        return found
    places = 1 << (len(payment_ids) - 1).bit_length()
    last = len(payment_ids) - 1
    parameters: dict[str, object] = {f"payment_{place}": payment_ids[min(place, last)] for place in range(places)}
    for row in session.rows(_of_payments(places), {**parameters, "merchant_id": merchant_id}):
        found.setdefault(row.payment_id, []).append(dispute_of_row(row))
    return found


@lru_cache(maxsize=16)
def _of_payments(places: int) -> Prepared:
    """For so many payments, or fewer with one of them repeated: a statement for each power of two is few enough to keep."""
    columns = disputes.c
    wanted = [bindparam(f"payment_{place}", type_=columns.payment_id.type) for place in range(places)]
    found = sa.select(disputes).where(columns.merchant_id == bindparam("merchant_id"), columns.payment_id.in_(wanted))
    return Prepared(found.order_by(columns.created_at, columns.id))
