"""Money is exact from end to end: what goes in as a decimal comes out as the same decimal, and nothing else goes in."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain.currencies import EXPONENTS
from server.domain.errors import InvalidAmount, InvalidCurrency, ValidationError
from server.domain.money import COMMON_EXPONENT, MAX_MAJOR_UNITS, Money, parse_common_units

CURRENCIES = st.sampled_from(sorted(EXPONENTS))


@st.composite
def amounts(draw: st.DrawFn) -> Money:
    currency = draw(CURRENCIES)
    return Money(draw(st.integers(1, MAX_MAJOR_UNITS * 10 ** EXPONENTS[currency])), currency)


@given(amounts())
def test_an_amount_reads_back_as_it_was_written(money: Money) -> None:
    """Whatever the currency's exponent, writing and reading an amount changes nothing."""
    assert Money.parse(str(money), money.currency) == money


@given(amounts())
def test_an_amount_is_written_with_exactly_its_exponent(money: Money) -> None:
    """`59.49`, `100`, `1.230`: never more decimals than the currency has, never fewer."""
    _, _, decimals = str(money).partition(".")
    assert len(decimals) == EXPONENTS[money.currency]


@given(amounts(), st.integers(0, 4))
def test_fewer_decimals_are_accepted(money: Money, dropped: int) -> None:
    """Zeros at the end may be left out, and the point with them."""
    text = str(money)
    for _ in range(min(dropped, EXPONENTS[money.currency])):
        text = text.removesuffix("0")
    assert Money.parse(text.removesuffix("."), money.currency) == money


@pytest.mark.parametrize(
    ("text", "currency", "amount_minor"),
    [
        ("59.49", "USD", 5949),
        ("59.5", "USD", 5950),
        ("59", "USD", 5900),
        ("0.01", "USD", 1),
        ("100", "JPY", 100),
        ("1.230", "KWD", 1230),
        ("0.0001", "CLF", 1),
        ("999999999999", "USD", 99_999_999_999_900),
    ],
)
def test_the_documented_amounts_are_accepted(text: str, currency: str, amount_minor: int) -> None:
    """Minor units follow from the currency alone."""
    assert Money.parse(text, currency) == Money(amount_minor, currency)


REFUSED = [
    "",
    " ",
    "-1",
    "+1",
    "0",
    "0.00",
    "1e2",
    "1E2",
    "NaN",
    "Infinity",
    "１００",
    "١٢",
    "1_000",
    "1,000.00",
    "0x10",
    ".5",
    "5.",
    "1.2.3",
    " 1",
    "1 ",
    "1\n",
    "1\x00",
    "59.490",
    "0.001",
    "999999999999.01",
    "1000000000000",
    str(2**63),
    "9" * 400,
]


@pytest.mark.parametrize("text", REFUSED)
def test_anything_but_a_plain_positive_decimal_is_refused(text: str) -> None:
    """Signs, zero, exponents, words, other digits, blanks, too many decimals, too much: INVALID_AMOUNT, naming the field and not the value."""
    with pytest.raises(InvalidAmount) as refused:
        Money.parse(text, "USD", "total")
    assert refused.value.field == "total"


@pytest.mark.parametrize(
    ("text", "currency"), [("100.0", "JPY"), ("100.5", "JPY"), ("1.2345", "KWD"), ("1.00001", "CLF")]
)
def test_more_decimals_than_the_currency_has_are_refused(text: str, currency: str) -> None:
    """Even zeros: `100.0` is no amount of yen."""
    with pytest.raises(InvalidAmount):
        Money.parse(text, currency)


# Mostly what amounts are made of, as hardly any other text is one.
_NEARLY_AMOUNTS = st.text(
    st.sampled_from("0123456789.") | st.sampled_from("+-eE_, ٣０½\n\x00") | st.characters(), max_size=20
)
_AMOUNTS = st.from_regex(r"[0-9]{1,14}(\.[0-9]{1,5})?", fullmatch=True)


@given(st.text(max_size=20) | _NEARLY_AMOUNTS | _AMOUNTS, CURRENCIES)
def test_no_text_makes_a_wrong_amount(text: str, currency: str) -> None:
    """Any text is refused or is a positive amount within bounds that reads as the same number."""
    try:
        money = Money.parse(text, currency)
    except InvalidAmount:
        return
    assert 0 < money.amount_minor <= MAX_MAJOR_UNITS * 10 ** EXPONENTS[currency]
    assert text.isascii()
    assert Decimal(str(money)) == Decimal(text)


@pytest.mark.parametrize("currency", ["", "usd", "US", "USDT", "XXX", "XAU", "ＵＳＤ"])
def test_a_currency_outside_iso_4217_is_refused(currency: str) -> None:
    """Codes are upper case and name money."""
    with pytest.raises(InvalidCurrency):
        Money.parse("1", currency)


@pytest.mark.parametrize(("amount_minor", "text"), [(-5949, "-59.49"), (-5, "-0.05"), (0, "0.00")])
def test_a_balance_may_be_negative(amount_minor: int, text: str) -> None:
    """The sign stands in front, and small amounts keep their zeros."""
    assert str(Money(amount_minor, "USD")) == text


@given(amounts(), amounts())
def test_amounts_of_different_currencies_compare_by_their_major_units(one: Money, other: Money) -> None:
    """100 JPY are less than 100.01 USD: filters and sorting know no exchange rates."""
    one_exact = one.amount_minor * 10 ** EXPONENTS[other.currency]
    other_exact = other.amount_minor * 10 ** EXPONENTS[one.currency]
    assert (one.common_units < other.common_units) == (one_exact < other_exact)
    assert one.common_units < 2**63


@given(amounts())
def test_a_bound_equals_the_amount_it_names(money: Money) -> None:
    """A filter's `min_amount` of exactly the amount includes it."""
    assert parse_common_units(str(money), "min_amount") == money.common_units


def test_a_bound_may_be_zero() -> None:
    """`min_amount=0` filters nothing out."""
    assert parse_common_units("0", "min_amount") == 0
    assert parse_common_units("0.0001", "min_amount") == 10 ** (COMMON_EXPONENT - 4)


@pytest.mark.parametrize("text", ["", "-1", "1e2", "１", "1.00001"])
def test_a_bound_that_is_no_decimal_is_a_wrong_filter(text: str) -> None:
    """VALIDATION_ERROR, not INVALID_AMOUNT: it is no amount of a payment."""
    with pytest.raises(ValidationError) as refused:
        parse_common_units(text, "max_amount")
    assert refused.value.field == "max_amount"
