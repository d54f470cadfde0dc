"""What the ledger tells of a merchant's balance: what there is, what moved it, and what is to become available."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from server.domain.ledger import Account, Entry, Posting, PostingKind
from server.domain.money import Money


class Movement(StrEnum):
    """What moved a balance, in the contract's words."""

    CHARGE = "charge"
    REFUND = "refund"
    REFUND_FAILURE = "refund_failure"
    DISPUTE = "dispute"
    DISPUTE_REVERSAL = "dispute_reversal"
    PAYOUT = "payout"
    PAYOUT_FAILURE = "payout_failure"
    FEE = "fee"
    ADJUSTMENT = "adjustment"


MOVEMENTS: Mapping[PostingKind, Movement] = {
    PostingKind.CHARGE: Movement.CHARGE,
    PostingKind.REFUND: Movement.REFUND,
    PostingKind.REFUND_REVERSAL: Movement.REFUND_FAILURE,
    PostingKind.DISPUTE: Movement.DISPUTE,
    PostingKind.DISPUTE_REVERSAL: Movement.DISPUTE_REVERSAL,
    PostingKind.PAYOUT: Movement.PAYOUT,
    PostingKind.PAYOUT_FAILURE: Movement.PAYOUT_FAILURE,
    PostingKind.FEE: Movement.FEE,
    PostingKind.ADJUSTMENT: Movement.ADJUSTMENT,
}
"""The postings that are shown by themselves. A charge's late fee stands on the charge's row, and a settlement moves nothing in or out."""

_HELD = (Account.GATEWAY_RECEIVABLE, Account.GATEWAY_AVAILABLE)


@dataclass(frozen=True, slots=True)
class Posted:
    """A posting as it stands in the books."""

    id: UUID
    posting: Posting
    at: datetime


@dataclass(frozen=True, slots=True)
class BalanceTransaction:
    """One movement; amounts in minor units. `available_on` is the day (UTC) from which on its money is or was available."""

    id: UUID
    type: Movement
    amount_minor: int
    fee_minor: int
    currency: str
    source_id: UUID
    gateway: str
    available_on: date | None
    created_at: datetime

    @property
    def net_minor(self) -> int:
        """The movement after the fee."""
        return self.amount_minor - self.fee_minor

    @classmethod
    def of(cls, posted: Posted, late_fee: Posting | None = None) -> Self:
        """The row of a posting, with what its gateway told later of a charge."""
        posting, kind = posted.posting, MOVEMENTS[posted.posting.kind]
        entries = (*posting.entries, *(late_fee.entries if late_fee else ()))
        net_minor = sum(entry.amount_minor for entry in entries if entry.account in _HELD)
        fee_minor = sum(entry.amount_minor for entry in entries if entry.account is Account.GATEWAY_FEES)
        if kind is Movement.FEE:
            # The fee is the movement itself.
            fee_minor = 0
        return cls(
            id=posted.id,
            type=kind,
            amount_minor=net_minor + fee_minor,
            fee_minor=fee_minor,
            currency=posting.currency,
            source_id=posting.source_id,
            gateway=posting.gateway,
            available_on=_available_on(kind, entries, posted.at),
            created_at=posted.at,
        )


@dataclass(frozen=True, slots=True)
class Balance:
    """What the gateways hold for a merchant, an amount for each currency, sorted by currency. Amounts may be negative."""

    available: tuple[Money, ...]
    pending: tuple[Money, ...]

    @classmethod
    def of(cls, sums: Iterable[tuple[Account, Money]]) -> Self:
        """From what accounts come to."""
        minor: dict[Account, Counter[str]] = {account: Counter() for account in _HELD}
        for account, money in sums:
            if account in _HELD:
                minor[account][money.currency] += money.amount_minor
        currencies = sorted({currency for amounts in minor.values() for currency in amounts})
        pending, available = (tuple(Money(minor[account][code], code) for code in currencies) for account in _HELD)
        return cls(available, pending)


@dataclass(frozen=True, slots=True)
class Due:
    """Money at a gateway that its day has come for; None is no day, and has come."""

    merchant_id: str
    gateway: str
    currency: str
    available_on: date | None


def _available_on(kind: Movement, entries: Sequence[Entry], at: datetime) -> date | None:
    """A charge waits for its day, which may not be known; whatever else names none moved what is available."""
    day = _day_of(entries)
    return day if day is not None or kind is Movement.CHARGE else at.astimezone(UTC).date()


def _day_of(entries: Sequence[Entry]) -> date | None:
    """The day under which most of it stands: a late fee may have moved all of it to another one."""
    by_day: Counter[date] = Counter()
    for entry in entries:
        if entry.account is Account.GATEWAY_RECEIVABLE and entry.available_on is not None:
            by_day[entry.available_on] += entry.amount_minor
    return max(by_day, key=lambda day: by_day[day]) if by_day else None
