"""Single fields of what Stripe says, read strictly: one that is not what it is documented to be raises."""

from collections.abc import Mapping
from datetime import UTC, datetime

# Stripe's own limit is twelve digits.
_LARGEST_AMOUNT = 10**12


def text(fields: Mapping[str, object], name: str) -> str:
    """A text that is there. Raises KeyError, TypeError."""
    value = fields[name]
    if not isinstance(value, str) or not value:
        raise TypeError(f"{name} is no text")
    return value


def word(value: str) -> str:
    """A text of printable ASCII alone, as Stripe's ids and codes are. Raises TypeError."""
    if not value.isascii() or not value.isprintable():
        raise TypeError("no word of Stripe's")
    return value


def optional_word(fields: Mapping[str, object], name: str) -> str | None:
    """A word where there is one; None otherwise. Raises TypeError."""
    value = optional_text(fields, name)
    return None if value is None else word(value)


def amount(fields: Mapping[str, object]) -> int:
    """How much, in Stripe's minor units; below zero too. Raises KeyError, TypeError, ValueError."""
    minor = units(fields, "amount")
    if not minor:
        raise ValueError("no amount of money")
    return minor


def units(fields: Mapping[str, object], name: str) -> int:
    """How much, in Stripe's minor units; nothing and below zero too. Raises KeyError, TypeError, ValueError."""
    minor = integer(fields, name)
    if abs(minor) >= _LARGEST_AMOUNT:
        raise ValueError(f"{name} is no amount of money")
    return minor


def moment(fields: Mapping[str, object], name: str) -> datetime:
    """A time in seconds. Raises KeyError, TypeError, ValueError."""
    seconds = integer(fields, name)
    if seconds < 0:
        raise ValueError(f"{name} is before Stripe")
    return datetime.fromtimestamp(seconds, UTC)


def integer(fields: Mapping[str, object], name: str) -> int:
    """A whole number that is there. Raises KeyError, TypeError."""
    value = fields[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name} is no integer")
    return value


def optional_text(fields: Mapping[str, object], name: str) -> str | None:
    """A text where there is one; None otherwise."""
    value = fields.get(name)
    return value if isinstance(value, str) and value else None


def group(fields: Mapping[str, object], name: str) -> Mapping[str, object]:
    """An object inside the reply; empty where Stripe has none or gives its id alone."""
    value = fields.get(name)
    return value if isinstance(value, dict) else {}
