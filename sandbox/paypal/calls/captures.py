"""The calls of captures and refunds: show a capture, refund it, show a refund. Source: PayPal's payments v2 API."""

from collections.abc import Mapping
from typing import cast

from sandbox.json_types import Json
from sandbox.paypal.books import Books
from sandbox.paypal.call import Call, Reply, created, shown
from sandbox.paypal.calls.announcements import announce_refund
from sandbox.paypal.calls.invoices import check_refund_invoice
from sandbox.paypal.calls.settling import refund_status, settle_refund_later
from sandbox.paypal.errors import Unprocessable
from sandbox.paypal.ids import new_id
from sandbox.paypal.money import checked_amount
from sandbox.paypal.records.capture import Capture
from sandbox.paypal.records.record import minimal
from sandbox.paypal.records.refund import Refund

REFUNDABLE_SECONDS = 180 * 24 * 60 * 60


def retrieve(books: Books, call: Call) -> Reply:
    return shown(books.need(Capture, call.id).resource(books.site))


def retrieve_refund(books: Books, call: Call) -> Reply:
    return shown(books.need(Refund, call.id).resource(books.site))


def refund(books: Books, call: Call) -> Reply:
    """Gives back all that is left of the capture, or what the body says."""
    taken = books.need(Capture, call.id)
    _check_refundable(books, taken)
    amount = _wanted(taken, cast("Mapping[str, Json] | None", call.fields.get("amount")))
    check_refund_invoice(books, call.text("invoice_id"))
    taken.refunded += amount
    taken.status = "REFUNDED" if taken.refunded == taken.amount else "PARTIALLY_REFUNDED"
    taken.updated = books.now
    given = Refund(
        id=new_id(),
        created=books.now,
        capture_id=taken.id,
        order_id=taken.order_id,
        currency=taken.currency,
        amount=amount,
        total_refunded=taken.refunded,
        status=refund_status(taken),
        updated=books.now,
        invoice_id=call.text("invoice_id"),
        custom_id=call.text("custom_id"),
        note_to_payer=call.text("note_to_payer"),
    )
    books.save(taken)
    books.save(given)
    announce_refund(books, given, taken)
    settle_refund_later(books, given)
    resource = given.resource(books.site)
    return created(resource if call.whole else minimal(resource))


def _check_refundable(books: Books, taken: Capture) -> None:
    if taken.status == "PENDING":
        raise Unprocessable("PENDING_CAPTURE")
    if taken.status == "REFUNDED":
        raise Unprocessable("CAPTURE_FULLY_REFUNDED")
    if not taken.is_taken:
        raise Unprocessable("REFUND_NOT_ALLOWED")
    if taken.created + REFUNDABLE_SECONDS <= books.now:
        raise Unprocessable("REFUND_TIME_LIMIT_EXCEEDED")


def _wanted(taken: Capture, given: Mapping[str, Json] | None) -> int:
    left = taken.amount - taken.refunded
    if given is None:
        return left
    currency, amount = checked_amount(given, "/amount")
    if currency != taken.currency:
        raise Unprocessable("REFUND_CAPTURE_CURRENCY_MISMATCH", "/amount/currency_code", currency)
    if amount > left:
        raise Unprocessable("REFUND_AMOUNT_EXCEEDED", "/amount/value")
    return amount
