"""Amounts as PayPal writes them, whose decimals are not everywhere those of ISO 4217."""

import re

from server.domain.errors import InvalidAmount, InvalidCurrency
from server.domain.money import Money, exponent_of

_NO_DECIMALS = "HUF JPY TWD"

# BRL, CNY and MYR are taken by accounts in their own country alone; whose account it is we cannot know.
_TWO_DECIMALS = "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD ILS MXN MYR NOK NZD PHP PLN SEK SGD THB USD"

# The currencies that PayPal takes. Source: developer.paypal.com/api/rest/reference/currency-codes
EXPONENTS: dict[str, int] = {
    code: exponent for exponent, codes in ((0, _NO_DECIMALS), (2, _TWO_DECIMALS)) for code in codes.split()
}

_VALUE = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,4}))?", re.ASCII)


def to_paypal(money: Money) -> str:
    """The amount in PayPal's form, such as `59.49` USD or `1200` HUF. Raises InvalidCurrency, or InvalidAmount for decimals that PayPal does not take."""
    exponent = _exponent(money.currency)
    units, rest = divmod(money.amount_minor, _factor(exponent_of(money.currency) - exponent))
    if rest:
        raise InvalidAmount("amount", f"must have no decimals in {money.currency} at paypal")
    major, decimals = divmod(units, _factor(exponent))
    return f"{major}.{decimals:0{exponent}d}" if exponent else str(major)


def from_paypal(value: str, currency: str) -> int:
    """An amount of PayPal's in our minor units. Raises ValueError for what is none, InvalidCurrency."""
    exponent, match = exponent_of(currency), _VALUE.fullmatch(value)
    if match is None:
        raise ValueError("no amount of PayPal's")
    decimals = (match[2] or "").ljust(exponent, "0")
    if decimals[exponent:].strip("0"):
        raise ValueError(f"more decimals than {currency} has")
    return int(match[1] + decimals[:exponent])


def _factor(exponent: int) -> int:
    factor: int = 10**exponent
    return factor


def _exponent(currency: str) -> int:
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise InvalidCurrency("currency", "paypal does not take it") from None
