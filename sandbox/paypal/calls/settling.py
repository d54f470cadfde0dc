"""What becomes of captures and refunds whose money is still on its way: a bank transfer arrives, or does not."""

from sandbox.paypal.books import Books
from sandbox.paypal.records.capture import Capture
from sandbox.paypal.records.order import Funding
from sandbox.paypal.records.refund import Refund

SETTLE_CAPTURE_JOB = "settle_capture"
SETTLE_REFUND_JOB = "settle_refund"
_SLOW = ("echeck", "returned_echeck")


def status_when_taken(funding: Funding | None) -> str:
    return "PENDING" if funding in _SLOW else "COMPLETED"


def settle_later(books: Books, capture: Capture) -> None:
    if capture.status == "PENDING":
        books.later(SETTLE_CAPTURE_JOB, capture)


def refund_status(capture: Capture) -> str:
    """What was paid from a bank account goes back there, and that takes its time as well."""
    return "PENDING" if capture.funding in _SLOW else "COMPLETED"


def settle_refund_later(books: Books, refund: Refund) -> None:
    if refund.status == "PENDING":
        books.later(SETTLE_REFUND_JOB, refund)
