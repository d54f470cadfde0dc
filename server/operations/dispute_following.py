"""Follows what gateways report of disputes: state, postings and events in the transaction of what brought it, a callback or a list."""

from server.domain.clock import Clock, whole_seconds
from server.domain.dispute import DisputeReport
from server.domain.disputing import follow_report, open_dispute
from server.domain.ids import Ids
from server.domain.payment import Payment
from server.domain.ports import Transaction
from server.operations.journal import Journal


class DisputeFollowing:
    """The one way from a gateway's report to a dispute."""

    def __init__(self, journal: Journal, clock: Clock, ids: Ids) -> None:
        self._journal = journal
        self._clock = clock
        self._ids = ids

    def follow_in(self, tx: Transaction, payment: Payment, report: DisputeReport) -> bool:
        """Opens the locked payment's dispute, or moves it on; says whether the report told anything that callers see, or moved money."""
        now = whole_seconds(self._clock.now())
        known = next((each for each in payment.disputes if each.gateway_dispute_id == report.gateway_dispute_id), None)
        if known is None:
            self._journal.open_dispute(tx, open_dispute(payment, self._ids.new(), report, now))
            return True
        change = follow_report(payment, known, report, now)
        if change is None:
            return False
        self._journal.write_dispute(tx, change)
        return bool(change.events or change.postings)
