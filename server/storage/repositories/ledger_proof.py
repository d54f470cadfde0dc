"""Looks through a merchant's books on one snapshot: the database adds up, and gives only sums and what contradicts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import bindparam

from server.domain.ids import prefixed
from server.domain.proof import Discrepancy, Findings
from server.storage.prepared import Prepared
from server.storage.repositories.ledger_agreements import OF_POSTINGS, OF_RESOURCES
from server.storage.repositories.ledger_charges import wrong_charges
from server.storage.repositories.ledger_closed import open_books
from server.storage.session import Session
from server.storage.tables import ledger_balances, ledger_entries, ledger_postings

_postings, _entries, _balances = ledger_postings.c, ledger_entries.c, ledger_balances.c

_FOLDED = Prepared(
    sa.select(
        *(_entries.account, _postings.gateway, _postings.currency),
        sa.func.coalesce(sa.cast(_entries.available_on, sa.Text), "").label("available_on"),
        sa.func.sum(_entries.amount_minor).label("sum_minor"),
        sa.func.count().label("entries"),
    )
    .select_from(ledger_postings.join(ledger_entries))
    .where(_postings.merchant_id == bindparam("merchant_id"))
    .group_by(_entries.account, _postings.gateway, _postings.currency, _entries.available_on)
)
_KEPT_KEY = (_balances.account, _balances.gateway, _balances.currency, _balances.available_on)
_KEPT = Prepared(
    sa.select(*_KEPT_KEY, sa.func.sum(_balances.amount_minor).label("sum_minor"))
    .where(_balances.merchant_id == bindparam("merchant_id"))
    .group_by(*_KEPT_KEY)
)

_Key = tuple[str, str, str, str]


def prove(session: Session, merchant_id: str, at_most: int) -> Findings:
    """What was gone through, and the first discrepancies."""
    folded: dict[_Key, int] = {}
    entries = 0
    for row in session.rows(_FOLDED, {"merchant_id": merchant_id}):
        folded[row.account, row.gateway, row.currency, row.available_on] = int(row.sum_minor)
        entries += row.entries
    accounts = {(account, gateway, currency) for account, gateway, currency, _ in folded}
    found = islice(_contradictions(session, merchant_id, folded, at_most), at_most)
    return Findings(entries, len(accounts), tuple(found))


def _contradictions(session: Session, merchant_id: str, folded: dict[_Key, int], at_most: int) -> Iterator[Discrepancy]:
    yield from open_books(session)
    for subject, found in _broken(session, merchant_id, at_most, OF_POSTINGS):
        yield replace(found, subject=prefixed("txn", subject))
    yield from wrong_charges(session, merchant_id, at_most)
    for _, found in _broken(session, merchant_id, at_most, OF_RESOURCES):
        yield found
    yield from _wrong_balances(session, merchant_id, folded)


def _broken(
    session: Session, merchant_id: str, at_most: int, rules: Mapping[str, Sequence[Prepared]]
) -> Iterator[tuple[UUID, Discrepancy]]:
    """What breaks those rules, with the subject's id."""
    for rule, statements in rules.items():
        for statement in statements:
            for row in session.rows(statement, {"merchant_id": merchant_id, "at_most": at_most}):
                found = Discrepancy(rule, str(row.subject), row.currency, int(row.expected), int(row.actual))
                yield row.subject, found


def _wrong_balances(session: Session, merchant_id: str, folded: dict[_Key, int]) -> Iterator[Discrepancy]:
    """What is kept of an account and what its entries come to; a day that came to nothing is not kept."""
    rows = session.rows(_KEPT, {"merchant_id": merchant_id})
    kept = {(row.account, row.gateway, row.currency, row.available_on): int(row.sum_minor) for row in rows}
    for key in sorted(folded.keys() | kept.keys()):
        expected, actual = folded.get(key, 0), kept.get(key, 0)
        if expected != actual:
            account, gateway, currency, day = key
            name = ":".join(part for part in (account, gateway, day) if part)
            yield Discrepancy("balance_equals_its_entries", name, currency, expected, actual)
