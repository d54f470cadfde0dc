"""A gateway's own truth about refunds: what was returned under which number, and what its bank says of it later."""

from dataclasses import dataclass, replace
from uuid import UUID

from server.domain.attempt import Attempt
from server.domain.outcomes import Refunded, RefundFailed, RefundOutcome, RefundPending
from server.domain.refund import Refund, RefundStatus
from tests.gateway_truth import GatewayTruth, Standing


@dataclass(frozen=True, slots=True)
class Returned:
    """A refund as the gateway has it."""

    number: str
    refund: Refund
    payment_reference: str
    status: RefundStatus


class RefundTruth(GatewayTruth):
    """Refunds by our number. A refund whose metadata say `bank: slow` is pending until the bank has spoken."""

    def __init__(self) -> None:
        super().__init__()
        self.returned: dict[UUID, Returned] = {}
        self.wronged: list[Refund] = []
        """Refunds that should never have been asked for: of money that was not taken, or not any more there."""

    def bank(self, refund_id: UUID, *, takes: bool) -> None:
        """The customer's bank takes the money, or sends it back, at once or after it had taken it."""
        known = self.returned[refund_id]
        if known.status is not RefundStatus.FAILED:
            status = RefundStatus.SUCCEEDED if takes else RefundStatus.FAILED
            self.returned[refund_id] = replace(known, status=status)

    def returned_minor(self, payment_reference: str) -> int:
        """What has gone back to the customer of a payment, or is on its way."""
        mine = (known for known in self.returned.values() if known.payment_reference == payment_reference)
        return sum(known.refund.money.amount_minor for known in mine if known.status is not RefundStatus.FAILED)

    def give_back(self, refund: Refund, charge: Attempt) -> RefundOutcome:
        known = self.returned.get(refund.id)
        if known is not None:
            assert (known.refund.money, known.refund.reference) == (refund.money, refund.reference), "another request"
            return self._told(known)
        held = self.of_reference(charge.reference)
        taken_minor = held.taken_minor if held is not None and held.standing is Standing.TAKEN else 0
        if self.returned_minor(charge.reference) + refund.money.amount_minor > taken_minor:
            self.wronged.append(refund)
            return RefundFailed("more than is left")
        slow = refund.metadata.get("bank") == "slow"
        status = RefundStatus.PENDING if slow else RefundStatus.SUCCEEDED
        known = Returned(f"gr_{len(self.returned) + 1}", refund, charge.reference, status)
        self.returned[refund.id] = known
        return self._told(known)

    def _told(self, known: Returned) -> RefundOutcome:
        match known.status:
            case RefundStatus.SUCCEEDED:
                return Refunded(known.number)
            case RefundStatus.PENDING:
                return RefundPending(known.number)
            case RefundStatus.FAILED:
                return RefundFailed("the bank sent it back", known.number)
