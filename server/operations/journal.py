"""Writes a change whole: the payment's state, its events and its posting in one transaction."""

from collections.abc import Callable

from server.domain.events import Event
from server.domain.ids import Ids
from server.domain.payment import Change, Payment
from server.domain.ports import Transaction

Snapshot = Callable[[Payment], bytes]
"""A payment as the contract serialises it, for the event that tells of it."""


class Journal:
    """The only writer of payments, so that no state is ever stored without its events and its posting."""

    def __init__(self, ids: Ids, snapshot: Snapshot) -> None:
        self._ids = ids
        self._snapshot = snapshot

    def open(self, tx: Transaction, change: Change) -> None:
        """Stores a new payment."""
        tx.payments.insert(change.payment)
        self._tell(tx, change)

    def write(self, tx: Transaction, change: Change) -> None:
        """Stores a changed payment."""
        tx.payments.update(change.payment)
        self._tell(tx, change)

    def _tell(self, tx: Transaction, change: Change) -> None:
        payment = change.payment
        if change.posting is not None:
            tx.ledger.post(payment.merchant_id, change.posting, self._ids.new(), payment.updated_at)
        if change.events:
            payload = self._snapshot(payment)
            for kind, sequence in change.events:
                event = Event(
                    self._ids.new(), payment.merchant_id, kind, payment.id, sequence, payload, payment.updated_at
                )
                tx.events.append(event)
