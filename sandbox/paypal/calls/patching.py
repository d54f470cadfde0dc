"""Changes an order that is not completed. Source: PayPal's orders v2 API, "update order", whose most used paths are here."""

import re
from collections.abc import Mapping
from typing import Any, cast

from sandbox.json_types import Json
from sandbox.paypal.books import Books
from sandbox.paypal.call import Call, Reply, no_content
from sandbox.paypal.calls.purchase_units import read_amount
from sandbox.paypal.errors import InvalidRequest, Problem, Unprocessable
from sandbox.paypal.records.order import Order, Unit
from sandbox.paypal.schema.requests import AMOUNT, UNIT_TEXTS

_UNIT_PATH = re.compile(r"/purchase_units/@reference_id=='([^']*)'/([a-z_]+)")
_OPERATIONS = ("add", "replace", "remove")


def patch(books: Books, call: Call) -> Reply:
    order = books.need(Order, call.id)
    if order.status in ("COMPLETED", "VOIDED"):
        raise Unprocessable("ORDER_ALREADY_COMPLETED")
    for index, change in enumerate(cast("list[Mapping[str, Any]]", call.body)):
        _apply(order, change, f"/{index}")
    order.reference = order.units[0].invoice_id
    order.updated = books.now
    books.save(order)
    return no_content()


def _apply(order: Order, change: Mapping[str, Any], place: str) -> None:
    path = change.get("path")
    found = _UNIT_PATH.fullmatch(path or "")
    if found is None or change["op"] not in _OPERATIONS:
        raise InvalidRequest(Problem("FIELD_NOT_PATCHABLE", f"{place}/path", path))
    reference, name = found.groups()
    unit = next((unit for unit in order.units if unit.reference_id == reference), None)
    if unit is None:
        raise Unprocessable("REFERENCE_ID_NOT_FOUND", f"{place}/path", path)
    if name == "amount":
        _patch_amount(order, unit, change, place)
    elif name in UNIT_TEXTS:
        _patch_text(unit, name, change, place)
    else:
        raise InvalidRequest(Problem("FIELD_NOT_PATCHABLE", f"{place}/path", path))


def _patch_text(unit: Unit, name: str, change: Mapping[str, Any], place: str) -> None:
    operation, present = change["op"], getattr(unit, name) is not None
    if present == (operation == "add"):
        raise InvalidRequest(Problem("INVALID_PATCH_OPERATION", f"{place}/op", operation))
    if operation == "remove":
        setattr(unit, name, None)
        return
    value: Json = change.get("value")
    problems = list(UNIT_TEXTS[name].problems(value, f"{place}/value"))
    if problems:
        raise InvalidRequest(*problems)
    setattr(unit, name, value)


def _patch_amount(order: Order, unit: Unit, change: Mapping[str, Any], place: str) -> None:
    if change["op"] != "replace":
        raise InvalidRequest(Problem("INVALID_PATCH_OPERATION", f"{place}/op", change["op"]))
    value = change.get("value")
    problems = list(AMOUNT.problems(value, f"{place}/value"))
    if problems:
        raise InvalidRequest(*problems)
    amount_fields = cast("Mapping[str, Any]", value)
    items = cast("list[Mapping[str, Any]]", unit.told.get("items") or [])
    currency, amount, breakdown = read_amount(amount_fields, f"{place}/value", items)
    if currency != order.currency:
        raise Unprocessable("MULTI_CURRENCY_ORDER", f"{place}/value/currency_code", currency)
    unit.amount, unit.breakdown = amount, breakdown
