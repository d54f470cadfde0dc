"""Card numbers: the check digit and the brand that the first digits give away."""

import re

_DIGITS = re.compile(r"[0-9]{12,19}")
_BRANDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("amex", re.compile(r"3[47]")),
    ("diners", re.compile(r"3(?:0[0-5]|095|[689])")),
    ("jcb", re.compile(r"35(?:2[89]|[3-8])")),
    ("unionpay", re.compile(r"62")),
    ("discover", re.compile(r"6(?:011|4[4-9]|5)")),
    ("mastercard", re.compile(r"5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)")),
    ("visa", re.compile(r"4")),
)


def bare_number(text: str) -> str | None:
    """The digits of a well-formed number, or None. Spaces and hyphens are allowed between them, as Stripe allows."""
    number = text.replace(" ", "").replace("-", "")
    return number if _DIGITS.fullmatch(number) and _has_check_digit(number) else None


def brand_of(number: str) -> str:
    return next((brand for brand, prefix in _BRANDS if prefix.match(number)), "unknown")


def cvc_fits(cvc: str, brand: str) -> bool:
    return cvc.isascii() and cvc.isdecimal() and (len(cvc) == 3 or (len(cvc) == 4 and brand == "amex"))


def _has_check_digit(number: str) -> bool:
    total = 0
    for position, character in enumerate(reversed(number)):
        digit = int(character) * (2 if position % 2 else 1)
        total += digit - 9 if digit > 9 else digit
    return total % 10 == 0
