"""Times as Alipay writes them: `yyyy-MM-dd HH:mm:ss` at GMT+8."""

import re
from datetime import UTC, datetime, timedelta, timezone

_ZONE = timezone(timedelta(hours=8))
_FORM = re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2}")
_TIMEOUT = re.compile(r"([1-9]\d{0,4})([mhd])")
_UNIT_SECONDS = {"m": 60, "h": 3600, "d": 86400}
LONGEST_TIMEOUT_SECONDS = 15 * 86400
"""Of a trade, and what it has when nothing is said. Source: alipay.trade.page.pay, `timeout_express`."""


def written(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone(_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def read(text: str) -> int:
    """Seconds since 1970. Raises `ValueError` for any other form."""
    if _FORM.fullmatch(text) is None:
        raise ValueError(text)
    return int(datetime.fromisoformat(text).replace(tzinfo=_ZONE).timestamp())


def deadline(timeout_express: str, now: int) -> int:
    """When a relative timeout (`90m`, `2h`, `15d`, `1c` for the end of the day) ends. Raises `ValueError`."""
    if timeout_express == "1c":
        tomorrow = datetime.fromtimestamp(now, _ZONE) + timedelta(days=1)
        return int(tomorrow.replace(hour=0, minute=0, second=0).timestamp())
    match = _TIMEOUT.fullmatch(timeout_express)
    if match is None:
        raise ValueError(timeout_express)
    seconds = int(match[1]) * _UNIT_SECONDS[match[2]]
    if seconds > LONGEST_TIMEOUT_SECONDS:
        raise ValueError(timeout_express)
    return now + seconds
