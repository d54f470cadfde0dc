"""Amounts as Stripe takes them: the smallest unit of the currency, with a minimum and a maximum."""

import re

from sandbox.stripe.errors import InvalidParameter

_SUPPORTED = frozenset(
    "usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp"
    " cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk"
    " jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn"
    " nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std"
    " szl thb tjs tnd top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xcg xof xpf yer zar zmw".split()
)
_ZERO_DECIMAL = frozenset("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf".split())
_THREE_DECIMAL = frozenset("bhd jod kwd omr tnd".split())
_WHOLE_UNITS_ONLY = frozenset("isk ugx".split())
"""Two decimals for compatibility, but the decimals must be zero."""

_MINIMUM = {
    "usd": 50, "aed": 200, "aud": 50, "bgn": 100, "brl": 50, "cad": 50, "chf": 50, "czk": 1500, "dkk": 250, "eur": 50,
    "gbp": 30, "hkd": 400, "huf": 17500, "inr": 50, "jpy": 50, "mxn": 1000, "myr": 200, "nok": 300, "nzd": 50,
    "pln": 200, "ron": 200, "sek": 300, "sgd": 50, "thb": 1000,
}  # fmt: skip
_MOST_DIGITS = {"cop": 10, "huf": 10, "idr": 12, "inr": 9, "jpy": 10, "lbp": 12, "twd": 10}
_DEFAULT_MOST_DIGITS = 8
_DECIMAL = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,3}))?")
_SYMBOLS = {"usd": "$", "eur": "€", "gbp": "£", "jpy": "¥", "cad": "CA$", "aud": "A$", "hkd": "HK$", "cny": "CN¥"}


def checked_currency(code: str) -> str:
    """The code in lower case. Source: Stripe's list of presentment currencies."""
    currency = code.lower()
    if currency not in _SUPPORTED:
        raise InvalidParameter(
            f"Invalid currency: {code}. Stripe currently supports these currencies: {', '.join(sorted(_SUPPORTED))}",
            None,
            "currency",
        )
    return currency


def check_amount(amount: int, currency: str, param: str = "amount") -> None:
    """Refuses what Stripe refuses; `amount` is in the currency's smallest unit as Stripe counts it.

    A currency without a published minimum has the minimum 1: Stripe converts there, which needs its rates.
    """
    if amount < 1:
        raise InvalidParameter("This value must be greater than or equal to 1.", "parameter_invalid_integer", param)
    if amount < _MINIMUM.get(currency, 1):
        least = formatted(_MINIMUM[currency], currency)
        raise InvalidParameter(f"Amount must be at least {least} {currency}", "amount_too_small", param)
    most = 10 ** _MOST_DIGITS.get(currency, _DEFAULT_MOST_DIGITS) - 1
    if amount > most:
        raise InvalidParameter(
            f"Amount must be no more than {formatted(most, currency)} {currency}", "amount_too_large", param
        )
    if currency in _THREE_DECIMAL and amount % 10:
        raise InvalidParameter(
            f"Invalid amount: the last digit of an amount in {currency} must be 0.", "invalid_charge_amount", param
        )
    if currency in _WHOLE_UNITS_ONLY and amount % 100:
        raise InvalidParameter(
            f"Invalid amount: the decimals of an amount in {currency} must be 00.", "invalid_charge_amount", param
        )


def smallest_units(decimal: str, currency: str) -> int:
    """The amount of a decimal in the major unit. Raises `ValueError` when it has more decimals than the currency."""
    match = _DECIMAL.fullmatch(decimal)
    exponent = _exponent(currency)
    if match is None or len(match[2] or "") > exponent:
        raise ValueError(decimal)
    return int(match[1] + (match[2] or "").ljust(exponent, "0"))


def formatted(amount: int, currency: str) -> str:
    """The amount as Stripe's messages show it, such as `$10.00`."""
    exponent = _exponent(currency)
    symbol = _SYMBOLS.get(currency)
    whole, fraction = divmod(amount, 10**exponent)
    number = f"{whole:,}.{fraction:0{exponent}d}" if exponent else f"{whole:,}"
    return f"{symbol}{number}" if symbol else f"{number} {currency.upper()}"


def _exponent(currency: str) -> int:
    if currency in _ZERO_DECIMAL:
        return 0
    return 3 if currency in _THREE_DECIMAL else 2
