"""Stripe counts most currencies as ISO 4217 does, and some otherwise."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateways.stripe.amounts import EXPONENTS, from_stripe, to_stripe
from sandbox.stripe.currencies import check_amount, checked_currency
from server.domain.currencies import EXPONENTS as ISO_EXPONENTS
from server.domain.errors import InvalidAmount, InvalidCurrency
from server.domain.money import Money


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("59.49", "USD", 5949),
        ("500", "JPY", 500),
        ("5", "ISK", 500),
        ("5000", "UGX", 500000),
        ("12", "MGA", 12),
        ("1.230", "KWD", 1230),
        ("100.50", "HUF", 10050),
        ("100.50", "TWD", 10050),
        ("800.00", "TWD", 80000),
    ],
)
def test_an_amount_in_stripes_unit(amount: str, currency: str, units: int) -> None:
    """ISK and UGX have two decimals at Stripe and none in ISO 4217, MGA none and two."""
    money = Money.parse(amount, currency)
    assert to_stripe(money) == units
    assert from_stripe(units, currency) == money.amount_minor


@pytest.mark.parametrize(
    ("amount", "currency"), [("12.50", "MGA"), ("0.01", "MGA"), ("1.234", "KWD"), ("0.001", "BHD")]
)
def test_an_amount_that_stripe_cannot_express(amount: str, currency: str) -> None:
    """It is refused before anything is sent, and nothing is rounded."""
    with pytest.raises(InvalidAmount) as refused:
        to_stripe(Money.parse(amount, currency))
    assert refused.value.field == "amount"
    assert amount not in refused.value.message


def test_a_currency_that_stripe_does_not_take() -> None:
    """Iranian rials are money to ISO 4217 and not to Stripe."""
    with pytest.raises(InvalidCurrency):
        to_stripe(Money.parse("100", "IRR"))


def test_an_amount_that_ours_cannot_express_is_no_amount() -> None:
    """Half a króna is nothing that we could have asked for."""
    with pytest.raises(ValueError, match="ISK"):
        from_stripe(550, "ISK")


def test_every_currency_is_one_of_iso_4217() -> None:
    """What Stripe counts and we cannot write is not offered."""
    assert set(EXPONENTS) <= set(ISO_EXPONENTS)


@given(some.sampled_from(sorted(EXPONENTS)), some.integers(min_value=1, max_value=10**15 - 1))
def test_there_and_back_is_the_same_amount(currency: str, amount_minor: int) -> None:
    """An amount is refused or comes back exactly."""
    try:
        units = to_stripe(Money(amount_minor, currency))
    except InvalidAmount:
        return
    assert from_stripe(units, currency) == amount_minor


@pytest.mark.parametrize("currency", sorted(EXPONENTS))
def test_the_simulated_stripe_takes_every_currency(currency: str) -> None:
    """An amount that we can express has the form that Stripe asks for."""
    units = to_stripe(Money(20_000 * 10 ** ISO_EXPONENTS[currency], currency))
    check_amount(units, checked_currency(currency))
