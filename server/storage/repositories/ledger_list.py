"""Balance transactions: a page of postings, then in one more statement their entries and the late fees of the charges among them."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.balance import MOVEMENTS, BalanceTransaction, Movement
from server.domain.ledger import PostingKind
from server.domain.listing import BalanceFilter, BalanceQuery, Cursor, Page
from server.storage.prepared import Prepared
from server.storage.repositories.any_of import any_of, each_in_its_place, places_for
from server.storage.repositories.ledger_rows import postings_of_rows, select_postings
from server.storage.repositories.newest_first import NewestFirst, Wanted
from server.storage.session import Session
from server.storage.tables import ledger_postings

_columns = ledger_postings.c
_KINDS: Mapping[Movement, PostingKind] = {movement: kind for kind, movement in MOVEMENTS.items()}
_LIST = NewestFirst(
    ledger_postings,
    _columns.id,
    {
        "charge": _columns.kind == bindparam("charge"),
        # Said as the index says it, or the databases do not see that it holds what is wanted.
        "kind": sa.and_(sa.text("kind <> 'charge'"), _columns.kind == bindparam("kind")),
        "currency": _columns.currency == bindparam("currency"),
        "gateway": _columns.gateway == bindparam("gateway"),
        "source_id": _columns.source_id == bindparam("source_id"),
        "created_after": _columns.created_at > bindparam("created_after"),
        "created_before": _columns.created_at < bindparam("created_before"),
    },
    among=sa.and_(*(_columns.kind != kind.value for kind in PostingKind if kind not in MOVEMENTS)),
)


def page_of_movements(session: Session, merchant_id: str, query: BalanceQuery) -> Page[BalanceTransaction]:
    """One page, by number with the list's total, or behind a cursor without it."""
    after = query.after.id if query.after else None
    wanted = Wanted(_parameters(query.filter), query.page, query.per_page, after)
    found = _LIST.page(session, merchant_id, wanted)
    items = _movements(session, merchant_id, [(row.id, row.source_id) for row in found.rows])
    return Page(items, found.total, Cursor(found.next) if found.next else None)


def _movements(
    session: Session, merchant_id: str, wanted: Sequence[tuple[UUID, UUID]]
) -> tuple[BalanceTransaction, ...]:
    if not wanted:
        return ()
    sources = [source_id for _, source_id in wanted]
    of_page = {**each_in_its_place(sources), "merchant_id": merchant_id}
    found = postings_of_rows(session.rows(_of_sources(places_for(sources)), of_page))
    by_id = {posted.id: posted for posted in found}
    fees = {
        posted.posting.source_id: posted.posting for posted in found if posted.posting.kind is PostingKind.CHARGE_FEE
    }
    shown = [by_id[posting_id] for posting_id, _ in wanted]
    return tuple(
        BalanceTransaction.of(
            posted, fees.get(posted.posting.source_id) if posted.posting.kind is PostingKind.CHARGE else None
        )
        for posted in shown
    )


@lru_cache(maxsize=16)
def _of_sources(places: int) -> Prepared:
    return Prepared(select_postings(any_of(_columns.source_id, places)))


def _parameters(wanted: BalanceFilter) -> dict[str, object]:
    kind = None if wanted.type is None else _KINDS[wanted.type]
    given = {
        "charge" if kind is PostingKind.CHARGE else "kind": kind and kind.value,
        "currency": wanted.currency,
        "gateway": wanted.gateway,
        "source_id": wanted.source_id,
        "created_after": wanted.created_after,
        "created_before": wanted.created_before,
    }
    return {name: value for name, value in given.items() if value is not None}
