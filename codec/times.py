"""How a moment is written: RFC 3339 in UTC in v1, the mall's local `YYYY-MM-DD HH:MM:SS`."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Protocol

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)
# The years 1 to 9999, all that `google.protobuf.Timestamp` may hold.
_FIRST_SECOND: Final = -62_135_596_800
_LAST_SECOND: Final = 253_402_300_799
_RFC3339: Final = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_LOCAL: Final = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ([0-9]{2}:[0-9]{2}:[0-9]{2})")


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time as `google.protobuf.Timestamp` counts it: seconds since 1970 in UTC, nanoseconds from 0."""

    seconds: int
    nanos: int = 0


class Times(Protocol):
    """One dialect's writing of times."""

    @property
    def form(self) -> str:
        """What error messages ask for."""

    def write(self, seconds: int) -> str: ...

    def read(self, text: str) -> Moment | None:
        """None when the text is no time of this form."""


class Rfc3339Times:
    """`2024-01-15T10:01:30Z`. Any offset and up to nine decimals are read; whole seconds in UTC are written."""

    form: Final = "a time such as 2024-01-15T10:01:30Z"

    def write(self, seconds: int) -> str:
        return datetime.fromtimestamp(seconds, UTC).isoformat()[:19] + "Z"

    def read(self, text: str) -> Moment | None:
        match = _RFC3339.fullmatch(text)
        if match is None:
            return None
        day, clock, fraction, offset = match.groups()
        seconds = _seconds(f"{day}T{clock}{'+00:00' if offset in 'Zz' else offset}")
        return None if seconds is None else Moment(seconds, int((fraction or "").ljust(9, "0")))


class LocalTimes:
    """`2024-01-15 18:01:30` in one time zone. A time that a change of clocks repeats is its first one."""

    form: Final = "a time such as 2024-01-15 18:01:30"

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone

    def write(self, seconds: int) -> str:
        return datetime.fromtimestamp(seconds, self._zone).isoformat(" ")[:19]

    def read(self, text: str) -> Moment | None:
        if _LOCAL.fullmatch(text) is None:
            return None
        seconds = _seconds(text, self._zone)
        return None if seconds is None else Moment(seconds)


def _seconds(text: str, zone: tzinfo | None = None) -> int | None:
    """None for what the calendar, or a timestamp's range, does not have."""
    try:
        read = datetime.fromisoformat(text)
        seconds = ((read if zone is None else read.replace(tzinfo=zone)) - _EPOCH) // _SECOND
    except (ValueError, OverflowError):
        return None
    return seconds if _FIRST_SECOND <= seconds <= _LAST_SECOND else None
