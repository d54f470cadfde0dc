"""Time and ids that tests hold in their hands."""

from datetime import datetime, timedelta
from uuid import UUID

from tests.builders import NOON, an_id

# What a test names itself has lower numbers.
_FIRST = 100_000


class StoppedClock:
    """Noon, until a test moves it."""

    def __init__(self) -> None:
        self._now = NOON

    def now(self) -> datetime:
        return self._now

    def move(self, time: timedelta) -> None:
        self._now += time

    def move_to(self, moment: datetime) -> None:
        """Forward; a moment that has passed changes nothing."""
        self._now = max(self._now, moment)


class CountedIds:
    """The same ids in every run, each later than the ones before."""

    def __init__(self) -> None:
        self._last = _FIRST

    def new(self) -> UUID:
        self._last += 1
        return an_id(self._last)
