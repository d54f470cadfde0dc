"""What a charge moved on Stripe's balance, as far as it can be said in the charge's currency."""

from datetime import date

import pytest

from gateways.stripe.replies import Movement

SHOWN: dict[str, object] = {"id": "txn_1", "currency": "usd", "fee": 203, "available_on": 1767398400}


def test_fee_and_day_are_read() -> None:
    """The fee in our minor units; the day in UTC."""
    assert Movement.of(SHOWN, "USD") == Movement(203, date(2026, 1, 3))


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {**SHOWN, "currency": "eur"},
        {**SHOWN, "fee": None},
        {**SHOWN, "fee": True},
        {**SHOWN, "available_on": "soon"},
        {**SHOWN, "available_on": 10**20},
    ],
)
def test_what_does_not_say_so_is_no_movement(fields: dict[str, object]) -> None:
    """Not there yet, kept in another currency, or not of its form: the payment is read all the same."""
    assert Movement.of(fields, "USD") is None


def test_a_fee_that_the_currency_cannot_express_is_none() -> None:
    """Stripe counts krónur in hundredths, ISO 4217 does not."""
    assert Movement.of({**SHOWN, "currency": "isk", "fee": 3510}, "ISK") is None
    assert Movement.of({**SHOWN, "currency": "isk", "fee": 3500}, "ISK") == Movement(35, date(2026, 1, 3))
