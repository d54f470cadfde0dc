"""Amounts in Stripe's smallest unit, which is not everywhere that of ISO 4217."""

from server.domain.errors import InvalidAmount, InvalidCurrency
from server.domain.money import Money, exponent_of

_NO_DECIMALS = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"

# ISK and UGX have no decimals in ISO 4217 and two here, for compatibility: both must be 0, and are, as ours has none.
_TWO_DECIMALS = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC CVE
    CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD KES KGS KHR KYD KZT
    LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN
    QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SLE SOS SRD SZL THB TJS TOP TRY TTD TWD TZS UAH UGX USD UYU UZS WST XCD XCG
    YER ZAR ZMW
"""

_THREE_DECIMALS = "BHD JOD KWD OMR TND"

# Source: docs.stripe.com/currencies, the presentment currencies that ISO 4217 still lists.
EXPONENTS: dict[str, int] = {
    code: exponent
    for exponent, codes in ((0, _NO_DECIMALS), (2, _TWO_DECIMALS), (3, _THREE_DECIMALS))
    for code in codes.split()
}


def to_stripe(money: Money) -> int:
    """The amount in Stripe's unit. Raises InvalidCurrency, or InvalidAmount for what that unit cannot express.

    Minimum and maximum are not checked: they depend on Stripe's rates and the merchant's account, and are Stripe's to refuse.
    """
    exponent = _exponent(money.currency)
    units, rest = _rescaled(money.amount_minor, exponent_of(money.currency), exponent)
    if rest:
        raise InvalidAmount("amount", f"must have at most {exponent} decimals in {money.currency} at stripe")
    if exponent == 3 and units % 10:
        raise InvalidAmount("amount", f"must have 0 as its third decimal in {money.currency} at stripe")
    return units


def from_stripe(units: int, currency: str) -> int:
    """An amount of Stripe's in our minor units. Raises ValueError when ours cannot express it, InvalidCurrency."""
    amount_minor, rest = _rescaled(units, _exponent(currency), exponent_of(currency))
    if rest:
        raise ValueError(f"{units} of Stripe's units are no amount in {currency}")
    return amount_minor


def _rescaled(amount: int, exponent: int, wanted: int) -> tuple[int, int]:
    """The amount with another exponent, and what is lost by it."""
    up: int = 10 ** max(wanted - exponent, 0)
    down: int = 10 ** max(exponent - wanted, 0)
    return divmod(amount * up, down)


def _exponent(currency: str) -> int:
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise InvalidCurrency("currency", "stripe does not take it") from None
