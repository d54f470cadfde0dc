"""The calls of authorizations: show, capture and void. Source: PayPal's payments v2 API."""

from collections.abc import Mapping
from typing import cast

from sandbox.json_types import Json
from sandbox.paypal.books import Books
from sandbox.paypal.call import Call, Reply, created, no_content, shown
from sandbox.paypal.calls.announcements import announce_authorization, announce_capture
from sandbox.paypal.calls.invoices import check_capture_invoice
from sandbox.paypal.calls.settling import settle_later, status_when_taken
from sandbox.paypal.errors import Unprocessable
from sandbox.paypal.ids import new_id
from sandbox.paypal.money import checked_amount
from sandbox.paypal.records.authorization import Authorization
from sandbox.paypal.records.capture import Capture
from sandbox.paypal.records.order import Order
from sandbox.paypal.records.record import minimal

_MOST_PERCENT = 115
_MOST_CAPTURES = 10


def retrieve(books: Books, call: Call) -> Reply:
    return shown(books.need(Authorization, call.id).resource(books.site))


def capture(books: Books, call: Call) -> Reply:
    """Takes all that is left of the authorization, or what the body says."""
    held = books.need(Authorization, call.id)
    _check_open(books, held)
    amount = _wanted(held, cast("Mapping[str, Json] | None", call.fields.get("amount")))
    if (held.captured + amount) * 100 > held.amount * _MOST_PERCENT:
        raise Unprocessable("MAX_CAPTURE_AMOUNT_EXCEEDED", "/amount/value")
    if held.captures >= _MOST_CAPTURES:
        raise Unprocessable("MAX_CAPTURE_COUNT_EXCEEDED")
    invoice_id = call.text("invoice_id")
    check_capture_invoice(books, invoice_id)
    order = books.need(Order, held.order_id)
    final = call.fields.get("final_capture") is True
    taken = Capture(
        id=new_id(),
        created=books.now,
        order_id=held.order_id,
        currency=held.currency,
        amount=amount,
        status=status_when_taken(order.funding),
        updated=books.now,
        funding=order.funding or "",
        final=final,
        authorization_id=held.id,
        invoice_id=invoice_id or held.invoice_id,
        custom_id=held.custom_id,
    )
    held.captured += amount
    held.captures += 1
    held.status = "CAPTURED" if final or held.captured >= held.amount else "PARTIALLY_CAPTURED"
    held.updated = books.now
    books.save(taken)
    books.save(held)
    announce_capture(books, taken)
    settle_later(books, taken)
    resource = taken.resource(books.site)
    return created(resource if call.whole else minimal(resource))


def void(books: Books, call: Call) -> Reply:
    """Releases what is left of the authorization."""
    held = books.need(Authorization, call.id)
    if held.status == "VOIDED":
        raise Unprocessable("PREVIOUSLY_VOIDED")
    if not held.is_open:
        raise Unprocessable("PREVIOUSLY_CAPTURED")
    release(books, held)
    return shown(held.resource(books.site)) if call.whole else no_content()


def release(books: Books, held: Authorization) -> None:
    """Ends an authorization; an order of which nothing was captured ends with it."""
    held.status = "VOIDED"
    held.updated = books.now
    books.save(held)
    if held.captured == 0:
        order = books.need(Order, held.order_id)
        order.status = "VOIDED"
        order.updated = books.now
        books.save(order)
    announce_authorization(books, held)


def _check_open(books: Books, held: Authorization) -> None:
    if held.expires_at <= books.now:
        raise Unprocessable("AUTHORIZATION_EXPIRED")
    if held.status == "VOIDED":
        raise Unprocessable("AUTHORIZATION_VOIDED")
    if not held.is_open:
        raise Unprocessable("AUTHORIZATION_ALREADY_CAPTURED")


def _wanted(held: Authorization, given: Mapping[str, Json] | None) -> int:
    if given is None:
        return held.amount - held.captured
    currency, amount = checked_amount(given, "/amount")
    if currency != held.currency:
        raise Unprocessable("AUTH_CAPTURE_CURRENCY_MISMATCH", "/amount/currency_code", currency)
    return amount
