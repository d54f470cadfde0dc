"""The refunds of the payments that are read: one statement for a whole page of them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.refund import Refund
from server.storage.prepared import Prepared
from server.storage.repositories.refund_rows import refund_of_row
from server.storage.session import Session
from server.storage.tables import refunds


def refunds_of(session: Session, merchant_id: str, payment_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Refund]]:
    """Each payment's refunds, oldest first; a payment without any is left out."""
    found: dict[UUID, list[Refund]] = {}
    if not payment_ids:
        return found
    places = 1 << (len(payment_ids) - 1).bit_length()
    last = len(payment_ids) - 1
    parameters: dict[str, object] = {f"payment_{place}": payment_ids[min(place, last)] for place in range(places)}
    for row in session.rows(_of_payments(places), {**parameters, "merchant_id": merchant_id}):
        found.setdefault(row.payment_id, []).append(refund_of_row(row))
    return found


@lru_cache(maxsize=16)
def _of_payments(places: int) -> Prepared:
    """For so many payments, or fewer with one of them repeated: a statement for each power of two is few enough to keep."""
    columns = refunds.c
    wanted = [bindparam(f"payment_{place}", type_=columns.payment_id.type) for place in range(places)]
    found = sa.select(refunds).where(columns.merchant_id == bindparam("merchant_id"), columns.payment_id.in_(wanted))
    return Prepared(found.order_by(columns.created_at, columns.id))
