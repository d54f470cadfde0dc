"""Writes a change whole: the payment's, the refund's, the dispute's or the payout's state, its events and its posting in one transaction; a gateway's own movement with its posting."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from server.domain.dispute import Dispute
from server.domain.disputing import DisputeChange
from server.domain.events import Event, EventType
from server.domain.ids import Ids
from server.domain.ledger import Posting
from server.domain.own_movement import OwnMovement
from server.domain.paying_out import PayoutChange
from server.domain.payment import Change, Payment
from server.domain.payout import Payout
from server.domain.ports import Transaction
from server.domain.refund import Refund
from server.domain.refunding import RefundChange

PaymentSnapshot = Callable[[Payment], bytes]
"""A payment as the contract serialises it, for the event that tells of it."""

RefundSnapshot = Callable[[Refund], bytes]
"""A refund, likewise."""

DisputeSnapshot = Callable[[Dispute], bytes]
"""A dispute, likewise."""

PayoutSnapshot = Callable[[Payout], bytes]
"""A payout, likewise."""


Follower = Callable[[Transaction, Payment, Collection[EventType]], None]
"""Moves something on with a payment, in the transaction that changed it; told of the payment and of the events that tell of the change."""


@dataclass(frozen=True, slots=True)
class _News:
    """What is told of an object, and when."""

    merchant_id: str
    object_id: UUID
    at: datetime


class Journal:
    """The only writer of payments, refunds, disputes, payouts and gateways' own movements, so that no state is ever stored without its events and its posting."""

    def __init__(
        self,
        ids: Ids,
        payment_snapshot: PaymentSnapshot,
        refund_snapshot: RefundSnapshot,
        dispute_snapshot: DisputeSnapshot,
        payout_snapshot: PayoutSnapshot,
    ) -> None:
        self._ids = ids
        self._payment_snapshot = payment_snapshot
        self._refund_snapshot = refund_snapshot
        self._dispute_snapshot = dispute_snapshot
        self._payout_snapshot = payout_snapshot
        self._followers: list[Follower] = []

    def let_follow(self, follower: Follower) -> None:
        """From now on it follows every change of every payment."""
        self._followers.append(follower)

    def open(self, tx: Transaction, change: Change) -> None:
        """Stores a new payment."""
        tx.payments.insert(change.payment)
        self._tell_of_payment(tx, change)

    def write(self, tx: Transaction, change: Change) -> None:
        """Stores a changed payment."""
        tx.payments.update(change.payment)
        self._tell_of_payment(tx, change)
        self._follow(tx, change.payment, [event for event, _ in change.events])

    def open_refund(self, tx: Transaction, change: RefundChange) -> None:
        """Stores a new refund with what it makes of its payment."""
        tx.payments.update(change.payment)
        tx.refunds.insert(change.refund)
        self._tell_of_refund(tx, change)

    def write_refund(self, tx: Transaction, change: RefundChange) -> None:
        """Stores a changed refund with what it makes of its payment."""
        tx.payments.update(change.payment)
        tx.refunds.update(change.refund)
        self._tell_of_refund(tx, change)
        self._follow(tx, change.payment, [])

    def open_dispute(self, tx: Transaction, change: DisputeChange) -> None:
        """Stores a new dispute with its payment."""
        tx.payments.update(change.payment)
        tx.disputes.insert(change.dispute)
        self._tell_of_dispute(tx, change)

    def write_dispute(self, tx: Transaction, change: DisputeChange) -> None:
        """Stores a changed dispute with its payment."""
        tx.payments.update(change.payment)
        tx.disputes.update(change.dispute)
        self._tell_of_dispute(tx, change)

    def open_payout(self, tx: Transaction, change: PayoutChange) -> None:
        """Stores a new payout."""
        tx.payouts.insert(change.payout)
        self._tell_of_payout(tx, change)

    def write_payout(self, tx: Transaction, change: PayoutChange) -> None:
        """Stores a changed payout."""
        tx.payouts.update(change.payout)
        self._tell_of_payout(tx, change)

    def open_own_movement(
        self, tx: Transaction, merchant_id: str, gateway: str, movement: OwnMovement, at: datetime
    ) -> None:
        """Stores what a gateway has moved by itself. No event tells of it: the documented ones have none. Raises UniqueViolation when it is there."""
        tx.own_movements.insert(merchant_id, gateway, movement, at)
        posting = movement.posting(gateway, at)
        self._post(tx, _News(merchant_id, posting.source_id, at), posting)

    def _follow(self, tx: Transaction, payment: Payment, events: Collection[EventType]) -> None:
        for follower in self._followers:
            follower(tx, payment, events)

    def _tell_of_payment(self, tx: Transaction, change: Change) -> None:
        payment = change.payment
        news = _News(payment.merchant_id, payment.id, payment.updated_at)
        self._post(tx, news, change.posting)
        if change.events:
            self._tell(tx, news, change.events, self._payment_snapshot(payment))

    def _tell_of_refund(self, tx: Transaction, change: RefundChange) -> None:
        refund = change.refund
        news = _News(refund.merchant_id, refund.id, refund.updated_at)
        self._post(tx, news, change.posting)
        if change.event is not None:
            self._tell(tx, news, (change.event,), self._refund_snapshot(refund))

    def _tell_of_dispute(self, tx: Transaction, change: DisputeChange) -> None:
        dispute = change.dispute
        # Money can move without a change that callers see.
        news = _News(dispute.merchant_id, dispute.id, change.at)
        for posting in change.postings:
            self._post(tx, news, posting)
        if change.events:
            self._tell(tx, news, change.events, self._dispute_snapshot(dispute))

    def _tell_of_payout(self, tx: Transaction, change: PayoutChange) -> None:
        payout = change.payout
        news = _News(payout.merchant_id, payout.id, payout.updated_at)
        for posting in change.postings:
            self._post(tx, news, posting)
        if change.events:
            self._tell(tx, news, change.events, self._payout_snapshot(payout))

    def _post(self, tx: Transaction, news: _News, posting: Posting | None) -> None:
        if posting is not None:
            tx.ledger.post(news.merchant_id, posting, self._ids.new(), news.at)

    def _tell(self, tx: Transaction, news: _News, events: Iterable[tuple[EventType, int]], payload: bytes) -> None:
        for kind, sequence in events:
            tx.events.append(Event(self._ids.new(), news.merchant_id, kind, news.object_id, sequence, payload, news.at))
