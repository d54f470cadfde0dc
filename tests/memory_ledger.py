"""The books in memory: every figure is folded from the entries."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from server.domain import balance
from server.domain.balance import MOVEMENTS, BalanceTransaction, Due
from server.domain.ledger import Account, Entry, Posting, PostingKind
from server.domain.listing import BalanceFilter, BalanceQuery, Page
from server.domain.money import Money
from server.domain.proof import Findings
from tests.memory_pages import newest_first
from tests.memory_payments import add_row


@dataclass(frozen=True, slots=True)
class Posted:
    """A posting as it stands in the books."""

    id: UUID
    merchant_id: str
    posting: Posting
    at: datetime


class MemoryLedger:
    def __init__(self, rows: dict[tuple[PostingKind, UUID, int], Posted]) -> None:
        self._rows = rows

    def post(self, merchant_id: str, posting: Posting, posting_id: UUID, at: datetime) -> None:
        posted = Posted(posting_id, merchant_id, posting, at)
        add_row(self._rows, (posting.kind, posting.source_id, posting.number), posted, "uq_postings_source")

    def find(self, merchant_id: str, kind: PostingKind, source_id: UUID) -> Posting | None:
        posted = self._rows.get((kind, source_id, 1))
        return posted.posting if posted is not None and posted.merchant_id == merchant_id else None

    def sums(self, merchant_id: str, gateway: str | None) -> Sequence[tuple[Account, Money]]:
        minor: Counter[tuple[Account, str]] = Counter()
        for posted, entry in self._entries():
            if posted.merchant_id == merchant_id and gateway in (None, posted.posting.gateway):
                minor[entry.account, posted.posting.currency] += entry.amount_minor
        return [(account, Money(amount_minor, currency)) for (account, currency), amount_minor in minor.items()]

    def due(self, until: date, limit: int) -> Sequence[Due]:
        minor = self._receivable()
        found = [due for due in minor if minor[due] and (due.available_on or date.min) <= until]
        return sorted(found, key=lambda due: due.available_on or date.min)[:limit]

    def lock_due(self, due: Due) -> Money:
        return Money(self._receivable()[due], due.currency)

    def list(self, merchant_id: str, query: BalanceQuery) -> Page[BalanceTransaction]:
        mine = (row for row in self._rows.values() if row.merchant_id == merchant_id and _fits(row, query.filter))
        found = newest_first(mine, query, lambda row: row.id)
        return Page(tuple(map(self._shown, found.items)), found.total, found.next)

    def prove(self, merchant_id: str, at_most: int) -> Findings:
        """What is in memory cannot be tampered with: nothing contradicts."""
        mine = [(posted, entry) for posted, entry in self._entries() if posted.merchant_id == merchant_id]
        accounts = {(entry.account, row.posting.gateway, row.posting.currency) for row, entry in mine}
        return Findings(len(mine), len(accounts), ())

    def _shown(self, row: Posted) -> BalanceTransaction:
        is_charge = row.posting.kind is PostingKind.CHARGE
        fee = self._rows.get((PostingKind.CHARGE_FEE, row.posting.source_id, 1)) if is_charge else None
        return BalanceTransaction.of(balance.Posted(row.id, row.posting, row.at), fee.posting if fee else None)

    def _receivable(self) -> Counter[Due]:
        minor: Counter[Due] = Counter()
        for posted, entry in self._entries():
            if entry.account is Account.GATEWAY_RECEIVABLE:
                posting = posted.posting
                due = Due(posted.merchant_id, posting.gateway, posting.currency, entry.available_on)
                minor[due] += entry.amount_minor
        return minor

    def _entries(self) -> Iterator[tuple[Posted, Entry]]:
        return ((posted, entry) for posted in self._rows.values() for entry in posted.posting.entries)


def _fits(row: Posted, wanted: BalanceFilter) -> bool:
    posting = row.posting
    return (
        posting.kind in MOVEMENTS
        and wanted.type in (None, MOVEMENTS[posting.kind])
        and wanted.currency in (None, posting.currency)
        and wanted.gateway in (None, posting.gateway)
        and wanted.source_id in (None, posting.source_id)
        and (wanted.created_after is None or row.at > wanted.created_after)
        and (wanted.created_before is None or row.at < wanted.created_before)
    )
