"""What belongs to the payments that are read, their refunds and their disputes: one statement for a whole page of them."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.dispute import Dispute
from server.domain.refund import Refund
from server.storage.prepared import Prepared, Record
from server.storage.repositories.any_of import any_of, each_in_its_place, places_for
from server.storage.repositories.dispute_rows import dispute_of_row
from server.storage.repositories.refund_rows import refund_of_row
from server.storage.session import Session
from server.storage.tables import disputes, refunds

T = TypeVar("T")


def refunds_of(session: Session, merchant_id: str, payment_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Refund]]:
    """Each payment's refunds, oldest first; a payment without any is left out."""
    return _by_payment(session, merchant_id, payment_ids, refunds, refund_of_row)


def disputes_of(session: Session, merchant_id: str, payment_ids: Sequence[UUID]) -> Mapping[UUID, Sequence[Dispute]]:
    """Each payment's disputes, likewise."""
    return _by_payment(session, merchant_id, payment_ids, disputes, dispute_of_row)


def _by_payment(
    session: Session, merchant_id: str, payment_ids: Sequence[UUID], table: sa.Table, of_row: Callable[[Record], T]
) -> Mapping[UUID, Sequence[T]]:
    found: dict[UUID, list[T]] = {}
    if not payment_ids:
        return found
    wanted = {**each_in_its_place(payment_ids), "merchant_id": merchant_id}
    for row in session.rows(_of_payments(table, places_for(payment_ids)), wanted):
        found.setdefault(row.payment_id, []).append(of_row(row))
    return found


@lru_cache(maxsize=32)
def _of_payments(table: sa.Table, places: int) -> Prepared:
    columns = table.c
    found = sa.select(table).where(columns.merchant_id == bindparam("merchant_id"), any_of(columns.payment_id, places))
    return Prepared(found.order_by(columns.created_at, columns.id))
