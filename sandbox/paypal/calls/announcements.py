"""Tells the merchant, by webhook event and by IPN, what has happened to its money."""

from sandbox.json_types import Resource
from sandbox.paypal import ipn
from sandbox.paypal.books import Books
from sandbox.paypal.calls.order_views import shown_order
from sandbox.paypal.money import decimal_text
from sandbox.paypal.records.authorization import Authorization
from sandbox.paypal.records.capture import Capture
from sandbox.paypal.records.order import Order
from sandbox.paypal.records.refund import Refund

_CAPTURE_EVENTS = {
    "COMPLETED": ("PAYMENT.CAPTURE.COMPLETED", "Payment completed for {amount}"),
    "PENDING": ("PAYMENT.CAPTURE.PENDING", "Payment pending for {amount}"),
    "DECLINED": ("PAYMENT.CAPTURE.DENIED", "A {amount} capture payment was denied"),
}
_AUTHORIZATION_EVENTS = {
    "CREATED": ("PAYMENT.AUTHORIZATION.CREATED", "A payment authorization was created"),
    "VOIDED": ("PAYMENT.AUTHORIZATION.VOIDED", "A payment authorization was voided"),
}
_ORDER_EVENTS = {
    "APPROVED": ("CHECKOUT.ORDER.APPROVED", "An order has been approved by buyer"),
    "COMPLETED": ("CHECKOUT.ORDER.COMPLETED", "Checkout Order Completed"),
}


def announce_order(books: Books, order: Order) -> None:
    event_type, summary = _ORDER_EVENTS[order.status]
    books.emit(event_type, "checkout-order", summary, shown_order(books, order))


def announce_authorization(books: Books, held: Authorization) -> None:
    event_type, summary = _AUTHORIZATION_EVENTS[held.status]
    books.emit(event_type, "authorization", summary, held.resource(books.site))
    ipn.tell_authorization(books, held)


def announce_capture(books: Books, capture: Capture) -> None:
    event_type, summary = _CAPTURE_EVENTS[capture.status]
    summary = summary.format(amount=_in_words(capture.amount, capture.currency))
    books.emit(event_type, "capture", summary, capture.resource(books.site))
    ipn.tell_capture(books, capture)


def announce_refund(books: Books, refund: Refund, capture: Capture) -> None:
    """A pending refund has a webhook event of its own; an IPN tells only of the money that has moved."""
    shown: Resource = refund.resource(books.site)
    amount = _in_words(refund.amount, refund.currency)
    if refund.status == "PENDING":
        books.emit("PAYMENT.REFUND.PENDING", "refund", f"A {amount} capture payment refund is pending", shown)
        return
    books.emit("PAYMENT.CAPTURE.REFUNDED", "refund", f"A {amount} capture payment was refunded", shown)
    ipn.tell_refund(books, refund, capture)


def _in_words(amount: int, currency: str) -> str:
    return f"$ {decimal_text(amount, currency)} {currency}"
