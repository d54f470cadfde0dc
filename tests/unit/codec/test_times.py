"""Both dialects' times: what is written, what is read and what is not."""

from zoneinfo import ZoneInfo

import pytest

from codec.times import LocalTimes, Moment, Rfc3339Times

V1 = Rfc3339Times()
MALL = LocalTimes(ZoneInfo("Asia/Shanghai"))


def test_v1_writes_rfc_3339_in_utc() -> None:
    """Whole seconds, `Z`, as documented."""
    assert V1.write(1705312890) == "2024-01-15T10:01:30Z"


def test_the_mall_writes_local_time() -> None:
    """The same moment on the clock of the configured zone."""
    assert MALL.write(1705312890) == "2024-01-15 18:01:30"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-01-15T10:01:30Z", Moment(1705312890)),
        ("2024-01-15t10:01:30z", Moment(1705312890)),
        ("2024-01-15T18:01:30+08:00", Moment(1705312890)),
        ("2024-01-15T05:01:30.25-05:00", Moment(1705312890, 250_000_000)),
        ("2024-01-15T10:01:30.123456789Z", Moment(1705312890, 123_456_789)),
        ("1969-12-31T23:59:59.5Z", Moment(-1, 500_000_000)),
    ],
)
def test_v1_reads_rfc_3339(text: str, moment: Moment) -> None:
    """Any offset and up to nine decimals."""
    assert V1.read(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024-01-15",
        "2024-01-15T10:01:30",
        "2024-01-15 10:01:30Z",
        "2024-02-30T10:01:30Z",
        "2024-01-15T24:00:00Z",
        "2024-01-15T10:01:60Z",
        "2024-01-15T10:01:30+24:00",
        "2024-01-15T10:01:30.1234567890Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+08:00",
        "9999-12-31T23:59:59-01:00",
        "２０２４-01-15T10:01:30Z",
        "2024-01-15T10:01:30Z\n",
        "1705312890",
    ],
)
def test_v1_reads_nothing_else(text: str) -> None:
    """What the calendar, the form or protobuf's range does not have is no time."""
    assert V1.read(text) is None


def test_the_mall_reads_local_time() -> None:
    """A time without an offset is the configured zone's."""
    assert MALL.read("2024-01-15 18:01:30") == Moment(1705312890)


@pytest.mark.parametrize(
    "text", ["2024-01-15T18:01:30Z", "2024-01-15 18:01", "2024-13-15 18:01:30", "0001-01-01 00:00:00"]
)
def test_the_mall_reads_nothing_else(text: str) -> None:
    """v1's form is not the mall's."""
    assert MALL.read(text) is None
