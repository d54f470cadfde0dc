"""PayPal's amounts and ours are the same money."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateways.paypal.amounts import EXPONENTS, from_paypal, to_paypal
from server.domain.currencies import EXPONENTS as ISO_EXPONENTS
from server.domain.errors import InvalidAmount, InvalidCurrency
from server.domain.money import MAX_MAJOR_UNITS, Money


@pytest.mark.parametrize(
    ("money", "value"),
    [
        (Money(5949, "USD"), "59.49"),
        (Money(5, "EUR"), "0.05"),
        (Money(500, "JPY"), "500"),
        (Money(120000, "HUF"), "1200"),
        (Money(8800, "TWD"), "88"),
    ],
)
def test_amounts_are_written_as_paypal_writes_them(money: Money, value: str) -> None:
    """HUF, JPY and TWD have no decimals at PayPal, whatever ISO 4217 says."""
    assert to_paypal(money) == value
    assert from_paypal(value, money.currency) == money.amount_minor


@pytest.mark.parametrize("currency", ["HUF", "TWD"])
def test_decimals_that_paypal_does_not_take_are_refused(currency: str) -> None:
    """Nothing is rounded."""
    with pytest.raises(InvalidAmount):
        to_paypal(Money(120050, currency))


@pytest.mark.parametrize("currency", ["KWD", "KRW", "XXX"])
def test_a_currency_that_paypal_does_not_take_is_refused(currency: str) -> None:
    """The list is PayPal's."""
    with pytest.raises(InvalidCurrency):
        to_paypal(Money(1000, currency))


@given(some.sampled_from(sorted(EXPONENTS)), some.integers(1, MAX_MAJOR_UNITS))
def test_an_amount_that_can_be_sent_comes_back_the_same(currency: str, units: int) -> None:
    """For every currency, from the smallest amount to the largest."""
    up: int = 10 ** (ISO_EXPONENTS[currency] - EXPONENTS[currency])
    assert from_paypal(to_paypal(Money(units * up, currency)), currency) == units * up


@pytest.mark.parametrize("value", ["", "-1.00", "1,00", "1e2", "１００", "NaN", " 1", "1.", ".5", "59.499"])
def test_what_is_no_amount_is_not_read(value: str) -> None:
    """Not even nearly."""
    with pytest.raises(ValueError, match=r"PayPal|decimals"):
        from_paypal(value, "USD")


@pytest.mark.parametrize(("value", "currency", "minor"), [("500.00", "JPY", 500), ("59.4900", "USD", 5949)])
def test_noughts_after_the_last_decimal_are_no_decimals(value: str, currency: str, minor: int) -> None:
    """PayPal may write more of them than we do."""
    assert from_paypal(value, currency) == minor
