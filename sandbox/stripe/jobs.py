"""What the simulated Stripe does some time after a call."""

from collections.abc import Callable, Mapping

from sandbox.stripe.books import Books
from sandbox.stripe.calls import disputes, refunds
from sandbox.stripe.calls.charging import OPEN_DISPUTE_JOB, SETTLE_CAPTURE_JOB
from sandbox.stripe.calls.movements import charge_movement
from sandbox.stripe.records.charge import Charge

Job = Callable[[Books, str], None]


def settle_capture(books: Books, charge_id: str) -> None:
    """The balance moves for a charge captured with `automatic_async`."""
    charged = books.need(Charge, charge_id)
    charge_movement(books, charged)
    books.save(charged)
    books.emit("charge.updated", charged, {"balance_transaction": None})


JOBS: Mapping[str, Job] = {
    SETTLE_CAPTURE_JOB: settle_capture,
    OPEN_DISPUTE_JOB: disputes.open_for_test_card,
    refunds.SUCCEED_JOB: refunds.succeed,
    refunds.FAIL_JOB: refunds.fail,
}
