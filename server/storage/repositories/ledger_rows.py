"""Postings in rows: one for each of their entries, in the order of their lines."""

from collections.abc import Sequence
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.balance import Posted
from server.domain.ledger import Account, Entry, Posting, PostingKind
from server.storage.prepared import Record
from server.storage.tables import ledger_entries, ledger_postings


def select_postings(*conditions: sa.ColumnElement[bool]) -> sa.Select[tuple[Any, ...]]:
    """The merchant's postings for which the conditions hold, a row for each entry."""
    joined = ledger_postings.join(ledger_entries)
    entry = (ledger_entries.c.account, ledger_entries.c.amount_minor, ledger_entries.c.available_on)
    found = sa.select(ledger_postings, *entry).select_from(joined)
    found = found.where(ledger_postings.c.merchant_id == bindparam("merchant_id"), *conditions)
    return found.order_by(ledger_postings.c.id, ledger_entries.c.line)


def postings_of_rows(rows: Sequence[Record]) -> list[Posted]:
    """The postings that such rows are of."""
    return [_posting(list(lines)) for _, lines in groupby(rows, key=lambda row: row.id)]


def _posting(lines: Sequence[Record]) -> Posted:
    row = lines[0]
    entries = tuple(Entry(Account(line.account), line.amount_minor, line.available_on) for line in lines)
    posting = Posting(
        PostingKind(row.kind), row.source_id, row.gateway, row.currency, entries, row.number, row.moved_at
    )
    return Posted(row.id, posting, row.created_at)
