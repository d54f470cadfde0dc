"""Says when something that goes with a database's size is to be done again: soon while it is small, rarely once it is large."""

_FIRST_UNITS = 250
_MOST_UNITS = 50_000


class GrowingRounds:
    """Counts units of work. A round ends after a few of them at first, and each takes twice as many as the one before, up to a limit."""

    def __init__(self) -> None:
        self._round = _FIRST_UNITS
        self._done = 0

    def ended_by(self, units: int) -> bool:
        """Counts so many more; whether they end a round."""
        self._done += units
        if self._done < self._round:
            return False
        self._done, self._round = 0, min(2 * self._round, _MOST_UNITS)
        return True
