"""The double-entry ledger's rules: every posting sums to zero in its currency, and entries are never changed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from server.domain.money import Money


class Account(StrEnum):
    """What money is counted on. Debits are positive, credits negative; of each gateway and currency by itself."""

    GATEWAY_RECEIVABLE = "gateway_receivable"
    """An asset: what the gateway holds for the merchant and has not settled, by the day from which on it will be available. The pending balance."""

    GATEWAY_AVAILABLE = "gateway_available"
    """An asset: what the gateway holds and pays out, or refunds from. Below zero the merchant owes it. The available balance."""

    DISPUTED = "disputed"
    """What customers' banks have taken back: a claim as long as the dispute is open, a loss once it is lost, and given back when it is won."""

    PAID_OUT = "paid_out"
    """What is on its way to the merchant's bank, or arrived there."""

    GATEWAY_FEES = "gateway_fees"
    """An expense: what the gateway has kept for itself."""

    MERCHANT = "merchant"
    """The other side of all of them: what customers have paid to the merchant, less what went back to them."""


class PostingKind(StrEnum):
    """What a posting records. One source has at most one posting of a kind; a dispute, whose money may move in parts, one of a kind for each step."""

    CHARGE = "charge"
    CHARGE_FEE = "charge_fee"
    """The gateway's fee on a charge, where it told of it later than of the charge."""

    REFUND = "refund"
    REFUND_REVERSAL = "refund_reversal"
    """A refund that had succeeded and failed after all: its money is back."""

    DISPUTE = "dispute"
    DISPUTE_REVERSAL = "dispute_reversal"
    """Of a dispute's money something is back: all of it when it is won."""

    PAYOUT = "payout"
    PAYOUT_FAILURE = "payout_failure"
    """A payout failed or was canceled: its money is back."""

    FEE = "fee"
    """A gateway's fee that belongs to no movement above."""

    SETTLEMENT = "settlement"
    """Money became available. The merchant has neither more nor less of it than before."""

    ADJUSTMENT = "adjustment"
    """What the gateway added to the balance, or took from it, for another reason than those above."""


@dataclass(frozen=True, slots=True)
class Form:
    """The accounts that a posting of a kind has entries on: on each that it `needs`, and on others that it `may` have."""

    needs: tuple[Account, ...]
    may: tuple[Account, ...] = (Account.GATEWAY_FEES,)

    @property
    def accounts(self) -> frozenset[Account]:
        """All of them."""
        return frozenset((*self.needs, *self.may))


_MOVED = Form((Account.GATEWAY_AVAILABLE, Account.MERCHANT))
_CONTESTED = Form((Account.GATEWAY_AVAILABLE,), (Account.GATEWAY_FEES, Account.DISPUTED))
_SENT = Form((Account.GATEWAY_AVAILABLE, Account.PAID_OUT))
_HELD = (Account.GATEWAY_AVAILABLE, Account.GATEWAY_RECEIVABLE)

FORMS: Mapping[PostingKind, Form] = {
    PostingKind.CHARGE: Form((Account.GATEWAY_RECEIVABLE, Account.MERCHANT)),
    PostingKind.CHARGE_FEE: Form((Account.GATEWAY_RECEIVABLE,)),
    PostingKind.REFUND: _MOVED,
    PostingKind.REFUND_REVERSAL: _MOVED,
    PostingKind.DISPUTE: _CONTESTED,
    PostingKind.DISPUTE_REVERSAL: _CONTESTED,
    PostingKind.PAYOUT: _SENT,
    PostingKind.PAYOUT_FAILURE: _SENT,
    PostingKind.FEE: Form((Account.GATEWAY_FEES,), _HELD),
    PostingKind.SETTLEMENT: Form((Account.GATEWAY_RECEIVABLE, Account.GATEWAY_AVAILABLE), ()),
    PostingKind.ADJUSTMENT: Form((), (*_HELD, Account.GATEWAY_FEES, Account.MERCHANT)),
}
"""By which a posting can be told from one of another kind."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: `amount_minor` in minor units, a debit positive, a credit negative. On GATEWAY_RECEIVABLE `available_on` is the day (UTC) from which on it can be settled."""

    account: Account
    amount_minor: int
    available_on: date | None = None


@dataclass(frozen=True, slots=True)
class Posting:
    """Entries that are written together or not at all. `source_id` is the object that caused it (a payment for a charge, a refund for a refund), `number` the step of it, from 1.

    A `fee_minor`, in minor units, is what the gateway kept of a movement, or took on top of it; negative when it gave a fee back.
    `moved_at` is the gateway's own time of a charge, where it told one; elsewhere a movement is of the time at which it is posted.
    """

    kind: PostingKind
    source_id: UUID
    gateway: str
    currency: str
    entries: tuple[Entry, ...]
    number: int = 1
    moved_at: datetime | None = None

    def __post_init__(self) -> None:
        """A posting that does not sum to zero is a fault of ours and is never written."""
        if sum(entry.amount_minor for entry in self.entries) != 0:
            raise ValueError(f"a {self.kind} posting of {self.source_id} does not sum to zero")

    @classmethod
    def charge(
        cls,
        payment_id: UUID,
        gateway: str,
        captured: Money,
        *,
        fee_minor: int = 0,
        available_on: date | None = None,
        moved_at: datetime | None = None,
    ) -> Self:
        """Captured money: the gateway holds it less its fee, and pays it out from `available_on` on; without a day, from the next settlement on."""
        held = Entry(Account.GATEWAY_RECEIVABLE, captured.amount_minor - fee_minor, available_on)
        return cls(
            PostingKind.CHARGE,
            payment_id,
            gateway,
            captured.currency,
            (held, *_fee(fee_minor), Entry(Account.MERCHANT, -captured.amount_minor)),
            moved_at=moved_at,
        )

    @classmethod
    def charge_fee(
        cls,
        payment_id: UUID,
        gateway: str,
        held: Money,
        *,
        fee_minor: int,
        expected_on: date | None,
        available_on: date | None,
    ) -> Self:
        """What a gateway tells of a charge later: it kept a fee of what was `held` until `expected_on`, and pays the rest out from `available_on` on."""
        if available_on is None or available_on == expected_on:
            moved: tuple[Entry, ...] = (Entry(Account.GATEWAY_RECEIVABLE, -fee_minor, expected_on),)
        else:
            moved = (
                Entry(Account.GATEWAY_RECEIVABLE, -held.amount_minor, expected_on),
                Entry(Account.GATEWAY_RECEIVABLE, held.amount_minor - fee_minor, available_on),
            )
        entries = (*moved, *_fee(fee_minor))
        return cls(PostingKind.CHARGE_FEE, payment_id, gateway, held.currency, entries)

    @classmethod
    def refund(cls, refund_id: UUID, gateway: str, returned: Money, fee_minor: int = 0) -> Self:
        """Money that went back to the customer, at once and out of what is available, which may become less than nothing."""
        entries = _moved(-returned.amount_minor, Account.MERCHANT, fee_minor)
        return cls(PostingKind.REFUND, refund_id, gateway, returned.currency, entries)

    @classmethod
    def refund_reversal(cls, refund_id: UUID, gateway: str, returned: Money, fee_minor: int = 0) -> Self:
        """Money that went back to the customer and did not arrive: the merchant's again, as before the refund."""
        entries = _moved(returned.amount_minor, Account.MERCHANT, fee_minor)
        return cls(PostingKind.REFUND_REVERSAL, refund_id, gateway, returned.currency, entries)

    @classmethod
    def dispute(cls, dispute_id: UUID, gateway: str, taken: Money, fee_minor: int = 0, *, number: int = 1) -> Self:
        """What the gateway took out of what is available for a dispute, with its fee for that; the fee alone where it is told apart."""
        entries = _moved(-taken.amount_minor, Account.DISPUTED, fee_minor)
        return cls(PostingKind.DISPUTE, dispute_id, gateway, taken.currency, entries, number)

    @classmethod
    def dispute_reversal(
        cls, dispute_id: UUID, gateway: str, returned: Money, fee_minor: int = 0, *, number: int = 1
    ) -> Self:
        """What the gateway gives back of what it took for a dispute, and of its fee (negative); either alone where they are told apart."""
        entries = _moved(returned.amount_minor, Account.DISPUTED, fee_minor)
        return cls(PostingKind.DISPUTE_REVERSAL, dispute_id, gateway, returned.currency, entries, number)

    @classmethod
    def payout(cls, payout_id: UUID, gateway: str, sent: Money, fee_minor: int = 0) -> Self:
        """Money that left what is available for the merchant's bank."""
        entries = _moved(-sent.amount_minor, Account.PAID_OUT, fee_minor)
        return cls(PostingKind.PAYOUT, payout_id, gateway, sent.currency, entries)

    @classmethod
    def payout_failure(cls, payout_id: UUID, gateway: str, returned: Money, fee_minor: int = 0) -> Self:
        """Money that left for the merchant's bank and came back, as the payout failed or was canceled."""
        entries = _moved(returned.amount_minor, Account.PAID_OUT, fee_minor)
        return cls(PostingKind.PAYOUT_FAILURE, payout_id, gateway, returned.currency, entries)

    @classmethod
    def fee(cls, source_id: UUID, gateway: str, kept: Money, *, available_on: date | None = None) -> Self:
        """A gateway's fee that belongs to no payment, refund, dispute or payout; negative when it gave one back. At once, or `available_on` a day to come."""
        entries = (_held(-kept.amount_minor, available_on), Entry(Account.GATEWAY_FEES, kept.amount_minor))
        return cls(PostingKind.FEE, source_id, gateway, kept.currency, entries)

    @classmethod
    def settlement(cls, source_id: UUID, gateway: str, settled: Money, available_on: date | None) -> Self:
        """What was to be available from `available_on` on, now is."""
        entries = (
            Entry(Account.GATEWAY_RECEIVABLE, -settled.amount_minor, available_on),
            Entry(Account.GATEWAY_AVAILABLE, settled.amount_minor),
        )
        return cls(PostingKind.SETTLEMENT, source_id, gateway, settled.currency, entries)

    @classmethod
    def adjustment(
        cls, source_id: UUID, gateway: str, more: Money, *, fee_minor: int = 0, available_on: date | None = None
    ) -> Self:
        """The gateway holds more for the merchant than was posted, for a reason that is none of the others; less when negative. At once, or `available_on` a day to come."""
        entries = _moved(more.amount_minor, Account.MERCHANT, fee_minor, available_on)
        return cls(PostingKind.ADJUSTMENT, source_id, gateway, more.currency, entries)


def _moved(amount_minor: int, against: Account, fee_minor: int, available_on: date | None = None) -> tuple[Entry, ...]:
    """A movement of what the gateway holds, and the fee that goes with it."""
    moved = _held(amount_minor - fee_minor, available_on)
    other = (Entry(against, -amount_minor),) if amount_minor else ()
    return moved, *_fee(fee_minor), *other


def _held(amount_minor: int, available_on: date | None) -> Entry:
    """What the gateway holds: pending until a day, or available where there is none to wait for."""
    account = Account.GATEWAY_AVAILABLE if available_on is None else Account.GATEWAY_RECEIVABLE
    return Entry(account, amount_minor, available_on)


def _fee(fee_minor: int) -> tuple[Entry, ...]:
    return (Entry(Account.GATEWAY_FEES, fee_minor),) if fee_minor else ()
