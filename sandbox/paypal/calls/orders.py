"""The calls of orders v2: create, show, authorize and capture. Source: PayPal's orders v2 API."""

from collections.abc import Mapping
from typing import Any, cast

from sandbox.json_types import Json
from sandbox.paypal.books import Books
from sandbox.paypal.call import Call, Reply, created, shown
from sandbox.paypal.calls.announcements import announce_authorization, announce_capture, announce_order
from sandbox.paypal.calls.invoices import check_invoice_unused
from sandbox.paypal.calls.order_views import minimal_order, settled_order, shown_order
from sandbox.paypal.calls.purchase_units import read_units
from sandbox.paypal.calls.settling import settle_later, status_when_taken
from sandbox.paypal.errors import InvalidRequest, Problem, Unprocessable, link
from sandbox.paypal.ids import new_id
from sandbox.paypal.records.authorization import Authorization
from sandbox.paypal.records.capture import Capture
from sandbox.paypal.records.order import Order

EXPIRE_ORDER_JOB = "expire_order"
EXPIRE_AUTHORIZATION_JOB = "expire_authorization"
APPROVABLE_SECONDS = 3 * 60 * 60
AUTHORIZED_SECONDS = 29 * 24 * 60 * 60


def create(books: Books, call: Call) -> Reply:
    source = cast("Mapping[str, Any] | None", call.fields.get("payment_source"))
    if source is not None and call.request_id is None:
        raise InvalidRequest(Problem("PAYPAL_REQUEST_ID_REQUIRED", "PayPal-Request-Id", location=None))
    intent = call.text("intent") or ""
    units = cast("list[Json]", call.fields["purchase_units"])
    currency, read = read_units(books.merchant, units, intent)
    context = _context(call.fields)
    order = Order(
        id=new_id(),
        created=books.now,
        intent=intent,
        currency=currency,
        units=read,
        status="CREATED" if source is None else "PAYER_ACTION_REQUIRED",
        updated=books.now,
        reference=read[0].invoice_id,
        return_url=context.get("return_url"),
        cancel_url=context.get("cancel_url"),
        brand_name=context.get("brand_name"),
        by_payment_source=source is not None,
    )
    books.save(order)
    books.later(EXPIRE_ORDER_JOB, order, APPROVABLE_SECONDS)
    return created(shown_order(books, order) if call.whole else minimal_order(books, order))


def retrieve(books: Books, call: Call) -> Reply:
    return shown(shown_order(books, books.need(Order, call.id)))


def capture(books: Books, call: Call) -> Reply:
    order = _payable(books, call, "CAPTURE")
    for unit in order.units:
        check_invoice_unused(books, unit.invoice_id)
        taken = Capture(
            id=new_id(),
            created=books.now,
            order_id=order.id,
            currency=order.currency,
            amount=unit.amount,
            status=status_when_taken(order.funding),
            updated=books.now,
            funding=order.funding or "",
            invoice_id=unit.invoice_id,
            custom_id=unit.custom_id,
        )
        unit.capture = taken.id
        books.save(taken)
        announce_capture(books, taken)
        settle_later(books, taken)
    return _completed(books, call, order)


def authorize(books: Books, call: Call) -> Reply:
    order = _payable(books, call, "AUTHORIZE")
    unit = order.units[0]
    check_invoice_unused(books, unit.invoice_id)
    held = Authorization(
        id=new_id(),
        created=books.now,
        order_id=order.id,
        currency=order.currency,
        amount=unit.amount,
        status="CREATED",
        updated=books.now,
        expires_at=books.now + AUTHORIZED_SECONDS,
        invoice_id=unit.invoice_id,
        custom_id=unit.custom_id,
    )
    unit.authorization = held.id
    books.save(held)
    books.later(EXPIRE_AUTHORIZATION_JOB, held, AUTHORIZED_SECONDS)
    announce_authorization(books, held)
    return _completed(books, call, order)


def _completed(books: Books, call: Call, order: Order) -> Reply:
    order.status = "COMPLETED"
    order.updated = books.now
    books.save(order)
    announce_order(books, order)
    return created(shown_order(books, order) if call.whole else settled_order(books, order))


def _payable(books: Books, call: Call, intent: str) -> Order:
    """The order, if the buyer has approved this and can pay. Raises `Unprocessable`."""
    order = books.need(Order, call.id)
    if order.intent != intent:
        raise Unprocessable("ACTION_DOES_NOT_MATCH_INTENT", description=_other_intent(order.intent))
    if order.expired:
        raise Unprocessable("ORDER_EXPIRED")
    if order.status in ("COMPLETED", "VOIDED"):
        raise Unprocessable("ORDER_ALREADY_CAPTURED" if intent == "CAPTURE" else "ORDER_ALREADY_AUTHORIZED")
    if order.status != "APPROVED":
        raise Unprocessable("ORDER_NOT_APPROVED")
    if order.funding == "declined":
        raise Unprocessable("INSTRUMENT_DECLINED", links=[link(order.approval_url(books.site), "redirect")])
    return order


def _other_intent(intent: str) -> str:
    other = "AUTHORIZE" if intent == "CAPTURE" else "CAPTURE"
    return (
        f"Order was created with an intent to '{intent}'. Please use v2/checkout/orders/order_id/{intent.lower()} to complete"
        f" the transaction or alternately Create an order with an intent of '{other}'."
    )


def _context(fields: Mapping[str, Any]) -> Mapping[str, str]:
    """Where the buyer goes afterwards: `experience_context` goes before the older `application_context`."""
    source = (fields.get("payment_source") or {}).get("paypal") or {}
    return source.get("experience_context") or fields.get("application_context") or {}
