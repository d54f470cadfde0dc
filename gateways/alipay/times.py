"""Times as Alipay writes them: `yyyy-MM-dd HH:mm:ss` at GMT+8, wherever the reader is."""

import re
from datetime import UTC, datetime, timedelta, timezone

# Mainland China has no daylight saving: Asia/Shanghai is GMT+8 for every time that Alipay can speak of.
_ZONE = timezone(timedelta(hours=8))
_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)


def to_alipay(moment: datetime) -> str:
    """An aware moment as Alipay writes it; a fraction of a second is left out."""
    return moment.astimezone(_ZONE).strftime("%Y-%m-%d %H:%M:%S")


def from_alipay(text: object) -> datetime:
    """A time of Alipay's in UTC. Raises ValueError for any other form."""
    if not isinstance(text, str) or _FORM.fullmatch(text) is None:
        raise ValueError("not a time of Alipay's")
    return datetime.fromisoformat(text).replace(tzinfo=_ZONE).astimezone(UTC)
