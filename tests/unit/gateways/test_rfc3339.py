"""A gateway's time is read as what it says, or not at all."""

from datetime import UTC, datetime

import pytest

from gateways.rfc3339 import moment


@pytest.mark.parametrize(
    "text",
    ["2018-06-08T10:34:56+08:00", "2018-06-08T02:34:56Z", "2018-06-07T22:34:56-04:00", "2018-06-08T02:34:56.000Z"],
)
def test_a_moment_is_the_same_in_every_zone(text: str) -> None:
    """WeChat Pay writes Beijing's, PayPal that of Greenwich."""
    assert moment(text) == datetime(2018, 6, 8, 2, 34, 56, tzinfo=UTC)
    assert moment(text).tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "now",
            "2018-06-08",
            "2018-06-08T10:34:56",
            "20180608T103456Z",
            "2018-W23-5T10:34:56Z",
            "2018-06-08 10:34:56Z",
        ),
        *("2018-13-08T10:34:56Z", "2018-06-08T25:34:56Z", "0001-01-01T00:00:00+08:00", "２018-06-08T10:34:56Z"),
    ],
)
def test_what_is_no_such_time_is_refused(text: str) -> None:
    """Python alone would read some of them, and end otherwise at others."""
    with pytest.raises(ValueError, match="not a time"):
        moment(text)
