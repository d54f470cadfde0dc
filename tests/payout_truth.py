"""What a gateway in memory pays out, what its bank says of it, and what it pays out by itself."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from server.domain.money import Money
from server.domain.payout import Payout, PayoutStatus
from server.domain.payout_outcomes import PayoutOutcome, PayoutRefused, PayoutReport

ARRIVAL = date(2024, 1, 17)


class PayoutTruth:
    """Payouts by the gateway's number, out of `available_minor`."""

    def __init__(self) -> None:
        self.sent: dict[str, PayoutReport] = {}
        self.available_minor = 1_000_000

    def send(self, payout: Payout) -> PayoutOutcome:
        assert payout.reference is not None, "only what was asked for here is sent"
        known = [report for report in self.sent.values() if report.reference == payout.reference]
        if known:
            return known[0]
        if payout.money.amount_minor > self.available_minor:
            return PayoutRefused("not so much", insufficient=True)
        return self.make(payout.money, payout.created_at, payout.reference)

    def make(self, money: Money, at: datetime, reference: str | None = None) -> PayoutReport:
        """Money leaves for the bank, whoever wants that."""
        number = f"gpo_{len(self.sent) + 1}"
        self.available_minor -= money.amount_minor
        self.sent[number] = PayoutReport(number, money, PayoutStatus.PENDING, at, reference, ARRIVAL)
        return self.sent[number]

    def move(self, number: str, status: PayoutStatus) -> PayoutReport:
        """The payout goes on, or comes back."""
        reason = "no such account" if status is PayoutStatus.FAILED else None
        self.sent[number] = moved = replace(self.sent[number], status=status, failure_reason=reason)
        if status in (PayoutStatus.FAILED, PayoutStatus.CANCELED):
            self.available_minor += moved.money.amount_minor
        return moved

    def stop(self, payout: Payout) -> PayoutOutcome:
        assert payout.gateway_payout_id is not None, "only what has a number is stopped"
        known = self.sent[payout.gateway_payout_id]
        return self.move(known.gateway_payout_id, PayoutStatus.CANCELED) if self._waits(known) else known

    def made_since(self, since: datetime) -> Sequence[PayoutReport]:
        return [report for report in self.sent.values() if report.created_at >= since]

    def _waits(self, known: PayoutReport) -> bool:
        return known.status is PayoutStatus.PENDING
