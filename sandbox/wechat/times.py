"""Times as WeChat Pay writes them: always Beijing's."""

from datetime import datetime, timedelta, timezone

BEIJING = timezone(timedelta(hours=8))


def rfc3339(at: float) -> str:
    """`2018-06-08T10:34:56+08:00`, as in API v3."""
    return datetime.fromtimestamp(int(at), BEIJING).isoformat()


def second(at: float) -> str:
    """`20091225091010`, as in API v2."""
    return datetime.fromtimestamp(at, BEIJING).strftime("%Y%m%d%H%M%S")


def day(at: float) -> str:
    return datetime.fromtimestamp(at, BEIJING).strftime("%Y%m%d")


def spaced(at: float) -> str:
    """`2016-07-25 15:26:26`, as API v2 writes the times of refunds."""
    return datetime.fromtimestamp(at, BEIJING).strftime("%Y-%m-%d %H:%M:%S")


def from_rfc3339(text: str) -> float:
    """Raises `ValueError`; so it does for a time without an offset."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None or "T" not in text:
        raise ValueError(text)
    return moment.timestamp()


def from_second(text: str) -> float:
    """Raises `ValueError`."""
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=BEIJING).timestamp()
