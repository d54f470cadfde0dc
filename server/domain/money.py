"""Money: integer minor units of an ISO 4217 currency inside, decimal strings in the major unit outside."""

import re
from dataclasses import dataclass
from typing import Self

from server.domain.currencies import EXPONENTS
from server.domain.errors import InvalidAmount, InvalidCurrency, ValidationError

MAX_MAJOR_UNITS = 999_999_999_999

# The exponent that amounts of all currencies are scaled to where they are compared across currencies: the largest one in ISO 4217.
COMMON_EXPONENT = 4

_DECIMAL = re.compile(r"([0-9]{1,15})(?:\.([0-9]{1,9}))?", re.ASCII)


def exponent_of(currency: str, field: str = "currency") -> int:
    """How many decimals an ISO 4217 currency has. Raises InvalidCurrency for any other code."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise InvalidCurrency(field, "not a currency of ISO 4217") from None


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in integer minor units, such as 5949 USD for 59.49 US dollars."""

    amount_minor: int
    currency: str

    @classmethod
    def parse(cls, text: str, currency: str, field: str = "amount") -> Self:
        """A positive amount from a decimal string in the major unit; fewer decimals than the currency has are accepted, more are not.

        Raises InvalidAmount naming `field`, or InvalidCurrency.
        """
        exponent = exponent_of(currency)
        amount_minor = _scaled(text, exponent, field)
        if amount_minor == 0:
            raise InvalidAmount(field, "must be more than zero")
        if amount_minor > MAX_MAJOR_UNITS * 10**exponent:
            raise InvalidAmount(field, f"must be at most {MAX_MAJOR_UNITS}")
        return cls(amount_minor, currency)

    def __str__(self) -> str:
        """The decimal string in the major unit with exactly the currency's exponent, such as `59.49`, `100` or `1.230`."""
        exponent = EXPONENTS[self.currency]
        sign, digits = ("-" if self.amount_minor < 0 else ""), str(abs(self.amount_minor)).rjust(exponent + 1, "0")
        return f"{sign}{digits[:-exponent]}.{digits[-exponent:]}" if exponent else sign + digits

    @property
    def common_units(self) -> int:
        """The amount scaled to COMMON_EXPONENT decimals, by which amounts of different currencies are sorted and filtered."""
        return _to_common(self.amount_minor, EXPONENTS[self.currency])


def parse_common_units(text: str, field: str) -> int:
    """A bound on amounts of any currency, in units of 10^-COMMON_EXPONENT major units. Raises ValidationError naming `field`."""
    try:
        return _scaled(text, COMMON_EXPONENT, field)
    except InvalidAmount as error:
        raise ValidationError(field, error.violation) from None


def _to_common(amount_minor: int, exponent: int) -> int:
    factor: int = 10 ** (COMMON_EXPONENT - exponent)
    return amount_minor * factor


def _scaled(text: str, exponent: int, field: str) -> int:
    match = _DECIMAL.fullmatch(text)
    if match is None:
        raise InvalidAmount(field, "must be a decimal string such as 59.49")
    major, decimals = match[1], match[2] or ""
    if len(decimals) > exponent:
        raise InvalidAmount(field, f"must have at most {exponent} decimals" if exponent else "must have no decimals")
    return int(major + decimals.ljust(exponent, "0"))
