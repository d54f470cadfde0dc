"""An order as PayPal shows it, with what has been authorized, captured and refunded of each unit."""

from sandbox.json_types import Json, Resource
from sandbox.paypal import buyer
from sandbox.paypal.books import Books
from sandbox.paypal.money import money
from sandbox.paypal.records.authorization import Authorization
from sandbox.paypal.records.capture import Capture
from sandbox.paypal.records.order import Order, Unit
from sandbox.paypal.records.refund import Refund
from sandbox.paypal.times import timestamp

CAPTURE_PARENT = "$.authorization_id"
REFUND_PARENT = "$.capture_id"
_NOT_IN_ORDERS = frozenset({"supplementary_data", "payee", "payer"})


def shown_order(books: Books, order: Order) -> Resource:
    """The whole representation."""
    shown: Resource = {
        "id": order.id,
        "intent": order.intent,
        "status": order.status,
        "purchase_units": [_shown_unit(books, order, unit) for unit in order.units],
        "create_time": timestamp(order.created),
        "update_time": timestamp(order.updated),
        "links": _links(books, order),
    }
    return shown | _buyer(order)


def settled_order(books: Books, order: Order) -> Resource:
    """What the call that authorizes or captures shows to who did not prefer the whole representation."""
    units: Json = [{"reference_id": unit.reference_id, "payments": payments_of(books, unit)} for unit in order.units]
    settled: Resource = {"id": order.id, "status": order.status, "purchase_units": units}
    return {**settled, **_buyer(order), "links": _links(books, order)}


def minimal_order(books: Books, order: Order) -> Resource:
    return {"id": order.id, "status": order.status, **_buyer(order), "links": _links(books, order)}


def captures_of(books: Books, unit: Unit) -> list[Capture]:
    """The captures of a purchase unit, oldest first."""
    if unit.capture is not None:
        return [books.need(Capture, unit.capture)]
    return books.matching(Capture, CAPTURE_PARENT, unit.authorization) if unit.authorization is not None else []


def refunds_of(books: Books, capture: Capture) -> list[Refund]:
    return books.matching(Refund, REFUND_PARENT, capture.id)


def payments_of(books: Books, unit: Unit) -> Resource:
    payments: Resource = {}
    if unit.authorization is not None:
        held = books.need(Authorization, unit.authorization)
        payments["authorizations"] = [_within_order(held.resource(books.site))]
    captures = captures_of(books, unit)
    if captures:
        payments["captures"] = [_within_order(capture.resource(books.site)) for capture in captures]
    refunds = [refund for capture in captures for refund in refunds_of(books, capture)]
    if refunds:
        payments["refunds"] = [refund.resource(books.site) for refund in refunds]
    return payments


def _shown_unit(books: Books, order: Order, unit: Unit) -> Resource:
    amount = money(unit.amount, order.currency)
    if unit.breakdown is not None:
        amount["breakdown"] = unit.breakdown
    shown: Resource = {"reference_id": unit.reference_id, "amount": amount, "payee": books.site.payee}
    for name in ("description", "custom_id", "invoice_id", "soft_descriptor"):
        if (value := getattr(unit, name)) is not None:
            shown[name] = value
    shown |= unit.told
    payments = payments_of(books, unit)
    return {**shown, "payments": payments} if payments else shown


def _buyer(order: Order) -> Resource:
    if order.funding is not None:
        return {"payment_source": buyer.PAYMENT_SOURCE, "payer": buyer.PAYER}
    return {"payment_source": {"paypal": {}}} if order.by_payment_source else {}


def _links(books: Books, order: Order) -> Json:
    links: Json = order.links(books.site)
    return links


def _within_order(resource: Resource) -> Resource:
    return {name: value for name, value in resource.items() if name not in _NOT_IN_ORDERS}
