"""Where the books are kept."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from server.domain.balance import BalanceTransaction, Due
from server.domain.ledger import Account, Posting, PostingKind
from server.domain.listing import BalanceQuery, Page
from server.domain.money import Money
from server.domain.proof import Findings


class Ledger(Protocol):
    """The books."""

    def post(self, merchant_id: str, posting: Posting, posting_id: UUID, at: datetime) -> None:
        """Writes a posting. Raises UniqueViolation when its source has one of that kind and number."""
        ...

    def find(self, merchant_id: str, kind: PostingKind, source_id: UUID) -> Posting | None:
        """The first posting of that kind that an object has caused, if there is one."""
        ...

    def sums(self, merchant_id: str, gateway: str | None) -> Sequence[tuple[Account, Money]]:
        """What each account comes to in each currency, at one gateway or at all of them; costs the number of accounts, whatever that of entries."""
        ...

    def due(self, until: date, limit: int) -> Sequence[Due]:
        """Every merchant's money that was to be available by that day and is not settled, the earliest first."""
        ...

    def lock_due(self, due: Due) -> Money:
        """How much that is; nobody else settles it before this transaction ends. What comes to nothing is due no more."""
        ...

    def list(self, merchant_id: str, query: BalanceQuery) -> Page[BalanceTransaction]:
        """A page of what moved the merchant's balance."""
        ...

    def prove(self, merchant_id: str, at_most: int) -> Findings:
        """Goes through all of the merchant's books in bounded memory; gives so many discrepancies at most. For `Store.read` alone, as it takes its time."""
        ...
