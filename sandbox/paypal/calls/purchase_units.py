"""Reads the purchase units of an order, with PayPal's rules for what they add up to."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sandbox.json_types import Json
from sandbox.paypal.errors import Unprocessable
from sandbox.paypal.merchants import Merchant
from sandbox.paypal.money import checked_amount, money
from sandbox.paypal.records.order import Unit
from sandbox.paypal.schema.requests import BREAKDOWN_PARTS, UNIT_TEXTS

DEFAULT_REFERENCE = "default"
_SUBTRACTED = frozenset({"shipping_discount", "discount"})
_TOLD = ("items", "shipping")


def read_units(merchant: Merchant, units: Sequence[Json], intent: str) -> tuple[str, list[Unit]]:
    """The order's currency and its units, from a well-formed body. Raises `Unprocessable`."""
    if len(units) > 1 and intent == "AUTHORIZE":
        raise Unprocessable("UNSUPPORTED_INTENT", "/intent", intent)
    read: list[Unit] = []
    currencies: set[str] = set()
    for index, unit in enumerate(cast(Sequence[Mapping[str, Any]], units)):
        place = f"/purchase_units/{index}"
        _check_payee(merchant, unit.get("payee"), place)
        reference = unit.get("reference_id")
        if reference is None and len(units) > 1:
            raise Unprocessable("REFERENCE_ID_REQUIRED", f"{place}/reference_id")
        if any(other.reference_id == reference for other in read):
            raise Unprocessable("DUPLICATE_REFERENCE_ID", f"{place}/reference_id", reference)
        currency, amount, breakdown = read_amount(unit["amount"], f"{place}/amount", unit.get("items") or ())
        currencies.add(currency)
        texts = {name: unit.get(name) for name in UNIT_TEXTS}
        told = {name: unit[name] for name in _TOLD if name in unit}
        read.append(Unit(reference or DEFAULT_REFERENCE, amount, breakdown, told=told, **texts))
    if len(currencies) > 1:
        raise Unprocessable("MULTI_CURRENCY_ORDER")
    return currencies.pop(), read


def read_amount(given: Mapping[str, Any], place: str, items: Sequence[Mapping[str, Any]]) -> tuple[str, int, Json]:
    """Currency, amount in its smallest unit, and the breakdown as PayPal shows it."""
    currency, amount = checked_amount(given, place)
    parts = {name: _part(given["breakdown"][name], f"{place}/breakdown/{name}", currency)
             for name in BREAKDOWN_PARTS if name in given.get("breakdown", {})}  # fmt: skip
    if parts:
        total = sum(-part if name in _SUBTRACTED else part for name, part in parts.items())
        if total != amount:
            raise Unprocessable("AMOUNT_MISMATCH", f"{place}/value", given["value"])
    _check_items(items, parts, place, currency)
    breakdown: Json = {name: money(part, currency) for name, part in parts.items()} if parts else None
    return currency, amount, breakdown


def _part(given: Mapping[str, Json], place: str, currency: str) -> int:
    other, part = checked_amount(given, place, zero_allowed=True)
    if other != currency:
        raise Unprocessable("MULTI_CURRENCY_ORDER", f"{place}/currency_code", other)
    return part


def _check_items(items: Sequence[Mapping[str, Any]], parts: Mapping[str, int], place: str, currency: str) -> None:
    for price, total, issue in (
        ("unit_amount", "item_total", "ITEM_TOTAL"),
        ("tax", "tax_total", "TAX_TOTAL"),
    ):
        priced = [item for item in items if price in item]
        if not priced:
            continue
        if total not in parts:
            raise Unprocessable(f"{issue}_REQUIRED", f"{place}/breakdown/{total}")
        due = sum(_part(item[price], f"{place}/items/{price}", currency) * int(item["quantity"]) for item in priced)
        if due != parts[total]:
            raise Unprocessable(f"{issue}_MISMATCH", f"{place}/breakdown/{total}/value")


def _check_payee(merchant: Merchant, payee: Mapping[str, Any] | None, place: str) -> None:
    """The sandbox's merchants sell for nobody else."""
    if payee is None:
        return
    if not payee or payee.get("merchant_id", merchant.id) != merchant.id:
        raise Unprocessable("PAYEE_ACCOUNT_INVALID", f"{place}/payee/merchant_id", payee.get("merchant_id"))
    if payee.get("email_address", merchant.email).lower() != merchant.email:
        raise Unprocessable("PAYEE_ACCOUNT_INVALID", f"{place}/payee/email_address", payee["email_address"])
