"""What the simulated PayPal does some time after a call."""

from collections.abc import Callable, Mapping

from sandbox.paypal.books import Books
from sandbox.paypal.calls.announcements import announce_capture, announce_refund
from sandbox.paypal.calls.authorizations import release
from sandbox.paypal.calls.orders import EXPIRE_AUTHORIZATION_JOB, EXPIRE_ORDER_JOB
from sandbox.paypal.calls.settling import SETTLE_CAPTURE_JOB, SETTLE_REFUND_JOB
from sandbox.paypal.records.authorization import Authorization
from sandbox.paypal.records.capture import Capture
from sandbox.paypal.records.order import Order
from sandbox.paypal.records.refund import Refund

Job = Callable[[Books, str], None]


def expire_order(books: Books, id: str) -> None:
    """An order that its buyer has not approved in time is void; PayPal tells nobody."""
    order = books.need(Order, id)
    if order.status in ("CREATED", "PAYER_ACTION_REQUIRED"):
        order.status = "VOIDED"
        order.expired = True
        order.updated = books.now
        books.save(order)


def expire_authorization(books: Books, id: str) -> None:
    held = books.need(Authorization, id)
    if held.is_open:
        release(books, held)


def settle_capture(books: Books, id: str) -> None:
    """The buyer's bank transfer has arrived, or was returned."""
    capture = books.need(Capture, id)
    capture.status = "DECLINED" if capture.funding == "returned_echeck" else "COMPLETED"
    capture.updated = books.now
    books.save(capture)
    announce_capture(books, capture)


def settle_refund(books: Books, id: str) -> None:
    refund = books.need(Refund, id)
    refund.status = "COMPLETED"
    refund.updated = books.now
    books.save(refund)
    announce_refund(books, refund, books.need(Capture, refund.capture_id))


JOBS: Mapping[str, Job] = {
    EXPIRE_ORDER_JOB: expire_order,
    EXPIRE_AUTHORIZATION_JOB: expire_authorization,
    SETTLE_CAPTURE_JOB: settle_capture,
    SETTLE_REFUND_JOB: settle_refund,
}
