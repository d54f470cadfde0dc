"""Alipay's amounts, times and deadlines."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.alipay.money import MOST_FEN, fen_of, yuan
from sandbox.alipay.times import LONGEST_TIMEOUT_SECONDS, deadline, read, written

NOON = 1_700_020_800
"""2023-11-15 12:00:00 in Beijing."""


@given(st.integers(1, MOST_FEN))
def test_an_amount_is_read_as_it_was_written(fen: int) -> None:
    """Every amount that Alipay takes."""
    assert fen_of(yuan(fen)) == fen


@pytest.mark.parametrize(("text", "fen"), [("1", 100), ("1.5", 150), ("0.01", 1), ("100000000", 10_000_000_000)])
def test_an_amount_needs_no_decimals(text: str, fen: int) -> None:
    """None, one or two of them."""
    assert fen_of(text) == fen


@pytest.mark.parametrize("text", ["", "0", "0.00", "00.01", "01.00", ".5", "1.", "1.001", "-1", "+1", "1e3", "１"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    """Nothing is rounded and nothing is guessed."""
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        fen_of(text)


@given(st.integers(0, 4_000_000_000))
def test_a_time_is_read_as_it_was_written(seconds: int) -> None:
    """To the second, whatever the machine's zone."""
    assert read(written(seconds)) == seconds


def test_times_are_beijings() -> None:
    """Eight hours ahead of Greenwich."""
    assert written(0) == "1970-01-01 08:00:00"
    assert written(NOON) == "2023-11-15 12:00:00"


@pytest.mark.parametrize(
    ("words", "seconds"), [("1m", 60), ("90m", 5400), ("2h", 7200), ("15d", LONGEST_TIMEOUT_SECONDS), ("1c", 43_200)]
)
def test_a_timeout_runs_from_now(words: str, seconds: int) -> None:
    """`1c` is the end of the day in Beijing."""
    assert deadline(words, NOON) == NOON + seconds


@pytest.mark.parametrize("words", ["", "0m", "1.5h", "16d", "361h", "2c", "1s", "-1m", "1M", "１m"])
def test_what_is_no_timeout_is_refused(words: str) -> None:
    """Between a minute and fifteen days."""
    with pytest.raises(ValueError, match=f"^{re.escape(words)}$"):
        deadline(words, NOON)
