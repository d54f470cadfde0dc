"""Amounts as Stripe counts and shows them."""

import pytest

from sandbox.stripe.currencies import check_amount, formatted, smallest_units
from sandbox.stripe.errors import InvalidParameter
from sandbox.stripe.records.balance_transaction import processing_fee


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (1000, "usd", "$10.00"),
        (5, "usd", "$0.05"),
        (1000, "jpy", "¥1,000"),
        (12340, "kwd", "12.340 KWD"),
        (99, "sek", "0.99 SEK"),
    ],
)
def test_an_amount_is_shown_in_its_currency(amount: int, currency: str, shown: str) -> None:
    """The exponent is Stripe's, a symbol stands in front where there is one."""
    assert formatted(amount, currency) == shown


@pytest.mark.parametrize(
    ("decimal", "currency", "amount"),
    [("12.5", "usd", 1250), ("12", "usd", 1200), ("0.01", "usd", 1), ("12", "jpy", 12), ("1.23", "kwd", 1230)],
)
def test_a_decimal_counts_smallest_units(decimal: str, currency: str, amount: int) -> None:
    """Missing decimals are zeros."""
    assert smallest_units(decimal, currency) == amount


@pytest.mark.parametrize(
    ("decimal", "currency"), [("1.234", "usd"), ("1.5", "jpy"), ("-1", "usd"), ("1e3", "usd"), ("", "usd")]
)
def test_what_is_no_decimal_of_its_currency_is_refused(decimal: str, currency: str) -> None:
    """Too many decimals, signs, exponents, nothing."""
    with pytest.raises(ValueError, match=decimal or "^$"):
        smallest_units(decimal, currency)


@pytest.mark.parametrize(
    ("amount", "currency", "code"),
    [
        (0, "usd", "parameter_invalid_integer"),
        (49, "usd", "amount_too_small"),
        (29, "gbp", "amount_too_small"),
        (100_000_000, "usd", "amount_too_large"),
        (1_000_000_000_000, "idr", "amount_too_large"),
        (1001, "kwd", "invalid_charge_amount"),
        (150, "ugx", "invalid_charge_amount"),
    ],
)
def test_an_amount_out_of_bounds_is_refused(amount: int, currency: str, code: str) -> None:
    """Each bound has its code."""
    with pytest.raises(InvalidParameter) as caught:
        check_amount(amount, currency)
    assert caught.value.code == code


@pytest.mark.parametrize(("amount", "fee"), [(10_000, 320), (1500, 74), (50, 31), (17, 30), (18, 31)])
def test_the_fee_is_rounded_half_up(amount: int, fee: int) -> None:
    """2.9 % and 30."""
    assert processing_fee(amount) == fee
