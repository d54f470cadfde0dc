"""Time, as something that is handed in."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The present in UTC, aware, with full precision; resources keep its whole seconds."""
        ...


def whole_seconds(moment: datetime) -> datetime:
    """The moment without its fraction: what resources show, so that filters and answers agree in every face."""
    return moment.replace(microsecond=0)
