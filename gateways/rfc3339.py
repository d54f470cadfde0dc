"""Moments in RFC 3339, as WeChat Pay and PayPal write them."""

import re
from datetime import UTC, datetime

# What Python reads beyond that, such as weeks and times without marks, is somebody's mistake.
_FORM = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})", re.ASCII)


def moment(text: str) -> datetime:
    """The moment, in UTC. Raises ValueError for what is none, or is none that a calendar has."""
    if _FORM.fullmatch(text) is None:
        raise ValueError("not a time with its offset")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("not a time that a calendar has") from None
