"""Times as PayPal writes them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_PACIFIC = ZoneInfo("America/Los_Angeles")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def timestamp(at: float) -> str:
    """Such as `2018-04-01T21:18:49Z`; `at` is in seconds since 1970."""
    return datetime.fromtimestamp(int(at), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def ipn_date(at: float) -> str:
    """Such as `20:12:59 Jan 13, 2009 PST`. Source: "IPN and PDT variables", `payment_date`."""
    local = datetime.fromtimestamp(int(at), _PACIFIC)
    return f"{local:%H:%M:%S} {_MONTHS[local.month - 1]} {local:%d, %Y} {local.tzname()}"
