"""What a gateway moves on a merchant's balance by itself: a fee or an adjustment that belongs to no payment, refund, dispute or payout."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import NAMESPACE_URL, UUID, uuid5

from server.domain.ledger import Posting
from server.domain.money import Money


class OwnMovementKind(StrEnum):
    """As what it is posted."""

    FEE = "fee"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True)
class OwnMovement:
    """One of the gateway's own transactions, which never changes. `money` is what it added to the balance, negative when it took; `fee_minor` what it kept beside that.

    A fee is itself what was kept, and has none beside. `available_on` is the day (UTC) from which on the money is there, `created_at` the gateway's own time.
    """

    gateway_transaction_id: str
    kind: OwnMovementKind
    money: Money
    fee_minor: int
    created_at: datetime
    available_on: date

    def __post_init__(self) -> None:
        """One that moves nothing, or a fee with a fee, is a fault of ours."""
        if not (self.money.amount_minor or self.fee_minor) or (self.kind is OwnMovementKind.FEE and self.fee_minor):
            raise ValueError(f"{self.gateway_transaction_id} is no movement")

    def posting(self, gateway: str, at: datetime) -> Posting:
        """What it is in the books, when it is posted at that time: pending until its day."""
        source_id = own_movement_id(gateway, self.gateway_transaction_id)
        pending_until = self.available_on if self.available_on > at.astimezone(UTC).date() else None
        match self.kind:
            case OwnMovementKind.FEE:
                kept = Money(-self.money.amount_minor, self.money.currency)
                return Posting.fee(source_id, gateway, kept, available_on=pending_until)
            case OwnMovementKind.ADJUSTMENT:
                return Posting.adjustment(
                    source_id, gateway, self.money, fee_minor=self.fee_minor, available_on=pending_until
                )


@dataclass(frozen=True, slots=True)
class UnreadableMovement:
    """One on a gateway's list that is not of the form that is documented, or cannot be said in its currency."""

    gateway_transaction_id: str


ListedMovement = OwnMovement | UnreadableMovement


def own_movement_id(gateway: str, gateway_transaction_id: str) -> UUID:
    """The id by which the contract names it as a source: made of the gateway's own number alone, so that whoever has that can look for it."""
    return uuid5(NAMESPACE_URL, f"urn:sycee:{gateway}:{gateway_transaction_id}")
