"""Times as WeChat Pay writes them: those of Beijing, which has known no summer time since 1991."""

from datetime import UTC, date, datetime, timedelta, timezone

from gateways.rfc3339 import moment

_BEIJING = timezone(timedelta(hours=8))
_V2_FORMAT = "%Y%m%d%H%M%S"


def v2_time(at: datetime) -> str:
    """Such as `20091227091010`."""
    return at.astimezone(_BEIJING).strftime(_V2_FORMAT)


def v3_time(at: datetime) -> str:
    """Such as `2018-06-08T10:34:56+08:00`."""
    return at.astimezone(_BEIJING).isoformat(timespec="seconds")


def beijing_day(at: datetime) -> date:
    """The day that it is in Beijing then."""
    return at.astimezone(_BEIJING).date()


def from_v2(text: str | None) -> datetime | None:
    """In UTC. None for what is no such time: no payment is lost for want of its hour."""
    try:
        return datetime.strptime(text or "", _V2_FORMAT).replace(tzinfo=_BEIJING).astimezone(UTC)
    except ValueError:
        return None


def from_v3(text: str | None) -> datetime | None:
    """In UTC. None for what is no such time."""
    try:
        return moment(text or "")
    except ValueError:
        return None
