"""Books money that a further try at a payment took after another one had: a payment of its own, which its customer wants no more."""

import logging
from datetime import datetime

from server.domain.attempt import Attempt
from server.domain.ids import Ids
from server.domain.outcomes import Approved
from server.domain.payment import Payment
from server.domain.ports import Transaction
from server.domain.settlement import settle
from server.operations.journal import Journal
from server.operations.late_money import LateMoney
from server.operations.takings import Takings

_LOG = logging.getLogger(__name__)


class Surplus:
    """From then on it is a payment as any other, under the try's own number: refunded there, disputed and told of."""

    def __init__(self, journal: Journal, takings: Takings, late: LateMoney, ids: Ids) -> None:
        self._journal = journal
        self._takings = takings
        self._late = late
        self._ids = ids

    def book(self, tx: Transaction, paid: Payment, attempt: Attempt, taken: Approved, at: datetime) -> None:
        """Books what `attempt` took beside what `paid`, which is locked, has; the second time it only learns of the fee."""
        known = money_of(tx, attempt)
        if known is not None:
            self._takings.tell_later(tx, tx.payments.lock(known.merchant_id, known.id), taken, at)
            return
        begun = _payment_of(self._ids, paid, attempt, at).begin()
        self._journal.open(tx, begun)
        change = settle(begun.payment, attempt, self._takings.dated(begun.payment, taken, at), at)
        assert change is not None, "money that was taken changes a payment that has none"
        self._journal.write(tx, change)
        self._takings.expect_fee(tx, change.payment, taken, at)
        self._late.arrived(tx, change.payment, {"paid_by": str(paid.id), "reference": attempt.reference})
        facts = {"payment": str(change.payment.id), "paid_by": str(paid.id), "reference": attempt.reference}
        _LOG.warning("two tries at one payment took money; the second's has a payment of its own", extra=facts)


def money_of(tx: Transaction, attempt: Attempt) -> Payment | None:
    """The payment that has the money of a try, or would have it: the try's own or, of one that took money beside it, the one that was made for that."""
    return tx.payments.find_by_reference(attempt.merchant_id, attempt.gateway, attempt.reference)


def _payment_of(ids: Ids, paid: Payment, attempt: Attempt, at: datetime) -> Payment:
    """For the same thing as the one that is paid, and no intent's: which card it was is not known here any more."""
    return Payment(
        id=ids.new(),
        merchant_id=paid.merchant_id,
        money=paid.money,
        gateway=attempt.gateway,
        reference=attempt.reference,
        method=paid.method,
        created_at=at,
        updated_at=at,
        order_id=paid.order_id,
        customer_id=paid.customer_id,
        description=paid.description,
        metadata=paid.metadata,
    )
