"""Amounts at the simulated PayPal: text and smallest unit say the same, and the fee fits into both."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.paypal.errors import Unprocessable
from sandbox.paypal.money import CURRENCIES, checked_amount, decimal_text, fee, minor_units

WITHOUT_DECIMALS = ("HUF", "JPY", "TWD")


@st.composite
def amounts(draw: st.DrawFn) -> tuple[str, str]:
    """A value that PayPal accepts, with its currency."""
    currency = draw(st.sampled_from(sorted(CURRENCIES)))
    places = 0 if currency in WITHOUT_DECIMALS else draw(st.integers(0, 2))
    return str(draw(st.decimals(1, 10**9, places=places))), currency


@given(amounts())
def test_an_amount_is_shown_as_it_was_given(amount: tuple[str, str]) -> None:
    """The same number, with all decimals that the currency has at PayPal."""
    value, currency = amount
    shown = decimal_text(minor_units(value, currency), currency)
    assert Decimal(shown) == Decimal(value)
    assert len(shown.partition(".")[2]) == (0 if currency in WITHOUT_DECIMALS else 2)
    assert checked_amount({"currency_code": currency, "value": shown}, "/amount") == (
        currency,
        minor_units(value, currency),
    )


@given(amounts())
def test_a_fee_is_part_of_the_amount_and_has_its_decimals(amount: tuple[str, str]) -> None:
    """Never more than the payment, so that nothing is left owing; never a fraction that the currency does not have."""
    value, currency = amount
    paid = minor_units(value, currency)
    taken = fee(paid, currency)
    assert 0 < taken <= paid
    assert minor_units(decimal_text(taken, currency), currency) == taken


@given(amounts(), st.integers(1, 9))
def test_a_decimal_too_many_is_refused(amount: tuple[str, str], digit: int) -> None:
    """Not rounded: nobody pays what he was not asked for."""
    value, currency = amount
    places = 0 if currency in WITHOUT_DECIMALS else 2
    whole, _, fraction = value.partition(".")
    finer = f"{whole}.{fraction.ljust(places, '0')}{digit}"
    with pytest.raises(Unprocessable):
        checked_amount({"currency_code": currency, "value": finer}, "/amount")
    with pytest.raises(ValueError, match=finer):
        minor_units(finer, currency)
