"""The books: postings with their entries, which the database itself refuses to change, and what accounts come to, which it keeps by itself."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.balance import BalanceTransaction, Due
from server.domain.ledger import Account, Posting, PostingKind
from server.domain.listing import BalanceQuery, Page
from server.domain.money import Money
from server.domain.proof import Findings
from server.storage.prepared import Prepared
from server.storage.repositories.ledger_list import page_of_movements
from server.storage.repositories.ledger_proof import prove
from server.storage.repositories.ledger_rows import postings_of_rows, select_postings
from server.storage.session import Session
from server.storage.tables import ledger_balances, ledger_entries, ledger_postings

_INSERT_POSTING = Prepared(ledger_postings.insert())
_INSERT_ENTRY = Prepared(ledger_entries.insert())
_FIND = Prepared(
    select_postings(ledger_postings.c.source_id == bindparam("source_id"), ledger_postings.c.kind == bindparam("kind"))
)

_balances = ledger_balances.c
_OF_MERCHANT = _balances.merchant_id == bindparam("merchant_id")
_SUM = sa.func.sum(_balances.amount_minor).label("sum_minor")
_SUMS = sa.select(_balances.account, _balances.currency, _SUM).where(_OF_MERCHANT)
_SUMMED = (_balances.account, _balances.currency)
_SUMS_OF_ALL = Prepared(_SUMS.group_by(*_SUMMED))
_SUMS_AT_GATEWAY = Prepared(_SUMS.where(_balances.gateway == bindparam("gateway")).group_by(*_SUMMED))

# The index holds these alone.
_RECEIVABLE = sa.text("account = 'gateway_receivable'")
_DAYS = (_balances.available_on, _balances.merchant_id, _balances.gateway, _balances.currency)
_DUE = Prepared(
    sa.select(*_DAYS)
    .where(_RECEIVABLE, _balances.available_on <= bindparam("until"))
    .group_by(*_DAYS)
    .order_by(_balances.available_on)
    .limit(bindparam("at_most"))
)
_OF_DAY = (
    _OF_MERCHANT,
    _balances.account == Account.GATEWAY_RECEIVABLE.value,
    _balances.gateway == bindparam("gateway"),
    _balances.currency == bindparam("currency"),
    _balances.available_on == bindparam("available_on"),
)
# In one order, so that no two wait for each other.
_LOCK_DAY = Prepared(
    sa.select(_balances.shard, _balances.amount_minor).where(*_OF_DAY).order_by(_balances.shard).with_for_update()
)
_FORGET = Prepared(ledger_balances.delete().where(*_OF_DAY, _balances.shard == bindparam("of_shard")))


class LedgerRepository:
    """The books."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def post(self, merchant_id: str, posting: Posting, posting_id: UUID, at: datetime) -> None:
        """Write a posting. Raises UniqueViolation when its source has one of that kind and number."""
        row = {
            "merchant_id": merchant_id,
            "id": posting_id,
            "kind": posting.kind.value,
            "source_id": posting.source_id,
            "number": posting.number,
            "gateway": posting.gateway,
            "currency": posting.currency,
            "created_at": at,
            "moved_at": posting.moved_at,
        }
        entries = [
            {
                "merchant_id": merchant_id,
                "posting_id": posting_id,
                "line": line,
                "account": entry.account.value,
                "amount_minor": entry.amount_minor,
                "available_on": entry.available_on,
            }
            for line, entry in enumerate(posting.entries, start=1)
        ]
        self._session.run(_INSERT_POSTING, row)
        self._session.run_many(_INSERT_ENTRY, entries)

    def find(self, merchant_id: str, kind: PostingKind, source_id: UUID) -> Posting | None:
        """The first posting of that kind that an object has caused, if there is one."""
        wanted = {"merchant_id": merchant_id, "kind": kind.value, "source_id": source_id}
        found = postings_of_rows(self._session.rows(_FIND, wanted))
        return found[0].posting if found else None

    def sums(self, merchant_id: str, gateway: str | None) -> Sequence[tuple[Account, Money]]:
        """What each account comes to in each currency, at one gateway or at all of them."""
        if gateway is None:
            rows = self._session.rows(_SUMS_OF_ALL, {"merchant_id": merchant_id})
        else:
            rows = self._session.rows(_SUMS_AT_GATEWAY, {"merchant_id": merchant_id, "gateway": gateway})
        return [(Account(row.account), Money(int(row.sum_minor), row.currency)) for row in rows]

    def due(self, until: date, limit: int) -> Sequence[Due]:
        """What is to be settled by that day, of every merchant, the earliest first."""
        rows = self._session.rows(_DUE, {"until": until.isoformat(), "at_most": limit})
        return [
            Due(
                row.merchant_id,
                row.gateway,
                row.currency,
                date.fromisoformat(row.available_on) if row.available_on else None,
            )
            for row in rows
        ]

    def lock_due(self, due: Due) -> Money:
        """How much that is, locked until this transaction ends. Rows that come to nothing go, as their day will not come again."""
        day: dict[str, object] = {
            "merchant_id": due.merchant_id,
            "gateway": due.gateway,
            "currency": due.currency,
            "available_on": due.available_on.isoformat() if due.available_on else "",
        }
        # PostgreSQL gives who waited for a lock the rows that there were when the wait began, and what the other one settled may stand in a row added since:
        # what counts is a look behind the lock. Where nothing was there to be locked, what has come since is due the next time.
        rows = self._session.rows(_LOCK_DAY, day) and self._session.rows(_LOCK_DAY, day)
        sum_minor = sum(row.amount_minor for row in rows)
        if rows and sum_minor == 0:
            # One by one: a row that another transaction adds meanwhile stays.
            self._session.run_many(_FORGET, [{**day, "of_shard": row.shard} for row in rows])
        return Money(sum_minor, due.currency)

    def list(self, merchant_id: str, query: BalanceQuery) -> Page[BalanceTransaction]:
        """One page, by number with the list's total, or behind a cursor without it."""
        return page_of_movements(self._session, merchant_id, query)

    def prove(self, merchant_id: str, at_most: int) -> Findings:
        """Go through all of the merchant's books; gives so many discrepancies at most."""
        return prove(self._session, merchant_id, at_most)
