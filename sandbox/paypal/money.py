"""Amounts as PayPal takes them: decimal strings in the major unit, in PayPal's currencies and with their decimals."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import cast

from sandbox.json_types import Json, Resource
from sandbox.paypal.errors import Unprocessable

_FIXED_FEES = {
    "AUD": "0.59", "BRL": "2.90", "CAD": "0.59", "CHF": "0.49", "CNY": "3.50", "CZK": "9.00", "DKK": "2.90", "EUR": "0.39",
    "GBP": "0.39", "HKD": "3.79", "HUF": "149", "ILS": "1.60", "JPY": "49", "MXN": "9.00", "MYR": "2.00", "NOK": "3.90",
    "NZD": "0.69", "PHP": "25.00", "PLN": "1.89", "SEK": "4.09", "SGD": "0.69", "THB": "15.00", "TWD": "14", "USD": "0.49",
}  # fmt: skip
CURRENCIES = frozenset(_FIXED_FEES)
"""Source: PayPal's "currency codes"."""

_WITHOUT_DECIMALS = frozenset({"HUF", "JPY", "TWD"})
_ISO_EXPONENTS = {"JPY": 0}
_ISO_EXPONENT = 2
_FEE_PERCENT = Decimal("3.49")
_MOST = Decimal("999999999999999.99")


def minor_units(value: str, currency: str) -> int:
    """The amount in the currency's smallest unit by ISO 4217. Raises `ValueError` when PayPal's decimals do not fit it."""
    if not _decimals_fit(value, currency):
        raise ValueError(value)
    return int(Decimal(value).scaleb(_exponent(currency)))


def checked_amount(money: Mapping[str, Json], field: str, *, zero_allowed: bool = False) -> tuple[str, int]:
    """Currency and amount in its smallest unit of a well-formed money object. Raises `Unprocessable`."""
    currency, value = cast(str, money["currency_code"]), cast(str, money["value"])
    if currency not in CURRENCIES:
        raise Unprocessable("INVALID_CURRENCY_CODE", f"{field}/currency_code", currency)
    amount = Decimal(value)
    place = f"{field}/value"
    if amount < 0 and zero_allowed:
        raise Unprocessable("CANNOT_BE_NEGATIVE", place, value)
    if amount <= 0 and not zero_allowed:
        raise Unprocessable("CANNOT_BE_ZERO_OR_NEGATIVE", place, value)
    if amount > _MOST:
        raise Unprocessable("MAX_VALUE_EXCEEDED", place, value)
    if not _decimals_fit(value, currency):
        issue = "DECIMALS_NOT_SUPPORTED" if currency in _WITHOUT_DECIMALS else "DECIMAL_PRECISION"
        raise Unprocessable(issue, place, value)
    return currency, minor_units(value, currency)


def decimal_text(amount: int, currency: str) -> str:
    """The amount as PayPal shows it: with two decimals, or with none where the currency has none at PayPal."""
    major = Decimal(amount).scaleb(-_exponent(currency))
    return str(major.quantize(Decimal(1) if currency in _WITHOUT_DECIMALS else Decimal("0.01")))


def money(amount: int, currency: str) -> Resource:
    return {"currency_code": currency, "value": decimal_text(amount, currency)}


def fee(amount: int, currency: str) -> int:
    """3.49 % and the currency's fixed fee, but never more than the amount. Source: PayPal's merchant fees, "PayPal Checkout"."""
    smallest = Decimal(1) if currency in _WITHOUT_DECIMALS else Decimal("0.01")
    major = Decimal(amount).scaleb(-_exponent(currency))
    part = (major * _FEE_PERCENT / 100).quantize(smallest, ROUND_HALF_UP)
    return min(amount, minor_units(str(part + Decimal(_FIXED_FEES[currency])), currency))


def _exponent(currency: str) -> int:
    return _ISO_EXPONENTS.get(currency, _ISO_EXPONENT)


def _decimals_fit(value: str, currency: str) -> bool:
    decimals = len(value.partition(".")[2])
    return decimals <= (0 if currency in _WITHOUT_DECIMALS else 2)
