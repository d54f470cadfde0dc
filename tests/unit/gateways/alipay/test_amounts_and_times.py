"""Alipay counts yuan as text and lives at GMT+8."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as some

from gateways.alipay.amounts import from_alipay, to_alipay
from gateways.alipay.times import from_alipay as time_from_alipay
from gateways.alipay.times import to_alipay as time_to_alipay
from server.domain.errors import InvalidAmount, InvalidCurrency
from server.domain.money import Money

MOST_MINOR = 100_000_000_00


@given(some.integers(1, MOST_MINOR))
def test_an_amount_goes_there_and_back(amount_minor: int) -> None:
    """Exactly, with two decimals."""
    text = to_alipay(Money(amount_minor, "CNY"))
    assert from_alipay(text) == amount_minor
    assert text[-3] == "."


@pytest.mark.parametrize("amount_minor", [0, -1, MOST_MINOR + 1, 2**63])
def test_an_amount_that_alipay_does_not_take_is_refused(amount_minor: int) -> None:
    """From one fen to a hundred million yuan."""
    with pytest.raises(InvalidAmount):
        to_alipay(Money(amount_minor, "CNY"))


@pytest.mark.parametrize("currency", ["USD", "JPY", "HKD"])
def test_a_currency_that_alipay_does_not_take_is_refused(currency: str) -> None:
    """Yuan alone."""
    with pytest.raises(InvalidCurrency):
        to_alipay(Money(100, currency))


@pytest.mark.parametrize("text", ["100", "100.0", "100.00"])
def test_alipay_may_leave_out_decimals(text: str) -> None:
    """They are nothing then."""
    assert from_alipay(text) == 10000


@pytest.mark.parametrize(
    "text",
    [
        "-1", "0", "0.00", "1e2", "１００", "NaN", "Infinity", "+1", " 1", "1 ", "1,000.00", "1.005", "01.00", ".5", "1.", "",
        "100000000.01", "9223372036854775808", "٣", "1\n", None, 1, 1.0,
    ],
)  # fmt: skip
def test_an_amount_is_read_strictly(text: object) -> None:
    """Whatever is not plain digits of a positive amount is no amount."""
    with pytest.raises(ValueError, match="amount"):
        from_alipay(text)


def test_a_sum_may_be_nothing() -> None:
    """What is left of what was frozen, say."""
    assert from_alipay("0.00", least_minor=0) == 0


def test_a_time_is_beijings() -> None:
    """Eight hours before UTC's noon is evening there."""
    noon = datetime(2024, 1, 1, 12, 0, 0, 999_999, tzinfo=UTC)
    assert time_to_alipay(noon) == "2024-01-01 20:00:00"
    assert time_from_alipay("2024-01-01 20:00:00") == noon.replace(microsecond=0)


@pytest.mark.parametrize(
    "text", ["2024-01-01T20:00:00", "2024-01-01", "2024-13-01 20:00:00", "２024-01-01 20:00:00", "", None, 7]
)
def test_a_time_is_read_strictly(text: object) -> None:
    """Alipay has one form for it."""
    with pytest.raises(ValueError):  # noqa: PT011 - whatever the reason
        time_from_alipay(text)
