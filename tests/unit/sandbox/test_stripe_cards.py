"""Card numbers and the catalogue of published test cards."""

import pytest

from sandbox.stripe.cards.catalogue import BY_NUMBER, CARDS, card_named
from sandbox.stripe.cards.declines import DECLINES
from sandbox.stripe.cards.number import bare_number, brand_of, cvc_fits


@pytest.mark.parametrize("number", sorted(BY_NUMBER))
def test_every_published_number_is_well_formed(number: str) -> None:
    """Its check digit is right and its brand is known."""
    assert bare_number(number) == number
    assert brand_of(number) != "unknown"


def test_every_decline_of_the_catalogue_is_described() -> None:
    """A card names only declines that exist."""
    named = {card.behaviour.decline for card in CARDS.values()}
    named |= {card.behaviour.decline_after_challenge for card in CARDS.values()}
    assert named - {None} <= set(DECLINES)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4242 4242-4242 4242", "4242424242424242"),
        ("4242424242424241", None),
        ("４２４２４２４２４２４２４２４２", None),
        ("42424242424", None),
        ("0" * 20, None),
        ("", None),
    ],
)
def test_a_number_needs_its_check_digit(text: str, number: str | None) -> None:
    """Spaces and hyphens are dropped; wrong digits, lengths and scripts are no card."""
    assert bare_number(text) == number


@pytest.mark.parametrize(
    ("cvc", "brand", "fits"),
    [
        ("123", "visa", True),
        ("1234", "visa", False),
        ("1234", "amex", True),
        ("12", "amex", False),
        ("12x", "visa", False),
    ],
)
def test_a_security_code_has_the_length_of_its_brand(cvc: str, brand: str, fits: bool) -> None:
    """Three digits, or four for American Express."""
    assert cvc_fits(cvc, brand) is fits


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("visa", "4242424242424242"),
        ("visa_chargeDeclined", "4000000000000002"),
        ("chargeDeclined", "4000000000000002"),
        ("chargeDeclinedExpiredCard", "4000000000000069"),
        ("visa_chargeDeclinedFraudulent", "4100000000000019"),
        ("de", "4000002760000016"),
    ],
)
def test_a_test_token_is_known_by_its_spellings(name: str, number: str) -> None:
    """What follows `tok_` and `pm_card_`, today's and yesterday's names."""
    card = card_named(name)
    assert card is not None
    assert card.number == number


def test_an_invented_token_is_unknown() -> None:
    """No card hides behind another name."""
    assert card_named("visa_gold") is None
