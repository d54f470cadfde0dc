"""The double-entry ledger's rules: every posting sums to zero in its currency, and entries are never changed."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self
from uuid import UUID

from server.domain.money import Money


class Account(StrEnum):
    """What money is counted on. Debits are positive, credits negative."""

    GATEWAY_RECEIVABLE = "gateway_receivable"
    """An asset: what the gateway holds for the merchant."""

    MERCHANT_PENDING = "merchant_pending"
    """A liability: what is the merchant's and not yet settled by the gateway."""


class PostingKind(StrEnum):
    """What a posting records. One source has at most one posting of a kind."""

    CHARGE = "charge"
    REFUND = "refund"
    REFUND_REVERSAL = "refund_reversal"
    """A refund that had succeeded and failed after all: its money is back."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `amount_minor` in minor units, a debit positive, a credit negative."""

    account: Account
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Posting:
    """Entries that are written together or not at all. `source_id` is the object that caused it (a payment for a charge, a refund for a refund)."""

    kind: PostingKind
    source_id: UUID
    gateway: str
    currency: str
    entries: tuple[Entry, ...]

    def __post_init__(self) -> None:
        """A posting that does not sum to zero is a fault of ours and is never written."""
        if sum(entry.amount_minor for entry in self.entries) != 0:
            raise ValueError(f"a {self.kind} posting of {self.source_id} does not sum to zero")

    @classmethod
    def charge(cls, payment_id: UUID, gateway: str, captured: Money) -> Self:
        """Captured money: the gateway owes it to us, and we to the merchant."""
        entries = (
            Entry(Account.GATEWAY_RECEIVABLE, captured.amount_minor),
            Entry(Account.MERCHANT_PENDING, -captured.amount_minor),
        )
        return cls(PostingKind.CHARGE, payment_id, gateway, captured.currency, entries)

    @classmethod
    def refund(cls, refund_id: UUID, gateway: str, returned: Money) -> Self:
        """Money that went back to the customer: neither the gateway owes it any more, nor we to the merchant."""
        return cls(PostingKind.REFUND, refund_id, gateway, returned.currency, _returned(returned.amount_minor))

    @classmethod
    def refund_reversal(cls, refund_id: UUID, gateway: str, returned: Money) -> Self:
        """Money that went back to the customer and did not arrive: owed again, as before the refund."""
        return cls(
            PostingKind.REFUND_REVERSAL, refund_id, gateway, returned.currency, _returned(-returned.amount_minor)
        )


def _returned(amount_minor: int) -> tuple[Entry, ...]:
    return Entry(Account.GATEWAY_RECEIVABLE, -amount_minor), Entry(Account.MERCHANT_PENDING, amount_minor)
